import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { RateLimiter } from '@uma-federation/uma-core';
import { ALICE, ANNA, AsRoUnderTest, BOB, ISSUER, JWT_FORMAT, NOTE_URI, readToken, secretsInLogs, stopAll, toChallenge } from './harness.ts';
import { expectNeedInfo, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { OTHER_RS, RS } from './support/clients.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
let note: string;
let photo: string;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
  note = await asRo.register({ uri: NOTE_URI });
  photo = await asRo.register();
});
beforeEach(() => {
  asRo.stores.calls.length = 0;
});
afterAll(stopAll);

const ask = (permissions: unknown) => asRo.api('POST', '/permission', permissions);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

describe('A permission request', () => {
  it.each([
    ['an object', () => ({ resource_id: note, resource_scopes: ['view'] })],
    ['an array of one', () => [{ resource_id: note, resource_scopes: ['view'] }]],
    ['an array of several', () => [{ resource_id: note, resource_scopes: ['view'] }, { resource_id: photo, resource_scopes: ['print', 'view'] }]],
    ['zero scopes [F18]', () => ({ resource_id: note, resource_scopes: [] })],
  ])('as %s gives one ticket and the resource claims token bound to it [F17, F19]', async (_form, permissions) => {
    const { status, body, headers } = await ask(permissions());
    expect(status).toBe(201);
    expect(body).toEqual({ ticket: expect.any(String), resource_claims_token: expect.any(String), issued_token_type: JWT_FORMAT });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('for zero scopes leads to an RPT with zero scopes [F18]', async () => {
    const id = await asRo.register();
    await asRo.share(id);
    const { status, body } = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: [] }));
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).claims['permissions']).toEqual([{ resource_id: id, resource_scopes: [] }]);
  });

  it('for a resource named twice asks for the union of the scopes', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view', 'edit'] });
    const challenge = await asRo.challenge([{ resource_id: id, resource_scopes: ['view'] }, { resource_id: id, resource_scopes: ['edit', 'view'] }]);
    const { body } = await asRo.access(challenge);
    expect(readToken(String(body['access_token'])).claims['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view', 'edit'] }]);
  });

  it.each(['res_unknown', 'RES_UNKNOWN', '__proto__', 'constructor'])('for the unregistered id %s is refused [F20]', async (id) => {
    expect(refusal(await ask({ resource_id: id, resource_scopes: ['view'] }))).toEqual(refused(400, 'invalid_resource_id'));
    expect(refusal(await ask([{ resource_id: note, resource_scopes: ['view'] }, { resource_id: id, resource_scopes: ['view'] }]))).toEqual(refused(400, 'invalid_resource_id'));
  });

  it.each(['admin', 'VIEW', 'view ', 'viewer'])('for the scope %j, which the RS did not register for it, is refused [F21]', async (scope) => {
    expect(refusal(await ask({ resource_id: note, resource_scopes: ['view', scope] }))).toEqual(refused(400, 'invalid_scope'));
  });

  it('for resources of two owners is refused [F22]', async () => {
    const annas = await asRo.register({ owner: ANNA });
    expect(refusal(await ask([{ resource_id: note, resource_scopes: ['view'] }, { resource_id: annas, resource_scopes: ['view'] }]))).toEqual(INVALID_REQUEST);
  });

  it('for more than a ticket can carry is refused', async () => {
    const scopes = Array.from({ length: 64 }, (_, index) => `${index}${'s'.repeat(200)}`);
    const id = await asRo.register({ resource_scopes: scopes });
    expect(refusal(await ask({ resource_id: id, resource_scopes: scopes }))).toEqual(INVALID_REQUEST);
    expect((await ask({ resource_id: id, resource_scopes: scopes.slice(0, 10) })).status).toBe(201);
  });

  it('with members that nobody knows is understood [G9]', async () => {
    expect((await ask({ resource_id: note, resource_scopes: ['view'], claims: { x: 1 }, exp: 1 })).status).toBe(201);
  });

  it.each([
    ['an empty array', []],
    ['no resource_id', { resource_scopes: ['view'] }],
    ['no resource_scopes', { resource_id: 'res_1' }],
    ['scopes as a string', { resource_id: 'res_1', resource_scopes: 'view' }],
    ['an id that is a number', { resource_id: 1, resource_scopes: [] }],
    ['an id that is an object', { resource_id: { $ne: null }, resource_scopes: [] }],
    ['null in the array', [null]],
    ['an array of arrays', [[]]],
    ['too many permissions', Array.from({ length: 33 }, () => ({ resource_id: 'res_1', resource_scopes: [] }))],
    ['A69 __proto__', '{"resource_id":"res_1","resource_scopes":[],"__proto__":{}}'],
    ['duplicate members', '{"resource_id":"res_1","resource_id":"res_2","resource_scopes":[]}'],
    ['a NUL in the id', '{"resource_id":"res\\u0000","resource_scopes":[]}'],
    ['a string', '"res_1"'],
    ['no JSON', 'resource_id=res_1'],
  ])('with %s is refused', async (_what, body) => {
    expect(refusal(await ask(body))).toEqual(INVALID_REQUEST);
    expect(asRo.stores.calls).toEqual([]);
  });
});

