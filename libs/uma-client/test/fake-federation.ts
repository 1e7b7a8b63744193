import {
  GRANT_TYPES,
  TOKEN_TYPE_URNS,
  serialiseUmaChallenge,
  ticketHash,
  verifyDpopProof,
  verifyIdentityClaimsToken,
  verifyPermissionTicket,
  verifyRequestingPartyToken,
  verifyResourceClaimsToken,
} from '@uma-federation/uma-core';
import { createUmaFetch } from '../src/create-uma-fetch.ts';
import type { UmaFetchOptions } from '../src/options.ts';
import { FakeIssuer, clock, randomness, verification } from './fake-issuer.ts';
import { FakeServer, type FakeAnswer, type SeenRequest } from './fake-server.ts';

export const RESOURCE = '/users/alice/notes/1';
export const NOTE = 'a note of Alice';

/** One fake domain pair over real HTTP: the servers verify with the core's own verifiers, each answer can be replaced by a test. */
export class FakeFederation {
  readonly rs: FakeServer;
  readonly asRo: FakeServer;
  readonly asRqp: FakeServer;
  /** An authorization server and resource server of the attacker. */
  readonly evil: FakeServer;
  readonly owner: FakeIssuer;
  readonly rqp: FakeIssuer;
  readonly evilIssuer: FakeIssuer;

  private constructor(servers: readonly FakeServer[], issuers: readonly FakeIssuer[]) {
    [this.rs, this.asRo, this.asRqp, this.evil] = servers as [FakeServer, FakeServer, FakeServer, FakeServer];
    [this.owner, this.rqp, this.evilIssuer] = issuers as [FakeIssuer, FakeIssuer, FakeIssuer];
  }

  static async start(): Promise<FakeFederation> {
    const servers = await Promise.all([FakeServer.start(), FakeServer.start(), FakeServer.start(), FakeServer.start()]);
    const issuers = await Promise.all(servers.slice(1).map(({ url }) => FakeIssuer.create(url)));
    const federation = new FakeFederation(servers, issuers);
    federation.behave();
    return federation;
  }

  /** Everything answers as it should again, and nothing was seen. */
  behave(): void {
    for (const server of this.#servers) server.seen.length = 0;
    this.rs.answer = (request) => this.answerResource(request);
    this.asRo.answer = (request) => this.answerResourceOwnerServer(request);
    this.asRqp.answer = (request) => this.answerRequestingPartyServer(request);
    this.evil.answer = () => ({ status: 404 });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  get resourceUrl(): string {
    return `${this.rs.url}${RESOURCE}`;
  }

  /** How many requests both authorization servers and the attacker's got, metadata included. */
  get authorizationServerRequests(): number {
    return this.asRo.seen.length + this.asRqp.seen.length + this.evil.seen.length;
  }

  /** The client under test. */
  umaFetch(options: Partial<UmaFetchOptions> = {}) {
    return createUmaFetch({
      subjectToken: async () => ({ token: 'token-of-bob', type: 'access_token' }),
      requestingPartyServer: { issuer: this.asRqp.url, clientId: 'app', clientSecret: 's+ecret/:&' },
      resourceOwnerClient: () => ({ clientId: 'app-at-ro' }),
      clock,
      randomness,
      ...options,
    });
  }

  async answerResource(request: SeenRequest): Promise<FakeAnswer> {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    const path = request.target.split('?')[0] ?? '';
    if (scheme === '') return this.challenge(await this.owner.tickets(`${this.rs.url}${path}`));
    const { confirmationThumbprint } = await verifyRequestingPartyToken(token, { issuer: this.owner.issuer, audience: this.rs.url, keys: this.owner.keys }, verification);
    if (confirmationThumbprint !== undefined) {
      const proof = await this.proof(request, `${this.rs.url}${request.target}`, token);
      if (scheme !== 'DPoP' || proof !== confirmationThumbprint) return { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } };
    }
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: NOTE };
  }

  challenge(tickets: { ticket: string; resourceClaimsToken?: string }, asUri: string = this.owner.issuer): FakeAnswer {
    const { ticket, resourceClaimsToken } = tickets;
    const extension = resourceClaimsToken === undefined ? {} : { resourceClaimsToken, issuedTokenType: TOKEN_TYPE_URNS.jwt };
    const body = resourceClaimsToken === undefined ? {} : { resource_claims_token: resourceClaimsToken, issued_token_type: TOKEN_TYPE_URNS.jwt };
    return {
      status: 401,
      headers: { 'www-authenticate': serialiseUmaChallenge({ realm: 'rs', asUri, ticket, ...extension }) },
      body: { error: 'uma_authorization_required', as_uri: asUri, ticket, ...body },
    };
  }

  async answerResourceOwnerServer(request: SeenRequest): Promise<FakeAnswer> {
    const { issuer, keys, sealer } = this.owner;
    if (request.target === '/.well-known/uma2-configuration') {
      return { status: 200, body: { issuer, token_endpoint: `${issuer}/token`, authorization_response_iss_parameter_supported: true } };
    }
    const { ticket = '', claim_token: claimToken = '', resource, grant_type: grantType } = request.form;
    if (grantType !== GRANT_TYPES.umaTicket) return { status: 400, body: { error: 'unsupported_grant_type' } };
    if (resource !== this.rs.url) return { status: 400, body: { error: 'invalid_target' } };
    const { nonce } = await verifyPermissionTicket(ticket, { issuer, keys }, { ...verification, sealer });
    const thumbprint = await this.proof(request, `${issuer}/token`);
    const expected = { issuer: this.rqp.issuer, audience: issuer, ticketHash: await ticketHash(nonce), keys: this.rqp.keys };
    const identity = await verifyIdentityClaimsToken(claimToken, expected, verification);
    if (identity.confirmationThumbprint !== thumbprint) return { status: 403, body: { error: 'request_denied' } };
    const token = await this.owner.requestingPartyToken(this.rs.url, thumbprint);
    const tokenType = thumbprint === undefined ? 'Bearer' : 'DPoP';
    return { status: 200, body: { access_token: token, token_type: tokenType, expires_in: 600, resource: this.rs.url } };
  }

  async answerRequestingPartyServer(request: SeenRequest): Promise<FakeAnswer> {
    const { issuer } = this.rqp;
    if (request.target === '/.well-known/oauth-authorization-server') return { status: 200, body: { issuer, token_endpoint: `${issuer}/token` } };
    const { actor_token: actorToken = '', grant_type: grantType } = request.form;
    if (grantType !== GRANT_TYPES.tokenExchange) return { status: 400, body: { error: 'unsupported_grant_type' } };
    const expected = { keysOf: () => this.owner.keys, issuerRules: { allowLoopback: true } };
    const actor = await verifyResourceClaimsToken(actorToken, expected, verification);
    const token = await this.rqp.identityClaims(actor.issuer, actor.ticketHash, await this.proof(request, `${issuer}/token`));
    return { status: 200, body: { access_token: token, issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A', expires_in: 120 } };
  }

  /** Thumbprint of the key that the request proves. */
  async proof(request: SeenRequest, url: string, accessToken?: string): Promise<string | undefined> {
    const { dpop } = request.headers;
    if (typeof dpop !== 'string') return undefined;
    return (await verifyDpopProof(dpop, { method: request.method, url, accessToken }, verification)).thumbprint;
  }

  get #servers(): readonly FakeServer[] {
    return [this.rs, this.asRo, this.asRqp, this.evil];
  }
}
