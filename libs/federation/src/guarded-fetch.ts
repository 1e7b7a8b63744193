import { lookup } from 'node:dns/promises';
import { DiscoveryFailure, isLoopbackUrl, type JsonValue } from '@uma-federation/uma-core';
import { isPublicAddress } from './address-rules.ts';
import { withDeadline } from './deadline.ts';
import { ExchangeFault, exchange, jsonOf, type ExchangeAnswer } from './exchange.ts';
import { LoopbackMap, type LoopbackSetting } from './loopback-map.ts';
import { createPinnedClient, type ResolvedAddress } from './pinned-client.ts';
import { privateNetworks } from './private-networks.ts';
import { checkStrangerUrl, type UrlPolicy } from './url-policy.ts';

/** All addresses of a host name, in the order to try them. Called once per hop. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** What is asked for. */
export interface GuardedRequest {
  /** Media types for `Accept`. Whatever it says, an answer is read only when it is JSON. */
  readonly accept: readonly string[];
  /** Redirects that are followed, each under the whole guard; none by default. */
  readonly maxRedirects?: 0 | 1 | 2 | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stranger's answer. */
export interface GuardedResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The URL that answered, as the stranger would spell it: another than the requested one after a redirect. */
  readonly url: string;
  /** Present exactly when the status is 200. */
  readonly json?: JsonValue | undefined;
}

/** The only way to a stranger (security.md section 4 rule 5). Throws DiscoveryFailure. */
export interface GuardedFetch {
  (url: string, request: GuardedRequest): Promise<GuardedResponse>;
  /** The URL policy that it enforces, for early checks of URLs that are asked later. */
  readonly policy: UrlPolicy;
}

/** Settings of the guarded fetch. */
export interface GuardedFetchOptions {
  /** Default: the system's resolver, all addresses. */
  readonly resolve?: ResolveHost | undefined;
  /** TCP ports of https URLs. Default: 443. */
  readonly allowedPorts?: readonly number[] | undefined;
  /** Milliseconds for everything: name resolution, all hops, the last byte. Default: 3000. */
  readonly deadlineMs?: number | undefined;
  /** Default: 65536. */
  readonly maxBodyBytes?: number | undefined;
  /** PEM certificates that replace the built-in roots. */
  readonly certificateAuthorities?: readonly string[] | undefined;
  /** Several domains on this machine; a development setting. */
  readonly loopback?: LoopbackSetting | undefined;
  /** CIDR ranges of private addresses that count as public: several domains on container networks; a development setting. Default: none. */
  readonly privateNetworks?: readonly string[] | undefined;
  /** Tests only: treats addresses as public for which it answers true, so that a test can hold its own TLS server. */
  readonly unsafeAllowAddressForTests?: ((address: string) => boolean) | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Makes the guarded fetch (protocol.md 6.2, 8.2 A36 to A40; security.md M1, M2): URL policy, one resolution, every address public,
 * connection to exactly these addresses under the certificate of the name, no redirects but those asked for, a total deadline,
 * a body limit, JSON only.
 * @returns a function that throws DiscoveryFailure with one of the reasons of `checkStrangerUrl` and `ExchangeFault`, or `dns_failure`,
 *   `address_forbidden`, `redirect_refused`, `redirect_malformed`
 * @throws Error when the loopback setting names anything but loopback, or a private network is none
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const policy: UrlPolicy = { allowedPorts: options.allowedPorts ?? [443], allowLoopback: options.loopback !== undefined };
  const loopbackMap = options.loopback === undefined ? undefined : new LoopbackMap(options.loopback);
  const isInPrivateNetwork = privateNetworks(options.privateNetworks ?? []);
  const isAllowed = (address: string): boolean =>
    isPublicAddress(address) || isInPrivateNetwork(address) || options.unsafeAllowAddressForTests?.(address) === true;
  const ask = async (text: string, accept: readonly string[], signal: AbortSignal): Promise<ExchangeAnswer> => {
    const named = checkStrangerUrl(text, policy);
    const url = loopbackMap?.rewrite(named) ?? named;
    const addresses = await addressesOf(url, policy, options.resolve ?? systemResolve, isAllowed);
    signal.throwIfAborted();
    const client = createPinnedClient(url, addresses, options.certificateAuthorities, options.deadlineMs ?? 3000);
    try {
      const headers = { accept: accept.join(', '), 'user-agent': 'uma-federation' };
      const maxBodyBytes = options.maxBodyBytes ?? 65_536;
      return await exchange(client, { url, method: 'GET', headers, maxBodyBytes, wantsBody: (status) => status === 200 }, signal);
    } finally {
      void client.destroy();
    }
  };
  const guarded = async (text: string, request: GuardedRequest): Promise<GuardedResponse> => {
    try {
      return await withDeadline(options.deadlineMs ?? 3000, request.signal, (signal) =>
        follow(text, request.maxRedirects ?? 0, (url) => ask(url, request.accept, signal)),
      );
    } catch (error) {
      if (error instanceof ExchangeFault) throw new DiscoveryFailure(error.reason, { cause: error.cause });
      throw error;
    }
  };
  return Object.assign(guarded, { policy });
}

async function follow(text: string, maxRedirects: number, ask: (url: string) => Promise<ExchangeAnswer>): Promise<GuardedResponse> {
  const answer = await ask(text);
  if (REDIRECTS.has(answer.status)) {
    if (maxRedirects === 0) throw new DiscoveryFailure('redirect_refused');
    const location = answer.headers['location'];
    if (location === undefined || !URL.canParse(location, text)) throw new DiscoveryFailure('redirect_malformed');
    return follow(new URL(location, text).href, maxRedirects - 1, ask);
  }
  const response = { status: answer.status, headers: answer.headers, url: text };
  if (answer.status !== 200) return response;
  const json = jsonOf(answer);
  if (json === undefined) throw new DiscoveryFailure('content_type');
  return { ...response, json };
}

async function addressesOf(url: URL, policy: UrlPolicy, resolve: ResolveHost, isAllowed: (address: string) => boolean): Promise<readonly ResolvedAddress[]> {
  const isLoopbackHost = policy.allowLoopback && isLoopbackUrl(url);
  if (isLoopbackHost) return [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }];
  const addresses = await resolveHost(url.hostname, resolve);
  // One forbidden address among public ones refuses the host: which of them is used must not be the stranger's choice.
  if (!addresses.every(({ address }) => isAllowed(address))) throw new DiscoveryFailure('address_forbidden');
  return addresses;
}

async function resolveHost(hostname: string, resolve: ResolveHost): Promise<readonly ResolvedAddress[]> {
  try {
    const addresses = await resolve(hostname);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    throw new DiscoveryFailure('dns_failure', { cause });
  }
  throw new DiscoveryFailure('dns_failure');
}

const systemResolve: ResolveHost = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });
