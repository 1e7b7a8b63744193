import { serialiseChallenge, verifyRequestingPartyToken } from '@uma-federation/uma-core';
import { createUma1Fetch } from '../src/uma-1/create-uma-1-fetch.ts';
import type { Uma1FetchOptions } from '../src/uma-1/uma-1-options.ts';
import { NOTE, type FakeFederation } from './fake-federation.ts';
import { clock, randomness, verification } from './fake-issuer.ts';
import type { FakeAnswer, SeenRequest } from './fake-server.ts';

export type Version = 'draft-05' | 'draft-07' | '1.0.1';

/** A domain that speaks UMA 1.0 as protocol.md section 4.2 writes it, over the fake federation; its authorization API takes RPTs of UMA 2.0 as AATs. */
export class FakeUma1 {
  version: Version = 'draft-07';
  /** RPTs, whose AAT they belong to, and whether they have the permission. */
  readonly tokens = new Map<string, { aat: string; permitted: boolean }>();
  readonly tickets = new Set<string>();
  /** Instead of the usual answer to an authorization request. */
  refusal: FakeAnswer | undefined;
  readonly #federation: FakeFederation;
  #count = 0;

  constructor(federation: FakeFederation) {
    this.#federation = federation;
  }

  /** Everything answers as it should, in this version. */
  behave(version: Version): void {
    this.version = version;
    this.tokens.clear();
    this.tickets.clear();
    this.refusal = undefined;
    this.#federation.behave();
    this.#federation.rs.answer = (request) => this.answerResource(request);
    this.#federation.asRo.answer = (request) => this.answerServer(request);
  }

  umaFetch(options: Partial<Uma1FetchOptions> = {}) {
    return createUma1Fetch({
      subjectToken: async () => ({ token: 'token-of-bob', type: 'access_token' }),
      requestingPartyServer: { issuer: this.#federation.asRqp.url, clientId: 'app' },
      resourceOwnerClient: () => ({ clientId: 'app-at-ro' }),
      trustedResourceServers: [{ origin: this.#federation.rs.url, asUri: this.#federation.asRo.url }],
      clock,
      randomness,
      ...options,
    });
  }

  /** Requests of the authorization API that carried an AAT. */
  get apiCalls(): { path: string; body: unknown }[] {
    return this.#federation.asRo.requests
      .filter(({ target, headers }) => target !== '/token' && headers.authorization !== undefined)
      .map(({ target, body }) => ({ path: target, body: body === '' ? undefined : (JSON.parse(body) as unknown) }));
  }

  answerResource(request: SeenRequest): FakeAnswer {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    const known = scheme === 'Bearer' ? this.tokens.get(token) : undefined;
    if (known?.permitted === true) return { status: 200, body: NOTE };
    const { asRo } = this.#federation;
    const insufficient = known !== undefined;
    const ticket = insufficient || this.version === '1.0.1' ? this.#ticket() : undefined;
    const pointer =
      this.version === 'draft-05'
        ? { realm: 'rs', host_id: 'photos.example', am_uri: asRo.url }
        : { realm: 'rs', as_uri: asRo.url, error: insufficient ? 'insufficient_scope' : undefined, ticket: this.version === '1.0.1' ? ticket : undefined };
    return { status: insufficient ? 403 : 401, headers: { 'www-authenticate': serialiseChallenge('UMA', pointer) }, body: insufficient ? { ticket } : {} };
  }

  async answerServer(request: SeenRequest): Promise<FakeAnswer> {
    const { asRo, owner } = this.#federation;
    const issuer = asRo.url;
    switch (request.target) {
      case '/.well-known/uma-configuration':
        return { status: 200, body: this.configuration() };
      case '/.well-known/uma2-configuration':
        return { status: 200, body: { issuer, token_endpoint: `${issuer}/token` } };
      case '/token': {
        const thumbprint = await this.#federation.proof(request, `${issuer}/token`);
        const access_token = await owner.requestingPartyToken(issuer, thumbprint);
        return { status: 200, body: { access_token, token_type: thumbprint === undefined ? 'Bearer' : 'DPoP', expires_in: 600, resource: issuer } };
      }
      case '/rpt':
      case '/authz':
        return this.#api(request);
      default:
        return { status: 404 };
    }
  }

  configuration(): Record<string, unknown> {
    const { url: issuer } = this.#federation.asRo;
    const name = this.version === 'draft-05' ? 'permission_request_endpoint' : 'authorization_request_endpoint';
    return { version: '1.0', issuer, rpt_endpoint: `${issuer}/rpt`, ...(this.version === '1.0.1' ? {} : { [name]: `${issuer}/authz` }) };
  }

  async #api(request: SeenRequest): Promise<FakeAnswer> {
    const aat = await this.#aat(request);
    if (aat === undefined) {
      const { asRo, owner } = this.#federation;
      const tickets = await owner.tickets(`${asRo.url}${request.target}`);
      const { headers } = this.#federation.challenge(tickets);
      return { status: 401, headers: { 'www-authenticate': `${String(headers?.['www-authenticate'])}, Bearer error="invalid_token"` } };
    }
    const message = request.body === '' ? {} : (JSON.parse(request.body) as { rpt?: string; ticket?: string });
    if (message.ticket === undefined) return { status: 201, body: { rpt: this.#token(aat, false) } };
    if (this.refusal !== undefined) return this.refusal;
    if (!this.tickets.delete(message.ticket)) return { status: 400, body: { status: 'error', error: 'invalid_ticket' } };
    const held = this.tokens.get(message.rpt ?? '');
    if (this.version === '1.0.1') return { status: 200, body: { rpt: this.#token(aat, true) } };
    if (held?.aat !== aat) return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    held.permitted = true;
    return { status: 200, body: { rpt: message.rpt } };
  }

  /** The AAT of a request: an RPT of UMA 2.0 for the authorization server itself, proven as it is bound. */
  async #aat(request: SeenRequest): Promise<string | undefined> {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme === '' || scheme === undefined) return undefined;
    if (token === 'aat-of-an-oauth-grant') return token;
    const { owner, asRo } = this.#federation;
    const { confirmationThumbprint, tokenId } = await verifyRequestingPartyToken(token, { issuer: owner.issuer, audience: asRo.url, keys: owner.keys }, verification);
    const thumbprint = await this.#federation.proof(request, `${asRo.url}${request.target}`, token);
    return confirmationThumbprint === thumbprint ? tokenId : undefined;
  }

  #token(aat: string, permitted: boolean): string {
    // "If the AAT is the same as one provided for a previously issued RPT, the AM invalidates the old RPT."
    for (const [token, holder] of this.tokens) if (holder.aat === aat) this.tokens.delete(token);
    const token = `uma1_${++this.#count}`;
    this.tokens.set(token, { aat, permitted });
    return token;
  }

  #ticket(): string {
    const ticket = `ticket-${++this.#count}`;
    this.tickets.add(ticket);
    return ticket;
  }
}
