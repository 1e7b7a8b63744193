import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  JoseContextSealer,
  JoseSigner,
  mintAccessToken,
  mintIdentityClaimsToken,
  mintPermissionTicket,
  mintRequestingPartyToken,
  mintResourceClaimsToken,
  ticketHash,
  type ClientId,
  type Clock,
  type Issuer,
  type MintDependencies,
  type Permission,
  type RequestingPartyTokenInput,
  type ResourceId,
} from '@uma-federation/uma-core';
import { fixedKeys, publicJwk, SequenceRandomness, type PrivateJwk } from '@uma-federation/testing';
import { startLocalServer, type LocalServer } from './local-server.ts';

export const RESOURCE_SERVER = { clientId: 'rs-acme', clientSecret: 'a secret of the gateway: é+%&' };

interface Stored {
  readonly _id: string;
  readonly resource_scopes: readonly string[];
  readonly [member: string]: unknown;
}

/** What a test makes the AS-RO do at an endpoint instead of its work. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** An AS-RO with the tokens of uma-core and resources in memory. It counts what it is asked. */
export class FakeAsRo {
  /** `METHOD /path` of every request, in order. */
  readonly calls: string[] = [];
  readonly permissionRequests: { resource_id: string; resource_scopes: string[]; resource_uri: string }[] = [];
  readonly resources: Stored[] = [];
  /** By path; `*` for all. */
  readonly misbehaviour = new Map<string, Misbehaviour>();
  /** Ids of tokens that introspection calls inactive. */
  readonly inactive = new Set<string>();
  /** Active tokens that are no JWTs, as the UMA 1.0 facade makes them, with the members of their introspection answers. */
  readonly opaqueTokens = new Map<string, Record<string, unknown>>();
  keys: PrivateJwk[] = [fixedKeys.acme];
  /** Members of introspection answers that differ. */
  introspectionOverride: Record<string, unknown> = {};
  /** Registrations for this owner are refused. */
  refusedOwner: string | undefined;
  patLifetimeSeconds = 3600;
  ticketOverride: Record<string, unknown> = {};
  metadataOverride: Record<string, unknown> = {};
  #pats = new Set<string>();
  #counter = 0;
  readonly #clock: Clock;
  readonly #randomness = new SequenceRandomness();
  #server!: LocalServer;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get issuer(): Issuer {
    return this.#server.origin as Issuer;
  }

  async start(): Promise<this> {
    this.#server = await startLocalServer((request, response) => void this.#serve(request, response));
    return this;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Requests since the last call of this method. */
  takeCalls(): string[] {
    return this.calls.splice(0);
  }

  /** No PAT given so far is accepted any more. */
  revokePats(): void {
    this.#pats.clear();
  }

  register(description: Record<string, unknown> & { resource_scopes: readonly string[] }): string {
    this.#counter += 1;
    const _id = `res_${this.#counter}`;
    this.resources.push({ ...description, _id });
    return _id;
  }

  /** Id of the first resource with this URI. */
  idOf(uri: string): ResourceId {
    const found = this.resources.find((resource) => resource['uri'] === uri);
    if (found === undefined) throw new Error(`nobody registered ${uri}`);
    return found._id as ResourceId;
  }

  async dependencies(key: PrivateJwk = fixedKeys.acme): Promise<MintDependencies> {
    return { signer: await JoseSigner.fromJwk({ ...key }), clock: this.#clock, randomness: this.#randomness };
  }

  async mintRpt(audience: string, permissions: readonly Permission[], more: Partial<RequestingPartyTokenInput> = {}, key: PrivateJwk = fixedKeys.acme): Promise<string> {
    const input = { issuer: this.issuer, audience, subject: 'bob@globex.example', clientId: 'client-1' as ClientId, permissions, lifetimeSeconds: 600, ...more };
    return (await mintRequestingPartyToken(input, await this.dependencies(key))).token;
  }

  async mintPat(): Promise<string> {
    const input = { issuer: this.issuer, audience: this.issuer, subject: RESOURCE_SERVER.clientId, clientId: RESOURCE_SERVER.clientId as ClientId, scope: 'uma_protection', lifetimeSeconds: 3600 };
    return (await mintAccessToken(input, await this.dependencies())).token;
  }

  /** Ticket, resource claims token and the identity claims token that goes with them. */
  async mintTicketPair(resourceUri: string, permissions: readonly Permission[]): Promise<{ ticket: string; resourceClaimsToken: string; identityClaimsToken: string }> {
    const sealer = new JoseContextSealer([new Uint8Array(32).fill(7)]);
    const context = { permissions, resourceServer: RESOURCE_SERVER.clientId as ClientId, owner: 'alice@acme.example', resourceUri };
    const { token: ticket, nonce, expiresAt } = await mintPermissionTicket({ issuer: this.issuer, context, lifetimeSeconds: 300 }, { ...(await this.dependencies()), sealer });
    const { token: resourceClaimsToken } = await mintResourceClaimsToken({ issuer: this.issuer, resourceUri, nonce, expiresAt }, await this.dependencies());
    const { token: identityClaimsToken } = await mintIdentityClaimsToken(
      {
        issuer: 'https://as.globex.example' as Issuer,
        audience: this.issuer,
        email: 'bob@globex.example',
        clientId: 'client-1' as ClientId,
        actor: { ticketHash: await ticketHash(nonce), issuer: this.issuer },
        expiresAt,
      },
      await this.dependencies(fixedKeys.globex),
    );
    return { ticket, resourceClaimsToken, identityClaimsToken };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.calls.push(`${request.method} ${pathname}`);
    const misbehaviour = this.misbehaviour.get('*') ?? this.misbehaviour.get(pathname);
    if (misbehaviour !== undefined) misbehaviour(request, response);
    else await this.#answer(`${request.method} ${pathname}`, request, Buffer.concat(chunks).toString(), response);
  }

  async #answer(route: string, request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    if (route === 'GET /.well-known/uma2-configuration') return send(response, 200, this.#metadata());
    if (route === 'GET /jwks') return send(response, 200, { keys: this.keys.map(publicJwk) });
    if (route === 'POST /token') return this.#token(request, body, response);
    if (!this.#pats.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) return send(response, 401, { error: 'invalid_token' });
    if (route === 'POST /permission') return this.#permission(body, response);
    if (route === 'POST /introspect') return this.#introspect(body, response);
    return this.#registration(route, body, response);
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      token_endpoint: `${this.issuer}/token`,
      permission_endpoint: `${this.issuer}/permission`,
      resource_registration_endpoint: `${this.issuer}/resource`,
      introspection_endpoint: `${this.issuer}/introspect`,
      jwks_uri: `${this.issuer}/jwks`,
      ...this.metadataOverride,
    };
  }

  async #token(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const [id, secret] = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString().split(':');
    const decode = (text = ''): string | null => new URLSearchParams(`x=${text}`).get('x');
    const form = new URLSearchParams(body);
    const known = decode(id) === RESOURCE_SERVER.clientId && decode(secret) === RESOURCE_SERVER.clientSecret;
    if (!known || form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'uma_protection') return send(response, 401, { error: 'invalid_client' });
    const pat = await this.mintPat();
    this.#pats.add(pat);
    send(response, 200, { access_token: pat, token_type: 'Bearer', expires_in: this.patLifetimeSeconds });
  }

  async #permission(body: string, response: ServerResponse): Promise<void> {
    const request = JSON.parse(body) as (typeof this.permissionRequests)[number];
    this.permissionRequests.push(request);
    const resource = this.resources.find(({ _id }) => _id === request.resource_id);
    if (resource === undefined) return send(response, 400, { error: 'invalid_resource_id' });
    if (!request.resource_scopes.every((scope) => resource.resource_scopes.includes(scope))) return send(response, 400, { error: 'invalid_scope' });
    const { ticket, resourceClaimsToken } = await this.mintTicketPair(request.resource_uri, [
      { resourceId: request.resource_id as ResourceId, scopes: request.resource_scopes },
    ]);
    const issued = { ticket, resource_claims_token: resourceClaimsToken, issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' };
    send(response, 201, { ...issued, ...this.ticketOverride });
  }

  #introspect(body: string, response: ServerResponse): void {
    const token = new URLSearchParams(body).get('token') ?? '';
    const opaque = this.opaqueTokens.get(token);
    if (opaque !== undefined) return send(response, 200, { active: true, ...opaque, ...this.introspectionOverride });
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as Record<string, unknown>;
    if (this.inactive.has(String(claims['jti'])) || claims['permissions'] === undefined) return send(response, 200, { active: false });
    send(response, 200, { active: true, ...claims, ...this.introspectionOverride });
  }

  #registration(route: string, body: string, response: ServerResponse): void {
    const id = /^(?:GET|PUT) \/resource\/(.+)$/.exec(route)?.[1];
    const index = this.resources.findIndex(({ _id }) => _id === id);
    if (route === 'GET /resource') return send(response, 200, this.resources.map(({ _id }) => _id));
    if (route === 'POST /resource') {
      const description = JSON.parse(body) as Stored;
      if (this.refusedOwner !== undefined && description['owner'] === this.refusedOwner) return send(response, 400, { error: 'invalid_request' });
      return send(response, 201, { _id: this.register(description) });
    }
    if (index === -1) return send(response, 404, { error: 'not_found' });
    if (route.startsWith('PUT')) this.resources[index] = { ...(JSON.parse(body) as Stored), _id: id ?? '' };
    send(response, 200, this.resources[index] ?? {});
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
