import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, forgeJws, publicJwk, type PrivateJwk } from '@uma-federation/testing';
import { JWT_BEARER_ASSERTION, type JsonObject } from '@uma-federation/uma-core';
import { basic, createTestServer, ECHO_GRANT, ISSUER, SECRET, TOKEN_URL, type TestServer } from './test-server.ts';

let server: TestServer;
let serial = 0;
beforeAll(async () => {
  server = await createTestServer();
});
afterAll(async () => server.application.close());
beforeEach(() => {
  server.replays.away = false;
});

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: PrivateJwk;
}

/** An assertion of `signer`, good but for the changes; undefined leaves a member out. */
function assertionOf({ claims = {}, header = {}, key = fixedKeys.dpop }: Changes = {}, clientId = 'signer'): string {
  const now = server.clock.now();
  serial += 1;
  return forgeJws({
    header: defined({ alg: key.alg, kid: key.kid, typ: 'client-authentication+jwt', ...header }),
    claims: defined({ iss: clientId, sub: clientId, aud: ISSUER, iat: now, exp: now + 60, jti: `assertion-${serial}`, ...claims }),
    key,
  });
}
const defined = (members: Record<string, unknown>): JsonObject => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
const formOf = (assertion: string) => ({ grant_type: ECHO_GRANT, client_assertion_type: JWT_BEARER_ASSERTION, client_assertion: assertion });
const present = (assertion: string, more: Record<string, string> = {}) => server.token({ ...formOf(assertion), ...more });
const outcome = (answer: { statusCode: number; body: string }) => [answer.statusCode, (JSON.parse(answer.body) as { error?: string }).error];
const reason = (): unknown => (JSON.parse(server.rawLog.at(-1) ?? '{}') as { reason?: string }).reason;

