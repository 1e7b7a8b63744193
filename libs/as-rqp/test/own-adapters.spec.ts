import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RESOURCE_OWNER_ISSUER_REL } from '@uma-federation/federation';
import { loadKeyRing, NodeSignatureVerifier } from '@uma-federation/keys';
import { createLogger, type Service } from '@uma-federation/nest-kit';
import { fixedKeys, keysById, publicJwk } from '@uma-federation/testing';
import { verifyIdentityClaimsToken, type Issuer, type PublicJwk } from '@uma-federation/uma-core';
import { asRqpConfiguration, createAsRqp } from '../src/index.ts';
import { APP, APP_SECRET, Harness, INVALID_TARGET, ISSUER, seen } from './harness.ts';
import { dpopProof, TICKET_HASH } from './support/forged-tokens.ts';

const KEY_FILE = 'as-rqp.json';

describe('AS-RqP with the adapters that its configuration asks for', () => {
  let folder = '';
  let harness: Harness;
  let asRo: Server;
  let asRoIssuer = '';
  const asked: string[] = [];

  const start = (): Promise<Harness> =>
    Harness.start({ ownAdapters: true, settings: { keyFile: join(folder, KEY_FILE), development: { addressMap: { 'acme.example': asRoIssuer } } } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'as-rqp-'));
    asRo = createServer(({ url = '' }, response) => {
      const path = url.replace(/\?.*$/, '');
      asked.push(path);
      const documents: Record<string, object> = {
        '/.well-known/webfinger': { links: [{ rel: RESOURCE_OWNER_ISSUER_REL, href: asRoIssuer }] },
        '/.well-known/oauth-authorization-server': { issuer: asRoIssuer, jwks_uri: `${asRoIssuer}/jwks` },
        '/jwks': { keys: [publicJwk(fixedKeys.acme)] },
      };
      const type = path.endsWith('webfinger') ? 'application/jrd+json' : 'application/json';
      response.writeHead(path in documents ? 200 : 404, { 'content-type': type }).end(JSON.stringify(documents[path] ?? {}));
    });
    await new Promise<void>((resolve) => asRo.listen(0, '127.0.0.1', resolve));
    asRoIssuer = `http://127.0.0.1:${(asRo.address() as AddressInfo).port}`;
    harness = await start();
  });
  afterAll(async () => {
    await harness.stop();
    await new Promise<void>((resolve) => {
      asRo.close(() => resolve());
      asRo.closeAllConnections();
    });
    await rm(folder, { recursive: true });
  });

  const actorToken = (from: Harness): string => from.resourceClaimsToken({ claims: { iss: asRoIssuer, aud: `${asRoIssuer}/notes/7` } });
  const publishedKeys = async (from: Harness): Promise<readonly PublicJwk[]> => (await from.send('/jwks')).json['keys'] as PublicJwk[];

  it('finds the keys of a stranger by its metadata, the owner by WebFinger, and signs with the key that it publishes', async () => {
    const answer = await harness.exchange({ actor_token: actorToken(harness), resource: 'mailto:alice@acme.example' }, { ...APP, dpop: dpopProof(harness.clock.now()) });
    expect(answer.status).toBe(200);
    expect(new Set(asked)).toEqual(new Set(['/.well-known/oauth-authorization-server', '/jwks', '/.well-known/webfinger']));
    const identity = await verifyIdentityClaimsToken(
      String(answer.json['access_token']),
      { issuer: ISSUER as Issuer, audience: asRoIssuer as Issuer, ticketHash: TICKET_HASH, keys: keysById(await publishedKeys(harness)) },
      { signatures: new NodeSignatureVerifier(), clock: harness.clock },
    );
    expect(identity.email).toBe('bob@globex.example');
  });

  it('knows the stranger the next time and asks nobody', async () => {
    asked.length = 0;
    expect((await harness.exchange({ actor_token: actorToken(harness), resource: 'mailto:alice@acme.example' })).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it('remembers DPoP proofs', async () => {
    const headers = { ...APP, dpop: dpopProof(harness.clock.now()) };
    const first = await harness.exchange({ actor_token: actorToken(harness) }, headers);
    const second = await harness.exchange({ actor_token: actorToken(harness) }, headers);
    expect([first.status, second.status, second.json['error']]).toEqual([200, 400, 'invalid_dpop_proof']);
  });

  it('keeps its signing key in a file that nobody else can read, and has it again after a restart', async () => {
    expect((await stat(join(folder, KEY_FILE))).mode & 0o777).toBe(0o600);
    const restarted = await start();
    try {
      expect(await publishedKeys(restarted)).toEqual(await publishedKeys(harness));
    } finally {
      await restarted.stop();
    }
  });

  it('A37 takes no issuer and no resource on loopback without the development setting', async () => {
    const strict = await Harness.start({ ownAdapters: true, settings: { keyFile: join(folder, KEY_FILE) } });
    try {
      asked.length = 0;
      expect(seen(await strict.exchange({ actor_token: actorToken(strict) }))).toEqual([400, INVALID_TARGET]);
      expect(asked).toEqual([]);
    } finally {
      await strict.stop();
    }
  });
});

describe('the configuration of AS-RqP', () => {
  const good = {
    issuer: ISSUER,
    emailDomains: ['globex.example'],
    identityProviders: [{ issuer: 'https://login.globex.example' }],
    keyFile: 'not-used.json',
    clients: [{ clientId: 'app', clientSecret: APP_SECRET }],
  };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const create = async (changes: Record<string, unknown> = {}): Promise<Service> =>
    createAsRqp(asRqpConfiguration.parse({ ...good, ...changes }), { logger }, { keys: loadKeyRing([fixedKeys.globex]) });

  it('is accepted when it is good', async () => {
    await (await create()).stop();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an issuer on http', { issuer: 'http://as.globex.example' }, 'issuer: an https origin'],
    ['an issuer on loopback without the development setting', { issuer: 'http://127.0.0.1:4120' }, 'issuer: an https origin'],
    ['an issuer with a path', { issuer: `${ISSUER}/tenant` }, 'issuer: an https origin'],
    ['an issuer with a slash at its end', { issuer: `${ISSUER}/` }, 'issuer: an https origin'],
    ['an issuer for owners that is none', { resourceOwnerIssuer: 'as-ro' }, 'resourceOwnerIssuer: an https origin'],
    ['a domain in capitals', { emailDomains: ['Globex.example'] }, 'emailDomains: a lower-case A-label'],
    ['a domain of one label', { emailDomains: ['globex'] }, 'emailDomains: a lower-case A-label'],
    ['no domain', { emailDomains: [] }, 'emailDomains'],
    ['no identity provider', { identityProviders: [] }, 'identityProviders'],
    ['an identity provider that is no URL', { identityProviders: [{ issuer: 'login.globex.example' }] }, 'identityProviders'],
    ['two clients of one name', { clients: [good.clients[0], good.clients[0]] }, 'two clients have the same clientId'],
    ['a client with a short secret', { clients: [{ clientId: 'app', clientSecret: 'short' }] }, 'a secret of at least 32 characters'],
    ['a client with neither secret nor the word public', { clients: [{ clientId: 'app' }] }, 'exactly one of clientSecret'],
    ['a token that lives for more than 2 minutes', { tokenLifetime: '121s' }, 'at most 120 s'],
    ['a token that does not live', { tokenLifetime: '0s' }, 'at most 120 s'],
    ['an address map that leads away from loopback', { development: { addressMap: { 'acme.example': 'http://192.0.2.1' } } }, 'The address map sends'],
    ['a setting that does not exist', { trsut: {} }, 'trsut'],
  ])('is refused with %s', async (_what, changes, message) => {
    await expect(create(changes)).rejects.toThrow(message);
  });

  it('does not print secrets', () => {
    expect(JSON.stringify(asRqpConfiguration.parse(good))).not.toContain(APP_SECRET);
  });
});
