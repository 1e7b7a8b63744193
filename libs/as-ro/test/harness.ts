import { jest } from '@jest/globals';
import { loadKeyRing, type KeyRing } from '@uma-federation/keys';
import type { Service } from '@uma-federation/nest-kit';
import { createMemoryStores, type MemoryAsRoStores } from '@uma-federation/persistence';
import { FakeClock, fixedKeys, forgeJws, keysById, publicJwk, SequenceRandomness, type PrivateJwk } from '@uma-federation/testing';
import {
  GRANT_TYPES,
  importDpopKey,
  JoseContextSealer,
  JoseSigner,
  mintDpopProof,
  mintIdentityClaimsToken,
  TOKEN_TYPE_URNS,
  type DpopKey,
  type IdentityClaimsInput,
  type JsonObject,
} from '@uma-federation/uma-core';
import { asRoConfiguration, createAsRo, type AsRoParts } from '../src/index.ts';
import { APP, CLIENTS, RS, type TestClient } from './support/clients.ts';
import { FakeIssuerDirectory } from './support/fake-issuer-directory.ts';
import { leaksInLogs, recordLog, type LogRecord } from './support/log-record.ts';
import { closeConnections, sendRequest, type Answer, type Outgoing } from './support/send-request.ts';
import { watchStores, type WatchedStores } from './support/watch-stores.ts';

export const ISSUER = 'https://as.acme.example';
export const GLOBEX = 'https://as.globex.example';
export const OWNER_PROVIDER = 'https://id.acme.example';
export const OWNER_CLIENT = 'owner-portal';
export const ALICE = 'alice@acme.example';
export const ANNA = 'anna@acme.example';
export const BOB = 'bob@globex.example';
export const NOTE_URI = 'https://rs.acme.example/users/alice/notes/1';
export const JWT_FORMAT = TOKEN_TYPE_URNS.jwt;

/** A ticket with the resource claims token bound to it. */
export interface Challenge {
  readonly ticket: string;
  readonly resourceClaimsToken: string;
}

/** Settings and parts that differ from the harness's own. */
export interface HarnessOptions {
  readonly settings?: Record<string, unknown> | undefined;
  readonly overrides?: Partial<AsRoParts> | undefined;
  readonly keys?: KeyRing | undefined;
}

/** What an identity claims token is to say instead; identifiers as plain text. */
export type IdentityChanges = { readonly [Name in keyof IdentityClaimsInput]?: IdentityClaimsInput[Name] extends string ? string : IdentityClaimsInput[Name] };

/** How a token request names its client. */
export interface TokenRequestOptions {
  readonly client?: TestClient | undefined;
  readonly method?: 'basic' | 'post' | 'none' | undefined;
  /** Proves this key. */
  readonly dpop?: DpopKey | undefined;
  readonly headers?: Outgoing['headers'];
}

// A test is a few dozen requests: on a machine that does eight other things at once the usual 5 s say nothing about the server.
jest.setTimeout(30_000);

const running: AsRoUnderTest[] = [];

/** An AS-RO on a free port of 127.0.0.1, with memory stores, a clock that stands still and strangers that the test makes up. */
export class AsRoUnderTest {
  readonly clock: FakeClock;
  readonly directory = new FakeIssuerDirectory();
  /** Clients whose budget discovery was on, in order. */
  readonly discoveryFor: string[] = [];
  readonly log: LogRecord = recordLog();
  readonly memory: MemoryAsRoStores;
  readonly stores: WatchedStores;
  readonly randomness = new SequenceRandomness();
  origin = '';
  #service!: Service;
  readonly #pats = new Map<string, string>();
  readonly #signers = new Map<string, Promise<JoseSigner>>();

  private constructor(clock: FakeClock) {
    this.clock = clock;
    this.memory = createMemoryStores(clock);
    this.stores = watchStores(this.memory);
    this.directory.name('globex.example', GLOBEX, fixedKeys.globex);
  }