describe('private_key_jwt', () => {
  it.each([fixedKeys.dpop, fixedKeys.ed25519, fixedKeys.rsa, fixedKeys.rsaPss])('authenticates a client by its $alg key', async (key) => {
    const answer = await present(assertionOf({ key }));
    expect(answer.json()).toMatchObject({ client_id: 'signer', method: 'private_key_jwt' });
  });

  it.each<[string, Changes]>([
    ['without a typ (RFC 10070: a server should not reject its absence)', { header: { typ: undefined } }],
    ['with the typ JWT', { header: { typ: 'JWT' } }],
    ['with the typ as a media type', { header: { typ: 'application/client-authentication+jwt' } }],
    ['with the issuer as the one element of an array', { claims: { aud: [ISSUER] } }],
    ['without iat', { claims: { iat: undefined } }],
    ['that lives for 5 minutes', { claims: { exp: 1_800_000_300 } }],
    ['with claims that are not looked at', { claims: { htm: 'POST', events: {} } }],
  ])('takes an assertion %s', async (_what, changes) => {
    expect((await present(assertionOf(changes))).statusCode).toBe(200);
  });

  it('takes the same client_id beside it, and lets a client so authenticated have a token of its own', async () => {
    expect((await present(assertionOf(), { client_id: 'signer' })).statusCode).toBe(200);
    expect((await present(assertionOf(), { grant_type: 'client_credentials' })).statusCode).toBe(200);
  });

  describe('A70 client authentication confusion', () => {
    it.each<[string, Changes, string]>([
      ['made for the token endpoint', { claims: { aud: TOKEN_URL } }, 'assertion_wrong_audience'],
      ['made for the issuer and the token endpoint', { claims: { aud: [ISSUER, TOKEN_URL] } }, 'assertion_bad_claims'],
      ['made for the issuer twice', { claims: { aud: [ISSUER, ISSUER] } }, 'assertion_bad_claims'],
      ['made for the issuer with a slash', { claims: { aud: `${ISSUER}/` } }, 'assertion_wrong_audience'],
      ['made for another server', { claims: { aud: 'https://as.evil.example' } }, 'assertion_wrong_audience'],
      ['without an audience', { claims: { aud: undefined } }, 'assertion_bad_claims'],
      ['by another issuer', { claims: { iss: 'confidential' } }, 'assertion_wrong_issuer'],
      ['about another subject', { claims: { sub: 'confidential' } }, 'assertion_wrong_issuer'],
      ['about another client altogether', { claims: { iss: 'confidential', sub: 'confidential' } }, 'unknown_client'],
      ['about nobody', { claims: { iss: 'nobody', sub: 'nobody' } }, 'unknown_client'],
      ['without jti', { claims: { jti: undefined } }, 'assertion_bad_claims'],
      ['without exp', { claims: { exp: undefined } }, 'assertion_bad_claims'],
      ['that has expired', { claims: { iat: 1_799_999_000, exp: 1_799_999_060 } }, 'assertion_expired'],
      ['that lives for more than 5 minutes', { claims: { exp: 1_800_000_301 } }, 'assertion_lifetime_too_long'],
      ['that lives for more than 5 minutes and hides it', { claims: { iat: undefined, exp: 1_800_000_361 } }, 'assertion_not_yet_valid'],
      ['from the future', { claims: { iat: 1_800_000_061, exp: 1_800_000_090 } }, 'assertion_not_yet_valid'],
      ['with a key that is not the client’s', { key: { ...fixedKeys.evil, kid: fixedKeys.dpop.kid } }, 'assertion_bad_signature'],
      ['with a kid that the client has not', { key: fixedKeys.evil }, 'assertion_unknown_key'],
      ['without kid', { header: { kid: undefined } }, 'assertion_bad_kid'],
      ['with alg none', { header: { alg: 'none' } }, 'assertion_alg_not_allowed'],
      ['with a symmetric alg', { header: { alg: 'HS256' } }, 'assertion_alg_not_allowed'],
      ['that brings its key along', { header: { jwk: publicJwk(fixedKeys.dpop) } }, 'assertion_bad_header'],
      ['that is an access token', { header: { typ: 'at+jwt' } }, 'assertion_wrong_typ'],
      ['that is a DPoP proof', { header: { typ: 'dpop+jwt' } }, 'assertion_wrong_typ'],
      ['that is a permission ticket', { header: { typ: 'uma-ticket+jwt' } }, 'assertion_wrong_typ'],
      ['that is an identity claims token', { header: { typ: 'uma-identity-claims+jwt' } }, 'assertion_wrong_typ'],
    ])('refuses an assertion %s with 401 invalid_client', async (_what, changes, why) => {
      const answer = await present(assertionOf(changes));
      expect([outcome(answer), reason()]).toEqual([[401, 'invalid_client'], why]);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    });

    it('refuses an assertion the second time', async () => {
      const assertion = assertionOf();
      expect((await present(assertion)).statusCode).toBe(200);
      expect(outcome(await present(assertion))).toEqual([401, 'invalid_client']);
      expect(reason()).toBe('assertion_replayed');
    });

    it('lets nobody else use up an identifier: only what is signed right is remembered', async () => {
      const jti = 'guessed';
      expect(outcome(await present(assertionOf({ claims: { jti }, key: { ...fixedKeys.evil, kid: fixedKeys.dpop.kid } })))).toEqual([401, 'invalid_client']);
      expect((await present(assertionOf({ claims: { jti } }))).statusCode).toBe(200);
    });

    it('fails closed when nobody can say whether it was used: 503', async () => {
      server.replays.away = true;
      expect(outcome(await present(assertionOf()))).toEqual([503, 'temporarily_unavailable']);
    });

    it.each<[string, Record<string, string>, Record<string, string>]>([
      ['and Basic', {}, { authorization: basic('confidential', SECRET) }],
      ['and a secret in the form', { client_secret: SECRET }, {}],
      ['and the name of another client', { client_id: 'confidential' }, {}],
    ])('refuses an assertion %s with 400 invalid_request', async (_what, form, headers) => {
      expect(outcome(await server.token({ ...formOf(assertionOf()), ...form }, headers))).toEqual([400, 'invalid_request']);
    });

    it.each<[string, Record<string, string>]>([
      ['an assertion of another type', { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }],
      ['an assertion without a type', { client_assertion_type: '' }],
      ['a type without an assertion', { client_assertion: '' }],
      ['an assertion that is no JWT', { client_assertion: 'x.y.z' }],
    ])('refuses %s with 401', async (_what, form) => {
      expect(outcome(await present(assertionOf(), form))).toEqual([401, 'invalid_client']);
    });

    it('holds each client to its own method', async () => {
      const attempts: [Record<string, string>, Record<string, string>, string][] = [
        [{ client_id: 'signer' }, {}, 'secret_missing'],
        [{ client_id: 'signer', client_secret: SECRET }, {}, 'method_not_registered'],
        [{}, { authorization: basic('signer', '') }, 'method_not_registered'],
        [formOf(assertionOf({}, 'public')), {}, 'unknown_client'],
        [formOf(assertionOf({}, 'by-dns')), {}, 'unknown_client'],
      ];
      for (const [form, headers, why] of attempts) {
        expect([outcome(await server.token({ grant_type: ECHO_GRANT, ...form }, headers)), reason()]).toEqual([[401, 'invalid_client'], why]);
      }
    });
  });

  it('looks the same outside, whatever is wrong with the assertion [A78]', async () => {
    const answers = [];
    for (const changes of [{ claims: { iss: 'nobody', sub: 'nobody' } }, { claims: { aud: TOKEN_URL } }, { key: { ...fixedKeys.evil, kid: fixedKeys.dpop.kid } }]) answers.push(await present(assertionOf(changes)));
    const comparable = answers.map(({ statusCode, body, headers }) => JSON.stringify({ statusCode, body, headers: { ...headers, date: '', 'x-request-id': '' } }));
    expect(new Set(comparable).size).toBe(1);
  });

  it('fetches the keys of a client that publishes them, once; and refuses it while they cannot be had', async () => {
    const ask = (key: PrivateJwk) => present(assertionOf({ key }, 'publisher'));
    server.published = { keys: [publicJwk(fixedKeys.evil)] };
    expect((await ask(fixedKeys.evil)).json()).toMatchObject({ client_id: 'publisher', method: 'private_key_jwt' });
    expect((await ask(fixedKeys.evil)).statusCode).toBe(200);
    expect(server.asked).toHaveLength(1);
    server.clock.seconds += 601;
    server.published = 'connection_failure';
    expect([outcome(await ask(fixedKeys.evil)), reason()]).toEqual([[401, 'invalid_client'], 'client_keys_unavailable']);
    server.clock.seconds -= 601;
  });

  it('writes no assertion to the log [A78]', () => {
    expect(server.rawLog.join('')).not.toContain('eyJ');
  });
});

describe('a client whose tokens are always bound', () => {
  it('gets none without a DPoP proof (RFC 9449 5.2)', async () => {
    const answer = await server.token({ grant_type: ECHO_GRANT }, { authorization: basic('bound', 'another-secret-of-32-characters-or-more') });
    expect([outcome(answer), reason()]).toEqual([[400, 'invalid_dpop_proof'], 'dpop_proof_missing']);
  });
});
