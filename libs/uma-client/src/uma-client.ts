import { parseEmailAddress } from '@uma-federation/uma-core';
import type { Dance } from './authorization-process.ts';
import type { CallContext, ClientContext } from './call-context.ts';
import { hasUmaChallenge } from './challenge.ts';
import { Deadline } from './deadline.ts';
import { obtainToken, resumeSubmitted } from './obtain-token.ts';
import type { UmaFetchOptions } from './options.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { challengedRequest, traced } from './perform-request.ts';
import { MemoryPersistedClaimsStore, type PersistedClaimsStore } from './persisted-claims.ts';
import type { Grant } from './redeem-ticket.ts';
import { refreshToken } from './refresh-token.ts';
import type { GrantedToken } from './requesting-party-token.ts';
import { sendWithToken, sendWithoutToken } from './resource-request.ts';
import { revokeToken, type RevocableToken, type TokenKind } from './revoke-tokens.ts';
import { findResourceOwnerServer } from './server-metadata.ts';
import { TokenStore } from './token-store.ts';
import { UmaError, type SubmittedRequest } from './uma-error.ts';

/** The tokens of one client, and how its requests are answered. */
export class UmaClient {
  readonly #options: UmaFetchOptions;
  readonly #context: ClientContext;
  readonly #ownerUri: string | undefined;
  readonly #persistedClaims: PersistedClaimsStore | undefined;
  readonly #refreshing = new Map<string, Promise<GrantedToken | undefined>>();
  /** Replaced when everything is forgotten: what a call that began before puts into the old one is gone. */
  #tokens: TokenStore;

  /** @throws TypeError as `createUmaFetch` */
  constructor(options: UmaFetchOptions, context: ClientContext) {
    // protocol.md C3 to C5: dialects are never mixed.
    if (options.dialect === 'ticket-challenge' && options.profile === 'oauth') throw new TypeError('The OAuth profile has no ticket challenge');
    this.#options = options;
    this.#context = context;
    this.#ownerUri = options.ownerEmail === undefined ? undefined : ownerUriOf(options.ownerEmail);
    this.#persistedClaims = options.persistedClaims === false ? undefined : (options.persistedClaims ?? new MemoryPersistedClaimsStore());
    this.#tokens = new TokenStore(context.clock);
  }

