import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, fixedKeys } from '@uma-federation/testing';
import { jwkThumbprint, temporarilyUnavailable, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { createVolatileState } from '@uma-federation/volatile-state';
import { APP, Harness, INVALID_REQUEST, issuedToken, ISSUER, seen, TOKEN_URL, type FormChanges } from './harness.ts';
import { dpopProof, type Forgery } from './support/forged-tokens.ts';
import { basic } from './support/send-request.ts';

const INVALID_PROOF = '{"error":"invalid_dpop_proof","error_description":"The DPoP proof is not acceptable."}';

describe('A76 DPoP at the token endpoint', () => {
  let harness: Harness;
  let thumbprint = '';
  beforeAll(async () => {
    harness = await Harness.start();
    thumbprint = await jwkThumbprint(fixedKeys.dpop);
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const proof = (forgery?: Forgery): string => dpopProof(harness.clock.now(), forgery);
  const exchange = (dpop: string | readonly string[], changes: FormChanges = {}) => harness.exchange(changes, { ...APP, dpop });
  const bound = (jkt = thumbprint): Forgery => ({ claims: { cnf: { jkt } } });

  it('binds the identity claims token to the key that asked', async () => {
    expect(issuedToken(await exchange(proof())).claims['cnf']).toEqual({ jkt: thumbprint });
  });

  it('binds no token when no key was proven', async () => {
    expect('cnf' in issuedToken(await harness.exchange()).claims).toBe(false);
  });

  it('binds the token of a public client, too', async () => {
    const subject = harness.accessToken({ claims: { client_id: 'mobile' } });
    const answer = await harness.exchange({ subject_token: subject, client_id: 'mobile' }, { dpop: proof() });
    expect(issuedToken(answer).claims).toMatchObject({ client_id: 'mobile', cnf: { jkt: thumbprint } });
  });

  it.each<[string, Forgery]>([
    ['EdDSA', { key: fixedKeys.ed25519, header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: fixedKeys.ed25519.x } } }],
    ['RS256', { key: fixedKeys.rsa, header: { jwk: { kty: 'RSA', n: fixedKeys.rsa.n, e: fixedKeys.rsa.e } } }],
  ])('takes a key for %s', async (_what, forgery) => {
    expect((await exchange(proof(forgery))).status).toBe(200);
  });

  it('takes a proof whose htu has a query or another spelling of the same address [RFC 9449 4.3]', async () => {
    for (const htu of [`${TOKEN_URL}?x=y`, `${TOKEN_URL}#z`, 'HTTPS://AS.globex.example:443/token']) {
      expect((await exchange(proof({ claims: { htu } }))).status).toBe(200);
    }
  });

  it.each<[string, Forgery, string]>([
    ['for another method', { claims: { htm: 'GET' } }, 'dpop_wrong_method'],
    ['for the method in lower case', { claims: { htm: 'post' } }, 'dpop_wrong_method'],
    ['for another path', { claims: { htu: `${ISSUER}/tokens` } }, 'dpop_wrong_url'],
    ['for another server', { claims: { htu: 'https://as.acme.example/token' } }, 'dpop_wrong_url'],
    ['for the address without TLS', { claims: { htu: 'http://as.globex.example/token' } }, 'dpop_wrong_url'],
    ['without jti', { claims: { jti: undefined } }, 'dpop_bad_claims'],
    ['without iat', { claims: { iat: undefined } }, 'dpop_bad_claims'],
    ['without htu', { claims: { htu: undefined } }, 'dpop_bad_claims'],
    ['without htm', { claims: { htm: undefined } }, 'dpop_bad_claims'],
    ['with the type of another token', { header: { typ: 'JWT' } }, 'dpop_wrong_typ'],
    ['without key', { header: { jwk: undefined } }, 'dpop_bad_header'],
    ['that names its key instead of carrying it', { header: { jwk: undefined, kid: 'dpop-1' } }, 'dpop_bad_header'],
    ['that carries the private key', { header: { jwk: fixedKeys.dpop } }, 'dpop_bad_header'],
    ['that carries another key than the one that signed', { header: { jwk: { kty: 'EC', crv: 'P-256', x: fixedKeys.evil.x, y: fixedKeys.evil.y } } }, 'dpop_bad_signature'],
    ['with a symmetric algorithm', { header: { alg: 'HS256' } }, 'dpop_alg_not_allowed'],
    ['without signature algorithm', { header: { alg: 'none' } }, 'dpop_alg_not_allowed'],
    ['with an address for its key', { header: { jku: 'https://evil.example/keys' } }, 'dpop_bad_header'],
    ['with an empty signature', { signature: () => new Uint8Array() }, 'dpop_malformed'],
  ])('refuses a proof %s', async (_what, forgery, reason) => {
    const answer = await exchange(proof(forgery));
    expect(seen(answer)).toEqual([400, INVALID_PROOF]);
    expect(await harness.reasonOf(answer)).toBe(reason);
    expect([harness.directory.asked, harness.provider.seen]).toEqual([[], []]);
  });

  it('refuses a proof for the address that the Host header suggests (A86)', async () => {
    const answer = await harness.exchange({}, { ...APP, host: 'as.evil.example', dpop: proof({ claims: { htu: 'https://as.evil.example/token' } }) });
    expect(seen(answer)).toEqual([400, INVALID_PROOF]);
  });

  it.each([
    ['60 s old', -60, 200],
    ['as old as the skew lets it be', -119, 200],
    ['older', -120, 400],
    ['as far ahead as the skew lets it be', 60, 200],
    ['further ahead', 61, 400],
  ])('answers a proof that is %s as the clock says', async (_what, seconds, status) => {
    const answer = await exchange(proof({ claims: { iat: harness.clock.now() + seconds } }));
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.text).toBe(INVALID_PROOF);
  });

  it('refuses a proof that was used before, also by another client', async () => {
    const once = proof();
    expect((await exchange(once)).status).toBe(200);
    const again = await exchange(once);
    expect(seen(again)).toEqual([400, INVALID_PROOF]);
    expect(await harness.reasonOf(again)).toBe('dpop_proof_replayed');
    expect(seen(await harness.exchange({ client_id: 'mobile' }, { dpop: once }))).toEqual([400, INVALID_PROOF]);
  });

  it('refuses the replay of a proof whose exchange failed', async () => {
    const once = proof();
    expect(seen(await exchange(once, { subject_token: 'x.y.z' }))).toEqual([400, INVALID_REQUEST]);
    expect(seen(await exchange(once))).toEqual([400, INVALID_PROOF]);
  });

  it('lets exactly one of 50 parallel requests with one proof through', async () => {
    const once = proof();
    const form = harness.form();
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(once, form)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ text }) => text === INVALID_PROOF)).toHaveLength(49);
  });

  it('spends no proof of a client that is not authenticated', async () => {
    const once = proof();
    expect((await harness.exchange({}, { authorization: basic('app', 'wrong'), dpop: once })).status).toBe(401);
    expect((await exchange(once)).status).toBe(200);
  });

  it('refuses two DPoP headers, two good ones too, in one line or in two', async () => {
    expect(seen(await exchange([proof(), proof()]))).toEqual([400, INVALID_PROOF]);
    expect(seen(await exchange(`${proof()}, ${proof()}`))).toEqual([400, INVALID_PROOF]);
  });

  it('does not overlook an empty or malformed proof', async () => {
    for (const header of ['', 'x', 'a.b.c', 'null']) expect(seen(await exchange(header))).toEqual([400, INVALID_PROOF]);
  });

  describe('a subject token that is bound to a key', () => {
    const refused = async (dpop: string | undefined, changes: FormChanges): Promise<void> => {
      const answer = await harness.exchange(changes, dpop === undefined ? APP : { ...APP, dpop });
      expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
      expect(await harness.reasonOf(answer)).toBe('subject_token_key_not_proven');
      expect(harness.directory.asked).toEqual([]);
    };

    it('is taken with a proof of that key, and the new token is bound to it as well', async () => {
      const answer = await exchange(proof(), { subject_token: harness.accessToken(bound()) });
      expect(issuedToken(answer).claims['cnf']).toEqual({ jkt: thumbprint });
    });

    it('loses its binding nowhere: without a proof it is refused', async () => {
      await refused(undefined, { subject_token: harness.accessToken(bound()) });
      await refused(undefined, { subject_token: harness.idToken(bound()), subject_token_type: TOKEN_TYPE_URNS.idToken });
    });

    it('is refused with a proof of another key', async () => {
      await refused(proof({ key: fixedKeys.evil }), { subject_token: harness.accessToken(bound()) });
      await refused(proof(), { subject_token: harness.accessToken(bound(await jwkThumbprint(fixedKeys.evil))) });
    });

    it('is treated alike when it is opaque', async () => {
      const now = harness.clock.now();
      const person = { active: true, sub: 'user-4711', client_id: 'app', exp: now + 600, email: 'bob@globex.example', email_verified: true };
      harness.provider.active.set('opaque', { ...person, cnf: { jkt: thumbprint } });
      await refused(undefined, { subject_token: 'opaque' });
      await refused(proof({ key: fixedKeys.evil }), { subject_token: 'opaque' });
      expect(issuedToken(await exchange(proof(), { subject_token: 'opaque' })).claims['cnf']).toEqual({ jkt: thumbprint });
    });
  });
});

describe('a replay guard that does not answer', () => {
  it('closes the door for bound requests, with 503 and Retry-After', async () => {
    const replays = { firstSeen: () => Promise.reject(temporarilyUnavailable('replay_guard_unreachable', 1)) };
    const volatile = { ...createVolatileState({ clock: new FakeClock(), service: 'test' }), replays };
    const harness = await Harness.start({ overrides: { volatile } });
    try {
      const answer = await harness.exchange({}, { ...APP, dpop: dpopProof(harness.clock.now()) });
      expect([answer.status, answer.json['error'], answer.headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1']);
      expect((await harness.exchange()).status).toBe(200);
    } finally {
      await harness.stop();
    }
  });
});