describe('A2 The resource_uri of a permission request', () => {
  it.each([
    'https://rs2.acme.example/api/notes/1',
    'https://rs.acme.example.evil.example/',
    'https://rs.acme.example@evil.example/',
    'https://user@rs.acme.example/notes/1',
    'https://rs.acme.example:8443/notes/1',
    'https://rs.acme.example:443/notes/1',
    'http://rs.acme.example/notes/1',
    'https://RS.acme.example/notes/1',
    'https://files.acme.example/albumsx/1',
    'https://files.acme.example/albums/../1',
    'https://files.acme.example/albums/%2e%2e/1',
    'https://files.acme.example/albums%2f1',
    'https://rs.acme.example\\@evil.example/',
    'https://rs.acme.example/notes/1#x',
    '//rs.acme.example/notes/1',
    'notes/1',
    'javascript:alert(1)',
  ])('is not %s: no ticket', async (resourceUri) => {
    const answer = await ask({ resource_id: note, resource_scopes: ['view'], resource_uri: resourceUri });
    expect(refusal(answer)).toEqual(INVALID_REQUEST);
  });

  it('of another RS is refused for each RS', async () => {
    const theirs = await asRo.register({}, OTHER_RS);
    const request = { resource_id: theirs, resource_scopes: ['view'], resource_uri: NOTE_URI };
    expect(refusal(await asRo.api('POST', '/permission', request, await asRo.pat(OTHER_RS)))).toEqual(INVALID_REQUEST);
  });

  it('is the same for all permissions of one request', async () => {
    const permission = { resource_id: note, resource_scopes: ['view'] };
    const two = [{ ...permission, resource_uri: NOTE_URI }, { ...permission, resource_uri: `${NOTE_URI}0` }];
    expect(refusal(await ask(two))).toEqual(INVALID_REQUEST);
  });

  it.each([
    ['what the request says', { resource_uri: 'https://files.acme.example/albums/7' }, 'https://files.acme.example/albums/7'],
    ['else where the resource was registered', {}, NOTE_URI],
  ])('becomes aud of the resource claims token: %s', async (_what, extension, audience) => {
    const { body } = await ask({ resource_id: note, resource_scopes: ['view'], ...extension });
    expect(readToken(toChallenge(body).resourceClaimsToken).claims['aud']).toBe(audience);
  });

  it('is the RS itself when neither the request nor the registration names one', async () => {
    const { body } = await ask({ resource_id: photo, resource_scopes: ['view'] });
    expect(readToken(toChallenge(body).resourceClaimsToken).claims['aud']).toBe('https://rs.acme.example');
  });
});