  static async start({ settings = {}, overrides = {}, keys }: HarnessOptions = {}): Promise<AsRoUnderTest> {
    const started = new AsRoUnderTest(new FakeClock());
    const configuration = asRoConfiguration.parse({
      issuer: ISSUER,
      emailDomains: ['acme.example', 'acme.test'],
      clients: CLIENTS.map(({ configuration: client }) => client),
      owners: { identityProvider: OWNER_PROVIDER, clientIds: [OWNER_CLIENT, 'owner-cli'] },
      keyFile: 'unused',
      contextKeyFile: 'unused',
      database: { url: 'postgres://unused' },
      server: { host: '127.0.0.1', port: 0, drainDelay: '0ms', closeTimeout: '1s' },
      ...settings,
    });
    started.#service = await createAsRo(configuration, { logger: started.log.logger }, {
      clock: started.clock,
      randomness: started.randomness,
      keys: keys ?? loadKeyRing([fixedKeys.acme]),
      sealer: new JoseContextSealer([new Uint8Array(32).fill(7)]),
      stores: started.stores,
      ownerProvider: { issuer: OWNER_PROVIDER, keys: keysById([publicJwk(fixedKeys.identityProvider)]), endpoint: async () => `${OWNER_PROVIDER}/unused` },
      directoryFor: (clientId) => {
        started.discoveryFor.push(clientId);
        return started.directory;
      },
      ...overrides,
    });
    started.origin = await started.#service.listen();
    running.push(started);
    return started;
  }

  async stop(): Promise<void> {
    await this.#service.stop();
  }

  /** Any request. */
  send(target: string, outgoing: Outgoing = {}): Promise<Answer> {
    return sendRequest(this.origin, target, outgoing);
  }

  /** A form, encoded. */
  post(target: string, form: Readonly<Record<string, string | readonly string[] | undefined>>, headers: Outgoing['headers'] = {}): Promise<Answer> {
    return this.send(target, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }, body: encodeForm(form) });
  }

  /** A token request of a client. */
  async tokenRequest(form: Readonly<Record<string, string | readonly string[] | undefined>>, options: TokenRequestOptions = {}): Promise<Answer> {
    const { client = APP, dpop, headers = {} } = options;
    const method = options.method ?? (client.secret === undefined ? 'none' : 'basic');
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret ?? '')}`).toString('base64')}`;
    const inForm = { none: { client_id: client.id }, post: { client_id: client.id, client_secret: client.secret }, basic: {} }[method];
    return this.post('/token', { ...inForm, ...form }, {
      ...(method === 'basic' ? { Authorization: basic } : {}),
      ...(dpop === undefined ? {} : { DPoP: await this.proof(dpop) }),
      ...headers,
    });
  }

  /** A fresh proof of a key, for the token endpoint unless told otherwise. */
  proof(key: DpopKey, request: { method?: string; url?: string; accessToken?: string } = {}): Promise<string> {
    return mintDpopProof({ method: 'POST', url: `${ISSUER}/token`, ...request }, { key, clock: this.clock, randomness: this.randomness });
  }

  /** A PAT of the resource server; the same one while it is fresh. */
  async pat(server: TestClient = RS): Promise<string> {
    const key = `${server.id} ${Math.floor(this.clock.now() / 600)}`;
    const known = this.#pats.get(key);
    if (known !== undefined) return known;
    const { body } = await this.tokenRequest({ grant_type: GRANT_TYPES.clientCredentials }, { client: server });
    const pat = String(body['access_token']);
    this.#pats.set(key, pat);
    return pat;
  }

  /** A request with JSON and a bearer token; `undefined` sends no body. */
  async api(method: string, target: string, json?: unknown, token?: string): Promise<Answer> {
    const bearer = token ?? (await this.pat());
    return this.send(target, {
      method,
      headers: { Authorization: `Bearer ${bearer}`, ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: json === undefined ? undefined : typeof json === 'string' ? json : JSON.stringify(json),
    });
  }

  /** Registers a resource and gives its id. */
  async register(description: Record<string, unknown> = {}, server: TestClient = RS): Promise<string> {
    const { body } = await this.api('POST', '/resource', { resource_scopes: ['view', 'edit', 'print', 'download'], owner: ALICE, ...description }, await this.pat(server));
    return String(body['_id']);
  }

  /** A first ticket for the permissions. */
  async challenge(permissions: unknown, server: TestClient = RS): Promise<Challenge> {
    const { body } = await this.api('POST', '/permission', permissions, await this.pat(server));
    return toChallenge(body);
  }

  /** A ticket to view a fresh note of Alice's that is shared with Bob. */
  async sharedNote(share: Record<string, unknown> = {}): Promise<Challenge & { readonly id: string; readonly shareId: string }> {
    const id = await this.register();
    const shareId = await this.share(id, share);
    return { id, shareId, ...(await this.challenge({ resource_id: id, resource_scopes: ['view'], resource_uri: NOTE_URI })) };
  }

  /** Alice shares a resource with Bob, to view, unless told otherwise; gives the share's id. */
  async share(resourceId: string, changes: Record<string, unknown> = {}, owner = ALICE): Promise<string> {
    const document = { resource_id: resourceId, scopes: ['view'], grantee: { email: BOB }, ...changes };
    const { body } = await this.api('POST', '/owner/shares', document, await this.ownerToken(owner));
    return String(body['id']);
  }

  /** An ID token of the domain's OpenID Provider. */
  ownerToken(email = ALICE, changes: { claims?: JsonObject; header?: JsonObject; key?: PrivateJwk } = {}): Promise<string> {
    const now = this.clock.now();
    const claims = { iss: OWNER_PROVIDER, aud: OWNER_CLIENT, sub: `user of ${email.length}`, email, email_verified: true, iat: now, exp: now + 300, ...changes.claims };
    const key = changes.key ?? fixedKeys.identityProvider;
    return Promise.resolve(forgeJws({ header: { alg: 'ES256', kid: fixedKeys.identityProvider.kid, typ: 'JWT', ...changes.header }, claims: defined(claims), key }));
  }

  /** Bob's identity claims token for a ticket, as globex's AS-RqP makes it for the client `app`. */
  async identityToken(challenge: Challenge, changes: IdentityChanges = {}, key: PrivateJwk = fixedKeys.globex): Promise<string> {
    const { claims } = readToken(challenge.resourceClaimsToken);
    const input = {
      issuer: GLOBEX,
      audience: claims['iss'],
      email: BOB,
      clientId: APP.id,
      actor: { ticketHash: claims['sub'], issuer: claims['iss'] },
      expiresAt: this.clock.now() + 120,
      ...changes,
    } as IdentityClaimsInput;
    const { token } = await mintIdentityClaimsToken(input, { signer: await this.#signer(key), clock: this.clock, randomness: this.randomness });
    return token;
  }

  /** The same, with any header and claims; `undefined` removes a claim. */
  forgeIdentityToken(
    challenge: Challenge,
    forgery: { claims?: Record<string, unknown>; header?: Record<string, unknown>; key?: PrivateJwk; signature?: (valid: Uint8Array) => Uint8Array } = {},
  ): string {
    const header = { alg: 'ES256', kid: fixedKeys.globex.kid, typ: 'uma-identity-claims+jwt', ...forgery.header };
    const claims = { ...this.identityClaims(challenge), ...forgery.claims };
    return forgeJws({ header: defined(header), claims: defined(claims), key: forgery.key ?? fixedKeys.globex, signature: forgery.signature });
  }

  /** Any header and payload text under globex's signature. */
  forgeRaw(header: string, payload: string | Buffer): string {
    return forgeJws({ header, claims: payload, key: fixedKeys.globex });
  }

  /** The claims of a good identity claims token. */
  identityClaims(challenge: Challenge): Record<string, unknown> {
    const now = this.clock.now();
    const { claims } = readToken(challenge.resourceClaimsToken);
    const jti = Buffer.from(this.randomness.bytes(16)).toString('base64url');
    const times = { iat: now, nbf: now, exp: now + 120, jti };
    return { iss: GLOBEX, aud: ISSUER, sub: BOB, ...times, client_id: APP.id, email: BOB, email_verified: true, act: { sub: claims['sub'], iss: ISSUER } };
  }

  /** A uma-ticket request. With `claim_token` the format is added. */
  redeem(form: Readonly<Record<string, string | readonly string[] | undefined>>, options: TokenRequestOptions = {}): Promise<Answer> {
    const format = form['claim_token'] === undefined ? {} : { claim_token_format: JWT_FORMAT };
    return this.tokenRequest({ grant_type: GRANT_TYPES.umaTicket, ...format, ...form }, options);
  }

  /** The whole of seed 003 steps 5 to 8: an identity token for the ticket, then the RPT. */
  async access(challenge: Challenge, changes: IdentityChanges = {}, options: TokenRequestOptions = {}): Promise<Answer> {
    return this.redeem({ ticket: challenge.ticket, claim_token: await this.identityToken(challenge, changes) }, options);
  }

  #signer(key: PrivateJwk): Promise<JoseSigner> {
    const known = this.#signers.get(key.kid) ?? JoseSigner.fromJwk({ ...key });
    this.#signers.set(key.kid, known);
    return known;
  }
}



/** The ticket pair in an answer: of the permission endpoint, or of need_info. */
export function toChallenge(body: Answer['body']): Challenge {
  return { ticket: String(body['ticket']), resourceClaimsToken: String(body['resource_claims_token']) };
}

/** Header and claims of a token, unverified. */
export function readToken(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { header: header ?? {}, claims: claims ?? {} };
}

/** Form encoding; a list repeats the parameter, undefined leaves it out. */
export function encodeForm(form: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const pairs = Object.entries(form).flatMap(([name, values]) => (values === undefined ? [] : [values].flat().map((value): [string, string] => [name, value])));
  return new URLSearchParams(pairs).toString();
}

/** The client's DPoP key of the tests. */
export function clientKey(jwk: PrivateJwk = fixedKeys.dpop): Promise<DpopKey> {
  return importDpopKey({ ...jwk });
}

/** Stops every server that was started in this file. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  closeConnections();
}

/** Tokens, addresses and client secrets in all logs of this file (A78). */
export function secretsInLogs(): readonly string[] {
  return leaksInLogs(CLIENTS.flatMap(({ secret }) => (secret === undefined ? [] : [secret])));
}

function defined(members: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
