import { parseEmailAddress } from '@uma-federation/uma-core';
import type { CallContext, ClientContext } from './call-context.ts';
import { hasUmaChallenge } from './challenge.ts';
import { Deadline } from './deadline.ts';
import { DpopProver } from './dpop-prover.ts';
import { followRedirect } from './follow-redirect.ts';
import { obtainToken } from './obtain-token.ts';
import type { UmaFetchOptions } from './options.ts';
import { readRequest, type OutgoingRequest, type UmaRequestInit } from './outgoing-request.ts';
import { sendWithToken, sendWithoutToken } from './resource-request.ts';
import { TokenStore } from './token-store.ts';
import { traceTo, traceableResponse, type StepNumber, type Trace } from './trace.ts';
import { UmaError } from './uma-error.ts';

/** A `fetch` that gets itself the tokens it needs. */
export type UmaFetch = (input: string | URL | Request, init?: UmaRequestInit) => Promise<Response>;

const MAX_REDIRECTS = 5;

/**
 * Makes a `fetch` for resources that are shared by user-managed access across domains (seed 003; protocol.md 1.9).
 * A 401 with a `UMA` challenge makes it exchange the person's token, redeem the ticket and ask again; the final response is returned.
 * Everything else passes through: other statuses, other challenges, network errors. It fulfils the client duties (i) to (vii):
 * when one is violated it throws an `UmaError` of the category `duty`, and no token goes to the doubtful party.
 * Requests with a token follow redirects themselves: to another origin without any credentials and without a dance there.
 * @param options see `UmaFetchOptions`
 * @returns the fetch, compatible with the global one; a body may also be a function that makes it anew
 * @throws TypeError when `ownerEmail` is no e-mail address
 */
export function createUmaFetch(options: UmaFetchOptions): UmaFetch {
  const client = new UmaClient(options);
  return (input, init) => client.fetch(input, init);
}

class UmaClient {
  readonly #options: UmaFetchOptions;
  readonly #context: ClientContext;
  readonly #ownerUri: string | undefined;
  readonly #tokens: TokenStore;

  constructor(options: UmaFetchOptions) {
    const clock = options.clock ?? { now: () => Math.floor(Date.now() / 1000) };
    const randomness = options.randomness ?? { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
    const dpop = options.dpop ?? true;
    this.#options = options;
    this.#context = {
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      clock,
      randomness,
      trace: traceTo(options.onStep),
      prover: dpop === false ? undefined : new DpopProver(clock, randomness, dpop === true ? undefined : dpop),
      answerLimitBytes: options.answerLimitBytes ?? 64 * 1024,
      metadata: new Map(),
    };
    this.#ownerUri = options.ownerEmail === undefined ? undefined : ownerUriOf(options.ownerEmail);
    this.#tokens = new TokenStore(clock);
  }

  async fetch(input: string | URL | Request, init?: UmaRequestInit): Promise<Response> {
    const request = await readRequest(input, init);
    const deadline = new Deadline(this.#options.deadlineMs ?? 30_000, request.signal);
    let reached: StepNumber = 1;
    const trace: Trace = (step, message) => {
      reached = step;
      this.#context.trace(step, message);
    };
    try {
      return await this.#perform(request, { ...this.#context, trace, signal: deadline.signal }, deadline);
    } catch (error) {
      throw deadline.explain(error, reached);
    } finally {
      deadline.stop();
    }
  }

  async #perform(request: OutgoingRequest, context: CallContext, deadline: Deadline): Promise<Response> {
    let current = request;
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#ask(current, context, deadline);
      const next = redirects < MAX_REDIRECTS ? followRedirect(current, response) : undefined;
      if (next === undefined) return response;
      await response.body?.cancel();
      if (next.url.origin !== current.url.origin) return traced(await sendWithoutToken(next, context), context);
      current = next;
    }
  }

  /** One request, with the token that is there or the one that its challenge leads to. */
  async #ask(request: OutgoingRequest, context: CallContext, deadline: Deadline): Promise<Response> {
    const { method, url } = request;
    const known = this.#tokens.find(method, url);
    if (known === undefined && request.body?.replayable === false) throw new UmaError('body_not_replayable', { step: 1 });
    const response = known === undefined ? await sendWithoutToken(request, context) : await sendWithToken(request, known, context);
    const challenged = challengedRequest(request, response);
    if (challenged === undefined) return known === undefined ? traced(response, context) : response;
    this.#tokens.remove(method, url);
    if (request.body?.replayable === false) {
      await response.body?.cancel();
      throw new UmaError('body_not_replayable', { step: 10, status: 401 });
    }
    const dance = { options: this.#options, known: knownResources(this.#options), ownerUri: this.#ownerUri, context, deadline };
    const token = await obtainToken(response, challenged.url, dance);
    this.#tokens.put(challenged.method, challenged.url, token);
    return sendWithToken(challenged, token, context);
  }
}

function traced(response: Response, { trace }: CallContext): Response {
  trace(10, { response: traceableResponse(response) });
  return response;
}

/**
 * The request that a challenge is for; undefined when there is no `UMA` challenge.
 * Also undefined after a redirect that fetch followed to another origin: only the server that the caller named may start a dance.
 */
function challengedRequest(request: OutgoingRequest, response: Response): OutgoingRequest | undefined {
  if (response.status !== 401 || !hasUmaChallenge(response.headers.get('www-authenticate') ?? '')) return undefined;
  if (!response.redirected) return request;
  const url = new URL(response.url);
  const sameOrigin = url.origin === request.url.origin;
  return sameOrigin && (request.method === 'GET' || request.method === 'HEAD') ? { ...request, url } : undefined;
}

function knownResources({ trustedResourceServers, resourcePrefixes }: UmaFetchOptions) {
  return { trustedResourceServers: trustedResourceServers ?? [], resourcePrefixes: resourcePrefixes ?? [] };
}

/** The owner as URI for `resource` (seed 003 step 5, Decision D7; RFC 6068 2: what cannot stand in an addr-spec is escaped). */
function ownerUriOf(email: string): string {
  const address = parseEmailAddress(email);
  if (address === undefined) throw new TypeError('ownerEmail is not an e-mail address');
  return `mailto:${encodeURIComponent(address.localPart)}@${address.domain}`;
}
