import { Controller, Get, Inject, Module, Post, Req, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { generateSigningJwk, loadKeyRing, NodeSignatureVerifier, SystemRandomness } from '@uma-federation/keys';
import { createLogger, createNestApplication, Readiness } from '@uma-federation/nest-kit';
import { RemoteKeySets, type GuardedFetch } from '@uma-federation/federation';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import { DiscoveryFailure, temporarilyUnavailable, type Clock, type Issuer, type JsonObject, type RateLimiter, type ReplayGuard } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import { AccessTokenAuthentication } from '../src/access-token-authentication.ts';
import { ClientAssertions } from '../src/client-assertions.ts';
import { ClientAuthentication } from '../src/client-authentication.ts';
import { ClientCertificates } from '../src/client-certificates.ts';
import { clientConfiguration } from '../src/client-configuration.ts';
import { ClientCredentialsGrant } from '../src/client-credentials-grant.ts';
import { DpopProofs } from '../src/dpop-proofs.ts';
import type { Grant, TokenRequest } from '../src/grant.ts';
import { authorizationServerMetadata } from '../src/metadata.ts';
import { publicDocumentController } from '../src/public-document-controller.ts';
import { RateLimits } from '../src/rate-limits.ts';
import { StaticClientRegistry } from '../src/static-client-registry.ts';
import { TOKEN_ENDPOINT, tokenController } from '../src/token-controller.ts';
import { TokenEndpoint } from '../src/token-endpoint.ts';
import { wellKnownPaths } from '../src/well-known-paths.ts';

export const ISSUER = 'https://as.acme.example/tenant' as Issuer;
export const TOKEN_URL = `${ISSUER}/token`;
export const PROTECTED_URL = `${ISSUER}/protected`;
/** Characters that RFC 6749 2.3.1 encodes, on purpose. */
export const SECRET = 'a-confidential+secret/of=32:chars%at least';
export const OTHER_SECRET = 'another-secret-of-32-characters-or-more';
/** Where the client `publisher` has its keys. */
export const KEYS_URL = 'https://publisher.example/jwks';
export const ECHO_GRANT = 'urn:example:grant:echo';

export class FakeClock implements Clock {
  seconds = 1_800_000_000;
  now(): number {
    return this.seconds;
  }
}

export class RememberingReplayGuard implements ReplayGuard {
  readonly #seen = new Set<string>();
  away = false;
  async firstSeen(...key: [namespace: string, issuer: string, id: string, expiresAt: number]): Promise<boolean> {
    if (this.away) throw temporarilyUnavailable('replay_guard_unavailable', 1);
    const text = JSON.stringify(key.slice(0, 3));
    if (this.#seen.has(text)) return false;
    this.#seen.add(text);
    return true;
  }
}

/** Lets a number of requests per key through, then names 7 seconds. */
export class CountingRateLimiter implements RateLimiter {
  readonly keys: string[] = [];
  budget = Number.POSITIVE_INFINITY;
  async take(key: string): Promise<number | undefined> {
    this.keys.push(key);
    return this.keys.filter((taken) => taken === key).length > this.budget ? 7 : undefined;
  }
}

class EchoGrant implements Grant {
  readonly grantType = ECHO_GRANT;
  readonly repeatableParameters = ['resource'];
  async handle({ form, client, dpop }: TokenRequest) {
    const body: JsonObject = { client_id: client.registration.clientId, method: client.method, resources: form.all('resource'), jkt: dpop?.thumbprint ?? null };
    return { status: form.single('status') === '403' ? 403 : 200, body };
  }
}

const CLIENTS = [
  { clientId: 'confidential', clientSecret: SECRET, grantTypes: [ECHO_GRANT, 'client_credentials'], scopes: ['uma_protection', 'view', 'edit'] },
  { clientId: 'other', clientSecret: OTHER_SECRET, grantTypes: [ECHO_GRANT], scopes: [] },
  { clientId: 'scopeless', clientSecret: OTHER_SECRET, grantTypes: ['client_credentials'] },
  { clientId: 'public', public: true, grantTypes: [ECHO_GRANT, 'client_credentials'], scopes: ['view'] },
  { clientId: 'signer', jwks: { keys: [publicJwk(fixedKeys.dpop), publicJwk(fixedKeys.ed25519), publicJwk(fixedKeys.rsa), publicJwk(fixedKeys.rsaPss)] }, grantTypes: [ECHO_GRANT, 'client_credentials'], scopes: ['view'] },
  { clientId: 'publisher', jwksUri: KEYS_URL, grantTypes: [ECHO_GRANT] },
  { clientId: 'by-subject', tlsClientAuth: { subjectDn: 'CN=Notes\\, Ltd,O=Acme,C=DE' }, grantTypes: [ECHO_GRANT, 'client_credentials'], scopes: ['view'] },
  { clientId: 'by-dns', tlsClientAuth: { sanDns: 'app.acme.example' }, grantTypes: [ECHO_GRANT] },
  { clientId: 'by-uri', tlsClientAuth: { sanUri: 'spiffe://acme.example/app' }, grantTypes: [ECHO_GRANT] },
  { clientId: 'bound', clientSecret: OTHER_SECRET, dpopBoundAccessTokens: true, grantTypes: [ECHO_GRANT] },
];

const AUTHENTICATION = Symbol('AccessTokenAuthentication');

@Controller()
class ProtectedController {
  readonly #authentication: AccessTokenAuthentication;

  constructor(@Inject(AUTHENTICATION) authentication: AccessTokenAuthentication) {
    this.#authentication = authentication;
  }

  @Get('protected')
  async read(@Req() request: FastifyRequest): Promise<object> {
    const { clientId } = await this.#authentication.authenticate(request, { url: PROTECTED_URL, scope: 'view' });
    return { clientId };
  }

  @Post('protected')
  async write(@Req() request: FastifyRequest): Promise<object> {
    const { clientId } = await this.#authentication.authenticate(request, { url: PROTECTED_URL, scope: 'edit' });
    return { clientId };
  }
}

export interface TestServer {
  readonly application: NestFastifyApplication;
  readonly clock: FakeClock;
  readonly bySource: CountingRateLimiter;
  readonly byClient: CountingRateLimiter;
  readonly replays: RememberingReplayGuard;
  /** What is at `KEYS_URL`: a JWK Set, or the reason why it cannot be had. */
  published: JsonObject | string;
  /** How often it was asked for. */
  readonly asked: string[];
  readonly rawLog: string[];
  readonly verification: ConstructorParameters<typeof AccessTokenAuthentication>[0];
  /** A token request; `form` as text or as pairs. */
  token(form: string | Record<string, string>, headers?: Record<string, string | string[]>): ReturnType<NestFastifyApplication['inject']>;
}

/** An authorization server that is made of this library only. */
export async function createTestServer(): Promise<TestServer> {
  const clock = new FakeClock();
  const signatures = new NodeSignatureVerifier();
  const ring = loadKeyRing([await generateSigningJwk()]);
  const [bySource, byClient] = [new CountingRateLimiter(), new CountingRateLimiter()];
  const replays = new RememberingReplayGuard();
  const proofs = new DpopProofs({ signatures, clock, replays });
  const asked: string[] = [];
  const fetch: GuardedFetch = Object.assign(
    async (url: string) => {
      asked.push(url);
      if (typeof server.published === 'string') throw new DiscoveryFailure(server.published);
      return { status: 200, headers: {}, url, json: server.published };
    },
    { policy: { allowedPorts: [443], allowLoopback: false } },
  );
  const registry = await StaticClientRegistry.fromConfiguration(CLIENTS.map((client) => clientConfiguration().parse(client)));
  const endpoint = new TokenEndpoint({
    url: TOKEN_URL,
    grants: [new EchoGrant(), new ClientCredentialsGrant({ issuer: ISSUER, lifetimeSeconds: 600, signer: ring.signer, clock, randomness: new SystemRandomness() })],
    authentication: new ClientAuthentication(registry, {
      assertions: new ClientAssertions({ issuer: ISSUER, signatures, clock, replays, keySets: new RemoteKeySets({ fetch, clock }) }),
      certificates: new ClientCertificates(['127.0.0.1']),
    }),
    proofs,
    rateLimits: new RateLimits({ bySource, byClient }),
  });
  const verification = { issuer: ISSUER, keys: ring.verificationKeys, signatures, clock, proofs };
  const metadata = authorizationServerMetadata({
    issuer: ISSUER, tokenEndpoint: TOKEN_URL, jwksUri: `${ISSUER}/jwks`, grantTypes: [ECHO_GRANT], scopes: [], tokenEndpointAuthenticationMethods: ['none'],
    extensions: { permission_endpoint: `${ISSUER}/permission` },
  });
  const controllers: Type<unknown>[] = [
    tokenController('/token'),
    ProtectedController,
    publicDocumentController({ paths: ['/jwks'], maxAgeSeconds: 300, read: () => ring.jwks() }),
    publicDocumentController({ paths: wellKnownPaths(ISSUER, 'oauth-authorization-server'), maxAgeSeconds: 600, read: () => metadata }),
  ];
  @Module({ controllers, providers: [{ provide: TOKEN_ENDPOINT, useValue: endpoint }, { provide: AUTHENTICATION, useValue: new AccessTokenAuthentication(verification) }] })
  class TestModule {}

  const rawLog: string[] = [];
  const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line: string) => void rawLog.push(line) } });
  const application = await createNestApplication(TestModule, { logger, readiness: new Readiness(), requestTimeoutMs: 30_000 });
  const token: TestServer['token'] = (form, headers = {}) =>
    application.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  const server: TestServer = { application, clock, bySource, byClient, replays, published: { keys: [] }, asked, rawLog, verification, token };
  return server;
}

/** The value of an `Authorization: Basic` header, encoded the way RFC 6749 2.3.1 says. */
export function basic(clientId: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`;
}
