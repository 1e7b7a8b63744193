import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { TOKEN_TYPE_URNS, type JsonObject } from '@uma-federation/uma-core';
import { Harness, INVALID_REQUEST, issuedToken, ISSUER, OTHER, seen, type FormChanges } from './harness.ts';
import { FakeIdentityProvider, INTROSPECTION_CLIENT } from './support/fake-identity-provider.ts';
import { ACME_AS, changed, TICKET_HASH, type Changes, type Forgery } from './support/forged-tokens.ts';
import { basic, type HttpAnswer } from './support/send-request.ts';

const ID_TOKEN = { subject_token_type: TOKEN_TYPE_URNS.idToken };
const JWT = { subject_token_type: TOKEN_TYPE_URNS.jwt };

describe('the subject token', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const withAccessToken = (forgery: Forgery, more: FormChanges = {}) => harness.exchange({ subject_token: harness.accessToken(forgery), ...more });
  const withIdToken = (forgery: Forgery = {}, more: FormChanges = {}) => harness.exchange({ subject_token: harness.idToken(forgery), ...ID_TOKEN, ...more });
  const expectRefused = async (answer: HttpAnswer, reason: string): Promise<void> => {
    expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
    expect(await harness.reasonOf(answer)).toBe(reason);
    // The subject comes first: no stranger is asked for somebody who is not ours.
    expect(harness.directory.asked).toEqual([]);
  };

  describe('as access token in JWT form', () => {
    it.each<[string, Forgery, string]>([
      ['of a provider that is not configured', { claims: { iss: 'https://login.evil.example' } }, 'subject_token_issuer_not_configured'],
      ['of an AS-RO that is trusted for tickets', { claims: { iss: ACME_AS }, key: fixedKeys.acme }, 'subject_token_issuer_not_configured'],
      ['without issuer', { claims: { iss: undefined } }, 'subject_token_bad_claims'],
      ['whose issuer is no text', { claims: { iss: ['x'] } }, 'subject_token_bad_claims'],
      ['signed by another key under the right name', { key: { ...fixedKeys.evil, kid: fixedKeys.identityProvider.kid } }, 'subject_token_bad_signature'],
      ['signed by a key that the provider does not publish', { key: fixedKeys.evil }, 'subject_token_unknown_key'],
      ['signed by our own key', { key: fixedKeys.globex }, 'subject_token_unknown_key'],
      ['with the type of an ID token', { header: { typ: 'JWT' } }, 'subject_token_wrong_typ'],
      ['with the type of an identity claims token', { header: { typ: 'uma-identity-claims+jwt' } }, 'subject_token_wrong_typ'],
      ['without type', { header: { typ: undefined } }, 'subject_token_wrong_typ'],
      ['for another audience', { claims: { aud: 'https://api.globex.example' } }, 'subject_token_wrong_audience'],
      ['for an audience that only begins like ours', { claims: { aud: `${ISSUER}.evil.example` } }, 'subject_token_wrong_audience'],
      ['for our issuer with a slash more', { claims: { aud: `${ISSUER}/` } }, 'subject_token_wrong_audience'],
      ['without audience', { claims: { aud: undefined } }, 'subject_token_bad_claims'],
      ['without client', { claims: { client_id: undefined } }, 'subject_token_bad_claims'],
      ['without end', { claims: { exp: undefined } }, 'subject_token_bad_claims'],
      ['whose end is a text', { claims: { exp: '1800000600' } }, 'subject_token_bad_claims'],
      ['that lives for more than a day', { claims: { exp: 1_800_000_000 + 86_401 } }, 'subject_token_lifetime_too_long'],
      ['confirmed by a certificate, which is not understood', { claims: { cnf: { 'x5t#S256': 'x' } } }, 'subject_token_bad_claims'],
      ['with a chain of three actors', { claims: { act: { sub: 'a', act: { sub: 'b', act: { sub: 'c' } } } } }, 'subject_token_bad_claims'],
      ['whose actor is a text', { claims: { act: 'root' } }, 'subject_token_bad_claims'],
    ])('refuses one %s [T6]', async (_what, forgery, reason) => {
      await expectRefused(await withAccessToken(forgery), reason);
    });

    it('takes one for several audiences, us among them [T6]', async () => {
      expect((await withAccessToken({ claims: { aud: ['https://api.globex.example', ISSUER] } })).status).toBe(200);
    });

    it('takes one that is called jwt, by the type in its header', async () => {
      expect((await withAccessToken({}, JWT)).status).toBe(200);
      harness.forget();
      await expectRefused(await withAccessToken({ claims: { aud: 'app' } }, JWT), 'subject_token_wrong_audience');
    });

    it.each([
      ['in its last second', 599, 200],
      ['at its end', 600, 400],
      ['in the skew after its end, because nothing may outlive it', 659, 400],
      ['one minute before it begins', -60, 200],
      ['before that', -61, 400],
    ])('A55 answers a token %s as the clock says [T6] [T16]', async (_what, seconds, status) => {
      const token = harness.accessToken();
      const start = harness.clock.now();
      harness.clock.advance(seconds);
      const answer = await harness.exchange({ subject_token: token });
      harness.clock.set(start);
      expect(answer.status).toBe(status);
      if (status === 400) expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
    });

    it('refuses one that was issued to another client [T7]', async () => {
      await expectRefused(await harness.exchange({}, OTHER), 'subject_token_of_another_client');
      await expectRefused(await withAccessToken({ claims: { client_id: 'other' } }), 'subject_token_of_another_client');
    });

    it.each<[string, Forgery]>([
      ['false', { claims: { email_verified: false } }],
      ['absent', { claims: { email_verified: undefined } }],
    ])('A35 refuses an address whose email_verified is %s [T8]', async (_what, forgery) => {
      await expectRefused(await withAccessToken(forgery), 'email_not_verified');
    });

    it.each(['true', 1])('A35 refuses an address whose email_verified is %p [T8]', async (value) => {
      await expectRefused(await withAccessToken({ claims: { email_verified: value } }), 'subject_token_bad_claims');
    });

    it.each<[string, string | undefined, string]>([
      ['no address', undefined, 'email_not_verified'],
      ['an empty address', '', 'email_malformed'],
      ['an address with two at signs', 'bob@globex.example@evil.example', 'email_malformed'],
      ['a quoted local part', '"bob@globex.example"@evil.example', 'email_malformed'],
      ['a line break', 'bob@globex.example\r\nx', 'email_malformed'],
      ['an address of another domain', 'bob@evil.example', 'email_of_another_domain'],
      ['an address of a sub-domain', 'bob@mail.globex.example', 'email_of_another_domain'],
      ['an address of the parent domain', 'bob@example.com', 'email_of_another_domain'],
      ['a domain that ends like ours', 'bob@notglobex.example', 'email_of_another_domain'],
      ['a domain that begins like ours', 'bob@globex.example.evil.example', 'email_of_another_domain'],
      ['a homograph of our domain', 'bob@globеx.example', 'email_malformed'],
      ['the A-label of a homograph', 'bob@xn--globx-4of.example', 'email_of_another_domain'],
    ])('refuses a person with %s [T8]', async (_what, email, reason) => {
      await expectRefused(await withAccessToken({ claims: { email } }), reason);
    });

    it('takes a person of each of the domains that it serves [T8]', async () => {
      const answer = await withAccessToken({ claims: { email: 'carol@globex.test' } });
      expect(issuedToken(answer).claims['sub']).toBe('carol@globex.test');
    });
  });

  describe('as ID token', () => {
    it('is taken for the client that it names, whether or not it has a type', async () => {
      for (const forgery of [{}, { header: { typ: undefined } }, { claims: { azp: 'app' } }, { claims: { aud: ['app'] } }]) {
        expect(issuedToken(await withIdToken(forgery)).claims).toMatchObject({ sub: 'bob@globex.example', client_id: 'app', acr: 'urn:globex:loa:2' });
      }
      expect((await withIdToken({}, JWT)).status).toBe(200);
    });

    it.each<[string, Forgery, string]>([
      ['of another client', { claims: { aud: 'other' } }, 'subject_token_wrong_audience'],
      ['of several clients', { claims: { aud: ['app', 'other'] } }, 'subject_token_bad_claims'],
      ['of this server', { claims: { aud: ISSUER } }, 'subject_token_wrong_audience'],
      ['whose authorized party is another client', { claims: { azp: 'other' } }, 'subject_token_wrong_audience'],
      ['of another provider', { claims: { iss: 'https://login.evil.example' } }, 'subject_token_issuer_not_configured'],
      ['with a forged signature', { key: { ...fixedKeys.evil, kid: fixedKeys.identityProvider.kid } }, 'subject_token_bad_signature'],
      ['that is an access token', { header: { typ: 'at+jwt' } }, 'subject_token_wrong_typ'],
      ['that is a logout token', { header: { typ: 'logout+jwt' } }, 'subject_token_wrong_typ'],
      ['with a key of its own', { header: { jwk: { kty: 'EC' } } }, 'subject_token_bad_header'],
      ['without verified address', { claims: { email_verified: false } }, 'email_not_verified'],
    ])('is refused when it is one %s [T6] [T7]', async (_what, forgery, reason) => {
      await expectRefused(await withIdToken(forgery), reason);
    });

    it('is no access token, and an access token is no ID token [T6]', async () => {
      await expectRefused(await harness.exchange({ subject_token: harness.idToken() }), 'subject_token_wrong_typ');
      await expectRefused(await withAccessToken({}, ID_TOKEN), 'subject_token_wrong_typ');
    });

    it.each(['opaque-token', 'a.b', 'eyJhbGciOiJub25lIn0.e30.'])('is refused when it is no JWT, without asking anybody: %p', async (token) => {
      for (const type of [ID_TOKEN, JWT]) await expectRefused(await harness.exchange({ subject_token: token, ...type }), 'subject_token_malformed');
      expect(harness.provider.seen).toEqual([]);
    });
  });

  describe('A53 may_act', () => {
    it.each<[string, JsonObject]>([
      ['the AS-RO', { iss: ACME_AS }],
      ['the ticket at the AS-RO', { iss: ACME_AS, sub: TICKET_HASH }],
      ['the client by client_id', { client_id: 'app' }],
      ['the client by sub', { sub: 'app' }],
    ])('lets %s act when it is named', async (_what, mayAct) => {
      expect((await withAccessToken({ claims: { may_act: mayAct } })).status).toBe(200);
      expect((await withIdToken({ claims: { may_act: mayAct } })).status).toBe(200);
    });

    it.each<[string, Changes[string], string]>([
      ['another AS-RO', { iss: 'https://as.evil.example' }, 'may_act_violated'],
      ['another ticket', { iss: ACME_AS, sub: TICKET_HASH.replace('2', '3') }, 'may_act_violated'],
      ['another client', { client_id: 'other' }, 'may_act_violated'],
      ['a subject of our name at another issuer', { iss: 'https://login.globex.example', sub: 'app' }, 'may_act_violated'],
      ['nobody', {}, 'may_act_violated'],
      ['a text', 'app', 'subject_token_bad_claims'],
      ['a list', [{ client_id: 'app' }], 'subject_token_bad_claims'],
    ])('lets nobody act when it names %s', async (_what, mayAct, reason) => {
      const answer = await withAccessToken({ claims: { may_act: mayAct } });
      expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
      expect(await harness.reasonOf(answer)).toBe(reason);
    });
  });

  describe('as opaque access token', () => {
    const TOKEN = 'opaque-access-token-of-bob';
    const active = (changes: Changes = {}): JsonObject => {
      const now = harness.clock.now();
      const person = { sub: 'user-4711', email: 'bob@globex.example', email_verified: true, acr: 'urn:globex:loa:2', amr: ['pwd'], auth_time: now - 30 };
      return changed({ active: true, iss: harness.provider.issuer, aud: ISSUER, client_id: 'app', exp: now + 600, ...person }, changes);
    };
    const withOpaque = async (changes?: Changes, more: FormChanges = {}): Promise<HttpAnswer> => {
      harness.provider.active.set(TOKEN, active(changes));
      return harness.exchange({ subject_token: TOKEN, ...more });
    };
    afterEach(() => harness.provider.active.clear());

    it('is taken when the provider says that it is active', async () => {
      const { claims } = issuedToken(await withOpaque());
      expect(claims).toMatchObject({ sub: 'bob@globex.example', client_id: 'app', acr: 'urn:globex:loa:2', amr: ['pwd'], exp: harness.clock.now() + 120 });
      expect(issuedToken(await withOpaque({ exp: harness.clock.now() + 7 })).claims['exp']).toBe(harness.clock.now() + 7);
    });

    it('is shown to the provider with our credentials, form-encoded [RFC 6749 2.3.1]', async () => {
      await withOpaque();
      const asked = harness.provider.seen.filter(({ path }) => path === '/introspect');
      expect(asked.map(({ authorization }) => authorization)).toEqual([basic(INTROSPECTION_CLIENT.clientId, INTROSPECTION_CLIENT.clientSecret)]);
      expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({ token: TOKEN, token_type_hint: 'access_token' });
    });

    it('is asked about each time, so that a revoked one is refused at once [T6]', async () => {
      expect((await withOpaque()).status).toBe(200);
      harness.provider.active.clear();
      harness.forget();
      await expectRefused(await harness.exchange({ subject_token: TOKEN }), 'subject_token_opaque_token_unknown');
      expect(harness.provider.seen.map(({ path }) => path)).toEqual(['/introspect']);
    });

    it.each<[string, () => Changes, string]>([
      ['that is a refresh token', () => ({ token_type: 'refresh_token' }), 'subject_token_opaque_token_unknown'],
      ['that is not active', () => ({ active: false }), 'subject_token_opaque_token_unknown'],
      ['whose active is no boolean', () => ({ active: 'true' }), 'subject_token_opaque_token_unknown'],
      ['for another audience', () => ({ aud: 'https://api.globex.example' }), 'subject_token_opaque_token_unknown'],
      ['of another issuer', () => ({ iss: 'https://login.evil.example' }), 'subject_token_opaque_token_unknown'],
      ['without person', () => ({ sub: undefined }), 'subject_token_opaque_token_unknown'],
      ['without client', () => ({ client_id: undefined }), 'subject_token_opaque_token_unknown'],
      ['without end', () => ({ exp: undefined }), 'subject_token_opaque_token_unknown'],
      ['that has ended', () => ({ exp: harness.clock.now() }), 'subject_token_opaque_token_unknown'],
      ['of another client [T7]', () => ({ client_id: 'other' }), 'subject_token_of_another_client'],
      ['without verified address [T8]', () => ({ email_verified: undefined }), 'email_not_verified'],
      ['of a person of another domain [T8]', () => ({ email: 'bob@evil.example' }), 'email_of_another_domain'],
      ['that somebody else may use only', () => ({ may_act: { client_id: 'other' } }), 'may_act_violated'],
    ])('is refused when it is one %s [T6]', async (_what, changes, reason) => {
      const answer = await withOpaque(changes());
      expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
      expect(await harness.reasonOf(answer)).toBe(reason);
    });

    it('is taken with the type of an access token', async () => {
      for (const type of ['Bearer', 'bearer', 'DPoP']) expect((await withOpaque({ token_type: type })).status).toBe(200);
    });

    it('is taken without audience, and with ours among others', async () => {
      expect((await withOpaque({ aud: undefined })).status).toBe(200);
      expect((await withOpaque({ aud: ['https://api.globex.example', ISSUER] })).status).toBe(200);
    });

    it.each([`${'x'.repeat(4097)}`, 'with space', 'zwölf', 'line\nbreak'])('is shown to nobody when it cannot be a token', async (token) => {
      await expectRefused(await harness.exchange({ subject_token: token }), 'subject_token_malformed');
      expect(harness.provider.seen).toEqual([]);
    });

    it.each([
      ['a failing provider', 500],
      ['a provider that does not know us', 401],
      ['a provider that moved', 302],
    ])('ends in 503 with Retry-After at %s, and the answer says no more than that', async (_what, status) => {
      harness.provider.introspectionStatus = status;
      const answer = await withOpaque();
      harness.provider.introspectionStatus = 200;
      expect(seen(answer)).toEqual([503, '{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable."}']);
      expect(answer.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
    });
  });
});

