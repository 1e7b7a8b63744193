import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { APP, CHALLENGER, Harness, INVALID_REQUEST, INVALID_TARGET, issuedToken, ISSUER, OLDER, seen, type FormChanges, type HarnessOptions } from './harness.ts';
import { ACME_AS, dpopProof, NOTE_URI, TICKET_HASH } from './support/forged-tokens.ts';
import type { HttpAnswer } from './support/send-request.ts';

/** H('016f84e8-f9b9-11e0-bd6f-0021cc6004de'), the test vector of protocol.md 1.4 in the style of seed 002. */
const CHALLENGE = 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c';
const EVIL_AS = 'https://as.evil.example';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => harness.forget());

/** Seed 002 step 4, with `resource` for the AS-RO. */
const challenge = (changes: FormChanges = {}, by = harness, headers: Record<string, string> = CHALLENGER): Promise<HttpAnswer> =>
  by.exchange({ subject_token: ofChallenger(by), actor_token: undefined, actor_token_type: undefined, ticket_challenge: CHALLENGE, resource: ACME_AS, ...changes }, headers);
const ofChallenger = (by = harness, claims = {}): string => by.accessToken({ claims: { client_id: 'challenger', ...claims } });
const expectRefused = (answer: HttpAnswer, body: string): void => {
  expect(seen(answer)).toEqual([400, body]);
  expect(answer.headers['cache-control']).toBe('no-store');
};
async function withServer(options: HarnessOptions, test: (server: Harness) => Promise<void>): Promise<void> {
  const server = await Harness.start(options);
  try {
    await test(server);
  } finally {
    await server.stop();
  }
}

