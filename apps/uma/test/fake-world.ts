import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOKEN_TYPES, TOKEN_TYPE_URNS, encodeBase64Url, encodeUtf8, serialiseUmaChallenge } from '@uma-federation/uma-core';

export const NOTE = 'a note of Alice\n';
export const NOW = 1_800_000_000;
export const CLIENT_SECRET = 'secret-of-the-demo-client-0123456789';
const EMAIL = 'bob@globex.example';

export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly form: URLSearchParams;
}
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/** A JWT with a signature of nobody: the client reads tokens and verifies none. */
export function fakeJwt(typ: string, claims: object): string {
  const encode = (value: object) => encodeBase64Url(encodeUtf8(JSON.stringify(value)));
  return `${encode({ alg: 'ES256', kid: 'k', typ })}.${encode(claims)}.${encodeBase64Url(new Uint8Array(randomBytes(64)))}`;
}

/** An identity provider, both authorization servers and a resource server on one loopback port, each under a path of its own. */
export class FakeWorld {
  readonly requests: FakeRequest[] = [];
  /** Every token that was handed out. */
  readonly tokens: string[] = [];
  /** Answers instead of the server under this path. */
  readonly overrides = new Map<string, (request: FakeRequest) => FakeAnswer | undefined>();
  signsIn = EMAIL;
  readonly #server: Server;
  readonly #nonces = new Map<string, string>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeWorld> {
    const server = createServer();
    const world = new FakeWorld(server);
    server.on('request', (request, response) => {
      void read(request, world.base).then((seen) => {
        world.requests.push(seen);
        const { status, headers, body = '' } = world.#answer(seen);
        response.writeHead(status, { ...(typeof body === 'string' ? {} : { 'content-type': 'application/json' }), ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.requests.length = 0;
    this.tokens.length = 0;
    this.overrides.clear();
    this.signsIn = EMAIL;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Paths that were asked for, in order. */
  get paths(): string[] {
    return this.requests.map(({ url }) => url.pathname);
  }

  manifest(): object {
    const domain = (emailDomain: string, people: object[]) => ({
      emailDomain,
      webfinger: `${this.base}/.well-known/webfinger`,
      asRo: { issuer: `${this.base}/as-ro` },
      asRqp: { issuer: `${this.base}/as-rqp` },
      gateway: { url: `${this.base}/rs` },
      identityProvider: { issuer: `${this.base}/idp` },
      people,
    });
    return {
      version: 1,
      domains: { acme: domain('acme.example', [{ email: 'alice@acme.example', password: 'pw-alice' }]), globex: domain('globex.example', [{ email: EMAIL, password: 'pw-bob' }]) },
      clients: {
        confidential: { clientId: 'demo', clientSecret: CLIENT_SECRET, redirectUris: ['http://127.0.0.1:5001/callback'] },
        public: { clientId: 'demo-native', redirectUris: ['http://127.0.0.1/callback'] },
      },
      addressMap: { 'globex.example': this.base, 'acme.example': this.base },
    };
  }

  #answer(request: FakeRequest): FakeAnswer {
    const { pathname } = request.url;
    const override = this.overrides.get(pathname)?.(request);
    if (override !== undefined) return override;
    const [, role = ''] = pathname.split('/');
    if (pathname.endsWith('/.well-known/webfinger')) return this.#webFinger(request);
    if (role === 'idp') return this.#identityProvider(request);
    if (pathname === '/.well-known/oauth-authorization-server/as-rqp') return metadata(`${this.base}/as-rqp`);
    if (pathname === '/as-ro/.well-known/uma2-configuration') return metadata(`${this.base}/as-ro`);
    if (pathname === '/as-rqp/token') return this.#exchange();
    if (pathname === '/as-ro/token') return { status: 200, body: { access_token: this.#issue('at+jwt', { aud: this.base }), token_type: 'DPoP', expires_in: 600, resource: this.base } };
    return role === 'rs' ? this.#resource(request) : { status: 404 };
  }

  #resource({ url, headers }: FakeRequest): FakeAnswer {
    if (headers.authorization !== undefined) return { status: 200, headers: { 'content-type': 'text/plain' }, body: NOTE };
    return this.challenge(url);
  }

  /** A challenge of the correlated flow for this URL. */
  challenge(url: URL): FakeAnswer {
    const asUri = `${this.base}/as-ro`;
    const resourceClaimsToken = this.#issue(TOKEN_TYPES.resourceClaims, { iss: asUri, aud: `${url.origin}${url.pathname}`, sub: 'h'.repeat(43) });
    const ticket = this.#issue(TOKEN_TYPES.permissionTicket, { iss: asUri, sub: 'n'.repeat(43), ctx: 'e'.repeat(120) });
    const header = serialiseUmaChallenge({ realm: 'rs', asUri, ticket, resourceClaimsToken, issuedTokenType: TOKEN_TYPE_URNS.jwt });
    return { status: 401, headers: { 'www-authenticate': header }, body: { error: 'uma_authorization_required', as_uri: asUri, ticket, resource_claims_token: resourceClaimsToken, issued_token_type: TOKEN_TYPE_URNS.jwt } };
  }

  /** need_info with a fresh ticket and a fresh resource claims token (Decision D1), and a demand of RFC 9470. */
  needInfo(resourceUri: string): FakeAnswer {
    const resourceClaimsToken = this.#issue(TOKEN_TYPES.resourceClaims, { iss: `${this.base}/as-ro`, aud: resourceUri, sub: 'h'.repeat(43) });
    const ticket = this.#issue(TOKEN_TYPES.permissionTicket, { iss: `${this.base}/as-ro` });
    return { status: 403, body: { error: 'need_info', ticket, resource_claims_token: resourceClaimsToken, required_claims: [{ name: 'acr' }], acr_values: 'otp', max_age: 300 } };
  }

  #exchange(): FakeAnswer {
    const token = this.#issue(TOKEN_TYPES.identityClaims, { aud: `${this.base}/as-ro`, sub: EMAIL });
    return { status: 200, body: { access_token: token, issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A', expires_in: 120 } };
  }

  #identityProvider({ url, form, headers }: FakeRequest): FakeAnswer {
    const issuer = `${this.base}/idp`;
    if (url.pathname.endsWith('/openid-configuration')) return { status: 200, body: identityProviderMetadata(issuer) };
    if (url.pathname === '/idp/authorize') return this.#authorize(url, issuer);
    const password = form.get('password');
    if (form.get('grant_type') === 'password' && password !== 'pw-bob') return { status: 400, body: { error: 'invalid_grant', error_description: 'wrong \u001b[31mpassword' } };
    const nonce = this.#nonces.get(form.get('code') ?? '');
    const authenticated = /^Basic (.*)$/.exec(headers.authorization ?? '')?.[1];
    const clientId = authenticated === undefined ? form.get('client_id') : atob(authenticated).split(':')[0];
    const now = Math.floor(Date.now() / 1000);
    const idToken = this.#issue('JWT', { iss: issuer, aud: clientId, sub: 'bob', email: this.signsIn, iat: now, exp: now + 300, auth_time: now, ...(nonce === undefined ? {} : { nonce }) });
    return { status: 200, body: { access_token: this.#issue('at+jwt', { sub: 'bob' }), token_type: 'Bearer', expires_in: 900, id_token: idToken } };
  }

  #authorize(url: URL, issuer: string): FakeAnswer {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    const code = encodeBase64Url(new Uint8Array(randomBytes(16)));
    this.#nonces.set(code, url.searchParams.get('nonce') ?? '');
    back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss: issuer }).toString();
    return { status: 303, headers: { location: back.href } };
  }

  #webFinger({ url }: FakeRequest): FakeAnswer {
    const links = [
      { rel: 'http://openid.net/specs/connect/1.0/issuer', href: `${this.base}/as-rqp` },
      { rel: 'urn:uma-federation:rel:resource-owner-authorization-server', href: `${this.base}/as-ro` },
    ];
    return { status: 200, body: { subject: url.searchParams.get('resource'), links } };
  }

  #issue(typ: string, claims: object): string {
    const token = fakeJwt(typ, claims);
    this.tokens.push(token);
    return token;
  }
}

function metadata(issuer: string): FakeAnswer {
  return { status: 200, body: { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` } };
}

function identityProviderMetadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

async function read(request: IncomingMessage, base: string): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return { method: request.method ?? '', url: new URL(request.url ?? '/', base), headers: request.headers, body, form: new URLSearchParams(body) };
}