describe('The ticket pair (protocol.md 1.7)', () => {
  it('is two JWTs of distinct types, signed by the key of the JWK Set', async () => {
    const { ticket, resourceClaimsToken } = await asRo.challenge({ resource_id: note, resource_scopes: ['view'] });
    const now = asRo.clock.now();
    expect(readToken(ticket)).toEqual({
      header: { alg: 'ES256', kid: 'acme-as-ro-1', typ: 'uma-ticket+jwt' },
      claims: { iss: ISSUER, aud: ISSUER, sub: expect.any(String), iat: now, nbf: now, exp: now + 300, jti: expect.any(String), ctx: expect.any(String) },
    });
    expect(readToken(resourceClaimsToken)).toEqual({
      header: { alg: 'ES256', kid: 'acme-as-ro-1', typ: 'uma-resource-claims+jwt' },
      claims: { iss: ISSUER, aud: NOTE_URI, sub: sha256(String(readToken(ticket).claims['sub'])), iat: now, nbf: now, exp: now + 300, jti: expect.any(String) },
    });
  });

  it('binds the hash to the text of the nonce, not to the ticket string nor to the decoded nonce', async () => {
    const { ticket, resourceClaimsToken } = await asRo.challenge({ resource_id: note, resource_scopes: ['view'] });
    const { sub } = readToken(resourceClaimsToken).claims;
    expect(sub).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sub).not.toBe(sha256(ticket));
  });

  it('is of 256 random bits, fresh for each request [G57]', async () => {
    const requested: Uint8Array[] = [];
    const { randomness } = asRo;
    const spied = await AsRoUnderTest.start({
      overrides: {
        randomness: {
          bytes: (count) => {
            const bytes = randomness.bytes(count);
            requested.push(bytes);
            return bytes;
          },
        },
      },
    });
    const id = await spied.register();
    const nonces = [];
    for (let index = 0; index < 3; index += 1) {
      const { ticket } = await spied.challenge({ resource_id: id, resource_scopes: ['view'] });
      nonces.push(String(readToken(ticket).claims['sub']));
    }
    expect(new Set(nonces).size).toBe(3);
    for (const nonce of nonces) {
      const bytes = requested.find((candidate) => Buffer.from(candidate).toString('base64url') === nonce);
      expect(bytes?.length).toBe(32);
    }
  });

  it('is opaque: neither token shows resource, scope, owner or RS to who holds it', async () => {
    const { ticket, resourceClaimsToken } = await asRo.challenge({ resource_id: photo, resource_scopes: ['download'], resource_uri: 'https://rs.acme.example/x' });
    const plain = [...ticket.split('.'), ...resourceClaimsToken.split('.'), ...String(readToken(ticket).claims['ctx']).split('.')].map((part) => Buffer.from(part, 'base64url').toString('latin1')).join('\n');
    for (const secret of [photo, 'download', ALICE, RS.id, BOB]) expect(plain).not.toContain(secret);
  });
});

describe('A ticket costs no write (Decision D2)', () => {
  it('A74 when it is issued: nothing but the resources is even read, however many tickets anonymous requests cause', async () => {
    await asRo.pat();
    await ask([{ resource_id: note, resource_scopes: ['view'] }, { resource_id: photo, resource_scopes: ['view'] }]);
    expect(asRo.stores.calls).toEqual(['resources.findAll']);
  });

  it('when it is rotated: the only write marks the old ticket as used', async () => {
    const shared = await asRo.sharedNote();
    asRo.stores.calls.length = 0;
    expectNeedInfo(await asRo.redeem({ ticket: shared.ticket }), shared);
    expect(writesAmong(asRo.stores.calls)).toEqual(['tickets.take']);
  });
});

describe('Ticket flooding', () => {
  it('A74 is limited per RS: 429 with Retry-After, before anything is looked up', async () => {
    const taken: string[] = [];
    const limiter: RateLimiter = { take: async (key) => (taken.push(key) > 1 ? 17 : undefined) };
    const unlimited: RateLimiter = { take: async () => undefined };
    const limited = await AsRoUnderTest.start({ overrides: { limiters: { bySource: unlimited, byClient: unlimited, ticketsByResourceServer: limiter, introspectionsByResourceServer: unlimited } } });
    const id = await limited.register();
    const request = { resource_id: id, resource_scopes: ['view'] };
    expect((await limited.api('POST', '/permission', request)).status).toBe(201);
    limited.stores.calls.length = 0;
    const answer = await limited.api('POST', '/permission', request);
    expect(refusal(answer)).toEqual(refused(429, 'temporarily_unavailable'));
    expect(answer.headers['retry-after']).toBe('17');
    expect({ taken, calls: limited.stores.calls }).toEqual({ taken: [RS.id, RS.id], calls: [] });
  });
});

describe('A27 A grant for one resource widened by tricks with ids or types [F33]', () => {
  it.each(['photo:1', 'type:photo', '*', '', 'res_', '%', 'res_*'])('%j is no resource id', async (id) => {
    await asRo.register({ type: 'photo', name: 'photo:1' });
    const answer = await ask({ resource_id: id, resource_scopes: ['view'] });
    expect(refusal(answer)).toEqual(refused(400, id === '' ? 'invalid_request' : 'invalid_resource_id'));
  });

  it('a share of one resource lets nobody into another of the same type and name', async () => {
    const first = await asRo.register({ type: 'photo', name: 'p' });
    const second = await asRo.register({ type: 'photo', name: 'p' });
    await asRo.share(first);
    const { status, body } = await asRo.access(await asRo.challenge([{ resource_id: first, resource_scopes: ['view'] }, { resource_id: second, resource_scopes: ['view'] }]));
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).claims['permissions']).toEqual([{ resource_id: first, resource_scopes: ['view'] }]);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