describe('Seed 002 at AS-RqP', () => {
  it('gives a claims token with the challenge, for one AS-RO, like every other but for act [C3, T15, T17, T18, T19, T20]', async () => {
    const answer = await challenge({ audience: 'RS API' });
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.json).toEqual({ access_token: expect.any(String), issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A', expires_in: 120 });
    const now = harness.clock.now();
    const { header, claims } = issuedToken(answer);
    expect(header['typ']).toBe('uma-identity-claims+jwt');
    expect(claims).toEqual({
      iss: ISSUER,
      aud: ACME_AS,
      sub: 'bob@globex.example',
      email: 'bob@globex.example',
      email_verified: true,
      client_id: 'challenger',
      ticket_challenge: CHALLENGE,
      resource: 'RS API',
      iat: now,
      nbf: now,
      exp: now + 120,
      jti: expect.any(String),
      acr: 'urn:globex:loa:2',
      amr: ['pwd', 'otp'],
      auth_time: now - 30,
    });
  });

  it('asks an AS-RO that is named by its issuer identifier whether it is one', async () => {
    expect((await challenge()).status).toBe(200);
    expect(harness.directory.asked).toEqual([`metadata ${ACME_AS}`]);
  });

  it.each(['mailto:alice@acme.example', 'acct:alice@acme.example', 'mailto:alice%40acme.example'])('finds the AS-RO by its owner: %s [C6]', async (resource) => {
    const answer = await challenge({ resource });
    expect(issuedToken(answer).claims['aud']).toBe(ACME_AS);
    expect(harness.directory.asked).toEqual(['resource-owner acme.example', `metadata ${ACME_AS}`]);
    expect(new Set(harness.discoveredFor)).toEqual(new Set(['challenger']));
  });

  it('takes owner and issuer when they agree, and the issuer as an audience besides', async () => {
    expect(issuedToken(await challenge({ resource: [ACME_AS, 'mailto:alice@acme.example'], audience: [ACME_AS, 'RS API'] })).claims).toMatchObject({ aud: ACME_AS, resource: 'RS API' });
  });

  it('names the key that asked (Decision D3)', async () => {
    const answer = await challenge({}, harness, { ...CHALLENGER, dpop: dpopProof(harness.clock.now()) });
    expect(issuedToken(answer).claims['cnf']).toEqual({ jkt: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
  });

  it('ends no later than the subject token [T16]', async () => {
    const answer = await challenge({ subject_token: ofChallenger(harness, { exp: harness.clock.now() + 25 }) });
    expect(answer.json['expires_in']).toBe(25);
  });

  it('leaves the ordinary dialect to the same client', async () => {
    const answer = await harness.exchange({ subject_token: ofChallenger() }, CHALLENGER);
    expect(issuedToken(answer).claims).toMatchObject({ act: { sub: TICKET_HASH, iss: ACME_AS } });
    expect(issuedToken(answer).claims).not.toHaveProperty('ticket_challenge');
  });
});

describe('A request names one binding', () => {
  it.each<[string, FormChanges]>([
    ['actor token and challenge', { actor_token_type: TOKEN_TYPE_URNS.jwt, actor_token: 'x' }],
    ['an empty actor token and a challenge', { actor_token: '', actor_token_type: '' }],
    ['an actor token type and a challenge', { actor_token_type: TOKEN_TYPE_URNS.jwt }],
  ])('%s is invalid_request [T21, C3]', async (_what, changes) => {
    expectRefused(await challenge(changes), INVALID_REQUEST);
    expectRefused(await challenge({ ...changes, ...(changes['actor_token'] === 'x' ? { actor_token: harness.resourceClaimsToken() } : {}) }), INVALID_REQUEST);
    expect([harness.directory.asked, harness.provider.seen]).toEqual([[], []]);
  });

  it.each([
    ['app', APP],
    ['older', OLDER],
  ])('a challenge of the client %s, which is not marked for the dialect, is invalid_request [C3]', async (client, headers) => {
    const answer = await challenge({ subject_token: harness.accessToken({ claims: { client_id: client } }) }, harness, headers);
    expectRefused(answer, INVALID_REQUEST);
    expect(await harness.reasonOf(answer)).toBe('ticket_challenge_not_accepted');
  });

  it.each(['', 'x', `${CHALLENGE}=`, `${CHALLENGE}A`, CHALLENGE.slice(1), CHALLENGE.replaceAll('-', '+'), Buffer.from(CHALLENGE, 'base64url').toString('hex'), ` ${CHALLENGE.slice(1)}`, '016f84e8-f9b9-11e0-bd6f-0021cc6004de'])(
    'A13 the challenge %j is not 43 characters of base64url',
    async (ticket_challenge) => expectRefused(await challenge({ ticket_challenge }), INVALID_REQUEST),
  );

  it('A68 two challenges are refused [T4]', async () => {
    expectRefused(await challenge({ ticket_challenge: [CHALLENGE, CHALLENGE] }), INVALID_REQUEST);
  });
});

describe('The AS-RO that the token is for', () => {
  it.each<[string, FormChanges]>([
    ['nobody', { resource: undefined }],
    ['nobody but as an audience', { resource: undefined, audience: ACME_AS }],
    ['“RS API”, the letter of seed 002, which is no absolute URI [C6, T13]', { resource: 'RS API' }],
    ['a path [T13]', { resource: '/token' }],
    ['an issuer with a fragment [T13]', { resource: `${ACME_AS}#x` }],
    ['an issuer with a query', { resource: `${ACME_AS}?x` }],
    ['the requested resource and the AS-RO', { resource: [ACME_AS, NOTE_URI] }],
    ['two AS-ROs', { resource: [ACME_AS, EVIL_AS] }],
    ['A12 an owner of another AS-RO [T14]', { resource: [ACME_AS, 'mailto:alice@evil.example'] }],
    ['an owner of a domain that names nobody [T14]', { resource: 'mailto:alice@unknown.example' }],
    ['an owner with header fields', { resource: 'mailto:alice@acme.example?cc=x' }],
    ['A11 somebody who takes no tickets', { resource: 'https://payroll.globex.example' }],
    ['A37 no https', { resource: 'http://as.acme.example' }],
    ['A37 another port in another spelling', { resource: 'https://as.acme.example:443' }],
    ['A37 an address in a network of ours', { resource: 'https://10.0.0.1' }],
    ['another scheme', { resource: 'urn:example:as' }],
    ['two resource servers', { audience: ['RS API', 'Another API'] }],
  ])('%s is invalid_target', async (_what, changes) => expectRefused(await challenge(changes), INVALID_TARGET));

  it('A11 has to be trusted, however it is named [T10]', async () => {
    await withServer({ settings: { trust: { deny: [EVIL_AS] } } }, async (server) => {
      for (const resource of [EVIL_AS, 'mailto:mallory@evil.example']) {
        const answer = await challenge({ resource }, server);
        expectRefused(answer, INVALID_TARGET);
        expect(await server.reasonOf(answer)).toBe('resource_issuer_not_allowed');
      }
      expect((await challenge({}, server)).status).toBe(200);
    });
    await withServer({ settings: { trust: { mode: 'allowlist', allow: [ACME_AS] } } }, async (server) => {
      expect((await challenge({}, server)).status).toBe(200);
      expectRefused(await challenge({ resource: EVIL_AS }, server), INVALID_TARGET);
      expectRefused(await challenge({ resource: 'https://as.unknown.example' }, server), INVALID_TARGET);
    });
  });

  it('has the same budget in both dialects [T22]', async () => {
    await withServer({ settings: { limits: { perResourceOwnerServer: 2 } } }, async (server) => {
      expect((await challenge({}, server)).status).toBe(200);
      expect((await server.exchange()).status).toBe(200);
      const answer = await challenge({ resource: 'mailto:alice@acme.example' }, server);
      expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([429, true]);
    });
  });
});

describe('The person', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the token of another client [T7]', { client_id: 'app' }],
    ['A35 an address that is not verified [T8]', { email_verified: false }],
    ['an address of another domain [T8]', { email: 'alice@acme.example' }],
    ['A53 a token that only the AS-RO may use', { may_act: { iss: ACME_AS } }],
    ['a token with actors, for whom a challenged token has no room', { act: { sub: 'agent' } }],
    ['an expired token [T6]', { exp: 1 }],
  ])('is not vouched for with %s', async (_what, claims) => {
    expectRefused(await challenge({ subject_token: ofChallenger(harness, claims) }), INVALID_REQUEST);
  });
});