  /** One request, with the token that is there or the one that its challenge leads to. */
  async ask(request: OutgoingRequest, context: CallContext, deadline: Deadline): Promise<Response> {
    const { method, url } = request;
    const tokens = this.#tokens;
    const known = tokens.find(method, url) ?? (await this.#refreshed(request, tokens, context)) ?? this.#ofTheOrigin(request, tokens);
    if (known === undefined && request.body?.replayable === false) throw new UmaError('body_not_replayable', { step: 1 });
    const response = known === undefined ? await sendWithoutToken(request, context) : await sendWithToken(request, known, context);
    const challenged = challengedRequest(request, response, isChallenge);
    if (challenged === undefined) {
      if (known === undefined) return traced(response, context);
      // It may be that of another resource, and serves this one too.
      if (response.ok && tokens.find(method, url) === undefined) tokens.put(method, url, known);
      return response;
    }
    tokens.remove(method, url);
    if (request.body?.replayable === false) {
      await response.body?.cancel();
      throw new UmaError('body_not_replayable', { step: 10, status: 401 });
    }
    const grant = await obtainToken(response, challenged.url, known, this.#dance(tokens, context, deadline));
    return this.#use(challenged, grant, known, tokens, context);
  }

  /** The same for a request that waits for its owner. */
  async resume(submitted: SubmittedRequest, request: OutgoingRequest, context: CallContext, deadline: Deadline): Promise<Response> {
    const tokens = this.#tokens;
    const grant = await resumeSubmitted(submitted, request.url, this.#dance(tokens, context, deadline));
    return this.#use(request, grant, undefined, tokens, context);
  }

  /**
   * Forgets tokens and revokes them, one after the other.
   * @param kind undefined: all kinds
   * @returns what could not be revoked
   */
  async revoke(kind: TokenKind | undefined, deadlineMs: number): Promise<readonly UmaError[]> {
    const revocable = await this.#take(kind);
    const deadline = new Deadline(deadlineMs);
    const failures: UmaError[] = [];
    for (const token of revocable) {
      try {
        await revokeToken(token, this.#options.resourceOwnerClient(token.issuer), { ...this.#context, signal: deadline.signal });
      } catch (error) {
        const explained = deadline.explain(error, 7);
        if (!(explained instanceof UmaError)) throw error;
        failures.push(explained);
      }
    }
    deadline.stop();
    return failures;
  }

  async #take(kind: TokenKind | undefined): Promise<readonly RevocableToken[]> {
    const kept = this.#tokens.list();
    const persisted = kind === undefined || kind === 'pct' ? ((await this.#persistedClaims?.list()) ?? []) : [];
    for (const { issuer } of persisted) await this.#persistedClaims?.remove(issuer);
    if (kind === 'pct') this.#tokens = this.#tokens.copy((token) => token);
    else if (kind === 'refresh_token') this.#tokens = this.#tokens.copy((token) => ({ ...token, refreshToken: undefined }));
    else this.#tokens = new TokenStore(this.#context.clock);
    return [
      // An RPT goes with the refresh token that could bring it back, which is the first to go.
      ...(kind === 'pct' ? [] : kept.flatMap(({ issuer, refreshToken: token }) => (token === undefined ? [] : [{ kind: 'refresh_token' as const, issuer, token }]))),
      ...(kind === undefined || kind === 'rpt' ? kept.map(({ issuer, token }) => ({ kind: 'rpt' as const, issuer, token })) : []),
      ...persisted.map(({ issuer, token }) => ({ kind: 'pct' as const, issuer, token })),
    ];
  }

  /** A fresh RPT for one that has expired; undefined when there is none or it can only be had anew. */
  async #refreshed({ method, url }: OutgoingRequest, tokens: TokenStore, context: CallContext): Promise<GrantedToken | undefined> {
    const expired = tokens.findRefreshable(method, url);
    if (expired === undefined) return undefined;
    // A refresh token that rotates may be sent once: whoever comes second takes what the first one got.
    const underWay = this.#refreshing.get(expired.token);
    if (underWay !== undefined) return underWay.catch(() => undefined);
    const refresh = this.#refresh(expired, url, tokens, context);
    this.#refreshing.set(expired.token, refresh);
    try {
      return await refresh;
    } finally {
      this.#refreshing.delete(expired.token);
    }
  }

  async #refresh(expired: GrantedToken, url: URL, tokens: TokenStore, context: CallContext): Promise<GrantedToken | undefined> {
    const credentials = this.#options.resourceOwnerClient(expired.issuer);
    const server = credentials === undefined ? undefined : await findResourceOwnerServer(expired.issuer, context);
    const fresh = credentials === undefined || server === undefined ? undefined : await refreshToken(expired, { server, credentials, url }, context);
    if (fresh === undefined) tokens.drop(expired);
    else tokens.replace(expired, fresh);
    return fresh;
  }

  /** With `tokenReuse: 'origin'`: the newest RPT of the origin. A body that cannot be sent twice is not risked on it. */
  #ofTheOrigin({ url, body }: OutgoingRequest, tokens: TokenStore): GrantedToken | undefined {
    return this.#options.tokenReuse === 'origin' && body?.replayable !== false ? tokens.findByOrigin(url.origin) : undefined;
  }

  async #use(request: OutgoingRequest, { token, upgraded }: Grant, previous: GrantedToken | undefined, tokens: TokenStore, context: CallContext): Promise<Response> {
    // UMA Grant 3.3.5: after an upgrade the client MUST discard the old RPT (G32); without one it stays what it is, for what it is (G30).
    if (upgraded && previous !== undefined) tokens.replace(previous, token);
    tokens.put(request.method, request.url, token);
    return sendWithToken(request, token, context);
  }

  #dance(tokens: TokenStore, context: CallContext, deadline: Deadline): Dance {
    const { trustedResourceServers = [], resourcePrefixes = [] } = this.#options;
    const known = { trustedResourceServers, resourcePrefixes };
    const persistedClaims = this.#persistedClaims === undefined ? undefined : this.#whileCurrent(this.#persistedClaims, tokens);
    return { options: this.#options, known, ownerUri: this.#ownerUri, context, deadline, persistedClaims };
  }

  /** The store of persisted claims for one call: it takes nothing any more once everything was forgotten. */
  #whileCurrent(store: PersistedClaimsStore, tokens: TokenStore): PersistedClaimsStore {
    return {
      find: (issuer) => store.find(issuer),
      put: async (issuer, token) => (this.#tokens === tokens ? store.put(issuer, token) : undefined),
      remove: (issuer) => store.remove(issuer),
      list: () => store.list(),
    };
  }
}

function isChallenge({ status, headers }: Response): boolean {
  return status === 401 && hasUmaChallenge(headers.get('www-authenticate') ?? '');
}

/** The owner as URI for `resource` (seed 003 step 5, Decision D7; RFC 6068 2: what cannot stand in an addr-spec is escaped). */
function ownerUriOf(email: string): string {
  const address = parseEmailAddress(email);
  if (address === undefined) throw new TypeError('ownerEmail is not an e-mail address');
  return `mailto:${encodeURIComponent(address.localPart)}@${address.domain}`;
}