describe('an identity provider that is down', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
    await harness.provider.stop();
  });
  afterAll(() => harness.stop());

  const UNAVAILABLE = '{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable."}';

  it.each<[string, () => FormChanges]>([
    ['an access token', () => ({})],
    ['an ID token', () => ({ subject_token: harness.idToken(), ...ID_TOKEN })],
    ['an opaque token', () => ({ subject_token: 'opaque-token' })],
  ])('is our outage and no fault of the client: 503 with Retry-After for %s', async (_what, changes) => {
    const answer = await harness.exchange(changes());
    expect(seen(answer)).toEqual([503, UNAVAILABLE]);
    expect(answer.headers['retry-after']).toBe('5');
    expect(await harness.reasonOf(answer)).toBe('identity_provider_unavailable');
    expect(JSON.stringify(answer.headers) + answer.text).not.toContain(harness.provider.issuer);
  });

  it('is asked again 2 s later', async () => {
    await harness.provider.start();
    expect((await harness.exchange()).status).toBe(503);
    harness.clock.advance(2);
    expect((await harness.exchange()).status).toBe(200);
    expect((await harness.exchange({ subject_token: 'opaque-token' })).status).toBe(400);
  });
});

describe('an identity provider without introspection', () => {
  it('is shown no opaque token', async () => {
    const harness = await Harness.start({ introspection: false });
    try {
      const answer = await harness.exchange({ subject_token: 'opaque-token' });
      expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
      expect(harness.provider.seen).toEqual([]);
    } finally {
      await harness.stop();
    }
  });
});

describe('two identity providers', () => {
  let second: FakeIdentityProvider;
  let harness: Harness;
  beforeAll(async () => {
    second = new FakeIdentityProvider();
    await second.start();
    harness = await Harness.start({ furtherProviders: [second.issuer] });
  });
  afterAll(() => Promise.all([harness.stop(), second.stop()]));

  it('vouch for people each by its own name', async () => {
    expect((await harness.exchange({ subject_token: harness.accessToken({ claims: { iss: second.issuer } }) })).status).toBe(200);
    expect(second.seen.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('do not get the credentials and tokens of each other: an introspection endpoint of the other one is not used', async () => {
    second.forget();
    harness.provider.metadata = { introspection_endpoint: `${second.issuer}/introspect` };
    const answer = await harness.exchange({ subject_token: 'opaque-token' });
    expect([answer.status, await harness.reasonOf(answer)]).toEqual([503, 'identity_provider_unavailable']);
    expect(second.seen).toEqual([]);
  });
});
