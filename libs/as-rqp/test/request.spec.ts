import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { APP, APP_SECRET, Harness, INVALID_CLIENT, INVALID_REQUEST, INVALID_TARGET, OTHER_SECRET, seen, type FormChanges } from './harness.ts';
import { ACME_AS, NOTE_URI } from './support/forged-tokens.ts';
import { basic, type HttpAnswer } from './support/send-request.ts';

describe('the token exchange request', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const formText = (): string => new URLSearchParams(harness.form()).toString();
  /** No stranger and no provider was asked for the sake of a request that is malformed. */
  const expectNobodyAsked = (): void => expect([harness.directory.asked, harness.provider.seen]).toEqual([[], []]);

  it.each(['token-exchange', 'uma-ticket', 'exchange', GRANT_TYPES.umaTicket, GRANT_TYPES.tokenExchange.toUpperCase(), `${GRANT_TYPES.tokenExchange} `])(
    'answers unsupported_grant_type to the grant type %p [T1]',
    async (grantType) => {
      const answer = await harness.exchange({ grant_type: grantType });
      expect(seen(answer)).toEqual([400, '{"error":"unsupported_grant_type","error_description":"The grant type is not supported."}']);
    },
  );

  it('answers unauthorized_client to a client that is not registered for the grant', async () => {
    const answer = await harness.exchange({}, { authorization: basic('grantless', OTHER_SECRET) });
    expect([answer.status, answer.json['error']]).toEqual([400, 'unauthorized_client']);
    expectNobodyAsked();
  });

  it.each<[string, FormChanges]>([
    ['no grant_type', { grant_type: undefined }],
    ['no subject_token', { subject_token: undefined }],
    ['an empty subject_token', { subject_token: '' }],
    ['no subject_token_type', { subject_token_type: undefined }],
    ['an empty subject_token_type', { subject_token_type: '' }],
  ])('refuses %s [T2]', async (_what, changes) => {
    expect(seen(await harness.exchange(changes))).toEqual([400, INVALID_REQUEST]);
    expectNobodyAsked();
  });

  it.each([
    'urn:ietf:params:oauth:token-type:refresh_token',
    'urn:ietf:params:oauth:token-type:saml2',
    'access_token',
    `${TOKEN_TYPE_URNS.accessToken} `,
    'constructor',
    '__proto__',
  ])('refuses the subject_token_type %p', async (type) => {
    for (const subject_token of [harness.accessToken(), harness.idToken()]) {
      expect(seen(await harness.exchange({ subject_token, subject_token_type: type }))).toEqual([400, INVALID_REQUEST]);
    }
  });

  it.each<[string, FormChanges, string]>([
    ['an actor_token without its type', { actor_token_type: undefined }, 'actor_token_without_type_or_reverse'],
    ['an actor_token_type without token', { actor_token: undefined }, 'actor_token_without_type_or_reverse'],
    ['an actor_token_type with an empty token', { actor_token: '' }, 'actor_token_without_type_or_reverse'],
    ['neither of them, because the profile binds every token to a ticket', { actor_token: undefined, actor_token_type: undefined }, 'actor_token_missing'],
    ['an actor token that is called an access token', { actor_token_type: TOKEN_TYPE_URNS.accessToken }, 'actor_token_type_unsupported'],
    ['an actor token that is called an ID token', { actor_token_type: TOKEN_TYPE_URNS.idToken }, 'actor_token_type_unsupported'],
  ])('refuses %s [T3]', async (_what, changes, reason) => {
    const answer = await harness.exchange(changes);
    expect(seen(answer)).toEqual([400, INVALID_REQUEST]);
    expect(await harness.reasonOf(answer)).toBe(reason);
    expectNobodyAsked();
  });

  it.each([TOKEN_TYPE_URNS.accessToken, 'urn:ietf:params:oauth:token-type:id-jag', 'urn:ietf:params:oauth:token-type:refresh_token', 'jwt'])(
    'refuses the requested_token_type %p [T9]',
    async (type) => {
      expect(seen(await harness.exchange({ requested_token_type: type }))).toEqual([400, INVALID_REQUEST]);
      expectNobodyAsked();
    },
  );

  it.each<[string, FormChanges]>([
    ['besides the actor token', { ticket_challenge: 'x' }],
    ['besides the actor token, empty', { ticket_challenge: '' }],
    ['instead of it', { ticket_challenge: 'x', actor_token: undefined, actor_token_type: undefined }],
  ])('refuses a ticket_challenge %s [T21]', async (_what, changes) => {
    expect(seen(await harness.exchange(changes))).toEqual([400, INVALID_REQUEST]);
    expectNobodyAsked();
  });

  it.each<[string, string, (form: string) => string]>([
    ['JSON', 'application/json', (form) => JSON.stringify(Object.fromEntries(new URLSearchParams(form)))],
    ['plain text', 'text/plain', (form) => form],
    ['multipart', 'multipart/form-data; boundary=b', () => '--b\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n--b--'],
    ['a form of no type', '', (form) => form],
    ['a form that is called compressed', 'application/x-www-form-urlencoded', (form) => form],
  ])('refuses a body: %s [T5]', async (what, type, body) => {
    const coding = what.includes('compressed') ? { 'content-encoding': 'gzip' } : {};
    const headers = { ...APP, ...(type === '' ? {} : { 'content-type': type }), ...coding };
    expect(seen(await harness.send('/token', { method: 'POST', headers, body: body(formText()) }))).toEqual([400, INVALID_REQUEST]);
    expectNobodyAsked();
  });

  it('takes a form whose type names its character set [T5]', async () => {
    expect((await harness.post(formText(), { ...APP, 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' })).status).toBe(200);
  });

  it('answers 405 with Allow to other methods', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, headers } = await harness.send('/token', { method, headers: APP });
      expect([status, headers.allow]).toEqual([405, 'POST']);
    }
  });

  it('A54 answers 413 to a body of more than 64 KiB', async () => {
    const answer = await harness.exchange({ scope: 'x'.repeat(65_536) });
    expect([answer.status, answer.json['error']]).toEqual([413, 'invalid_request']);
    expectNobodyAsked();
  });

  it.each(['x'.repeat(50_000), 'a '.repeat(20_000), 'a "b"'])('A73 answers invalid_scope to a scope that is too long or malformed, at once', async (scope) => {
    const answer = await harness.exchange({ scope });
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_scope']);
    expectNobodyAsked();
  });

  it('A68 takes raw #, commas and spaces in values', async () => {
    const { grant_type, subject_token, subject_token_type, actor_token, actor_token_type } = harness.form();
    const body = `grant_type=${grant_type}&subject_token=${subject_token}&subject_token_type=${subject_token_type}&actor_token=${actor_token}&actor_token_type=${actor_token_type}`;
    expect((await harness.post(`${body}&resource=mailto:alice@acme.example&note=a#b, c/d?e`)).status).toBe(200);
    expect(seen(await harness.post(`${body}&resource=${NOTE_URI}#top`))).toEqual([400, INVALID_TARGET]);
  });

  describe('A68 parameter pollution', () => {
    it.each(['grant_type', 'requested_token_type', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'])(
      'refuses %s twice, also when both are the same [T4]',
      async (name) => {
        const value = harness.form()[name] ?? '';
        expect(seen(await harness.exchange({ [name]: [value, value] }))).toEqual([400, INVALID_REQUEST]);
        expect(seen(await harness.exchange({ [name]: [value, ''] }))).toEqual([400, INVALID_REQUEST]);
        expectNobodyAsked();
      },
    );

    it.each<[string, FormChanges]>([
      ['scope twice', { scope: ['a', 'b'] }],
      ['a foreign parameter twice', { foo: ['a', 'b'] }],
      ['client_id twice', { client_id: ['app', 'app'] }],
      ['brackets of other dialects', { 'actor_token[]': 'x' }],
      ['brackets around a repeatable one', { 'resource[0]': NOTE_URI }],
      ['65 parameters', Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, 'x']))],
    ])('refuses %s [T4]', async (_what, changes) => {
      expect(seen(await harness.exchange(changes))).toEqual([400, INVALID_REQUEST]);
      expectNobodyAsked();
    });

    it('takes repeated resources and audiences [T4]', async () => {
      const answer = await harness.exchange({ resource: [ACME_AS, NOTE_URI, 'mailto:alice@acme.example'], audience: [ACME_AS, ACME_AS] });
      expect(answer.status).toBe(200);
    });

    it.each(['?x', '?grant_type=token-exchange', '?actor_token=x'])('refuses the query %p', async (query) => {
      expect(seen(await harness.post(formText(), APP, `/token${query}`))).toEqual([400, INVALID_REQUEST]);
      expectNobodyAsked();
    });

    it('takes names for what they are, case and all', async () => {
      expect(seen(await harness.exchange({ actor_token: undefined, Actor_Token: harness.resourceClaimsToken() }))).toEqual([400, INVALID_REQUEST]);
    });
  });

  describe('resource and audience', () => {
    it.each([
      ['the AS-RO', ACME_AS],
      ['the requested resource', NOTE_URI],
      ['the origin of the resource server', 'https://rs.acme.example'],
      ['the origin with the slash of the empty path', 'https://rs.acme.example/'],
      ['the owner by mailto', 'mailto:alice@acme.example'],
      ['the owner by acct', 'acct:alice@acme.example'],
      ['the owner in another spelling of the scheme and the domain', 'MAILTO:alice@ACME.example'],
      ['the owner percent-encoded', 'mailto:alice%40acme.example'],
      ['an owner whom nobody knows, in the domain', 'mailto:nobody@acme.example'],
    ])('takes %s as resource', async (_what, resource) => {
      expect((await harness.exchange({ resource })).status).toBe(200);
    });

    it.each([
      ['is relative', '/users/alice/notes/7'],
      ['is relative to a scheme', '//rs.acme.example/'],
      ['has a fragment', `${NOTE_URI}#top`],
      ['has an empty fragment', `${NOTE_URI}#`],
      ['has no scheme', 'rs.acme.example'],
      ['is a logical name', 'RS API'],
      ['is an address without scheme', 'alice@acme.example'],
      ['has white space', 'https://rs.acme.example/ x'],
      ['has a line break', 'https://rs.acme.example/\r\nx'],
      ['is a scheme alone', 'mailto:'],
      ['is longer than 2048 characters', `https://rs.acme.example/${'x'.repeat(2048)}`],
    ])('refuses a resource that %s before anybody is asked [T13]', async (_what, resource) => {
      expect(seen(await harness.exchange({ resource }))).toEqual([400, INVALID_TARGET]);
      expectNobodyAsked();
    });

    it.each(['gopher://rs.acme.example/users/alice/notes/7', 'ftp://rs.acme.example/', 'urn:example:notes', 'javascript:alert(1)', 'tel:+4930123456'])(
      'refuses a resource of another scheme: %s [T13]',
      async (resource) => {
        expect(seen(await harness.exchange({ resource }))).toEqual([400, INVALID_TARGET]);
      },
    );

    it.each([
      ['another resource server', 'https://rs.evil.example'],
      ['a suffix of the host', 'https://rs.acme.example.evil.example'],
      ['another port', 'https://rs.acme.example:8443'],
      ['another AS-RO', 'https://as.evil.example'],
      ['the AS-RO with a slash more', `${ACME_AS}/`],
      ['this server', 'https://as.globex.example'],
      ['two owners', 'mailto:alice@acme.example,bob@acme.example'],
      ['an owner with header fields', 'mailto:alice@acme.example?cc=bob@acme.example'],
      ['an address with two at signs', 'mailto:alice@acme.example@evil.example'],
      ['an address that does not decode', 'mailto:alice%zz@acme.example'],
    ])('refuses %s as resource', async (_what, resource) => {
      expect(seen(await harness.exchange({ resource }))).toEqual([400, INVALID_TARGET]);
      // The owner of a malformed address is looked up nowhere.
      expect(harness.directory.asked).toEqual([`keys ${ACME_AS}`]);
    });

    it('lets one wrong resource spoil all right ones', async () => {
      expect(seen(await harness.exchange({ resource: [ACME_AS, NOTE_URI, 'https://rs.evil.example'] }))).toEqual([400, INVALID_TARGET]);
    });

    it('takes at most 8 targets', async () => {
      expect((await harness.exchange({ resource: Array<string>(8).fill(NOTE_URI) })).status).toBe(200);
      expect(seen(await harness.exchange({ resource: Array<string>(8).fill(NOTE_URI), audience: ACME_AS }))).toEqual([400, INVALID_TARGET]);
    });

    it.each(['https://as.evil.example', `${ACME_AS}/`, 'rs', NOTE_URI])('refuses the audience %p', async (audience) => {
      expect(seen(await harness.exchange({ audience }))).toEqual([400, INVALID_TARGET]);
    });

    it('A12 refuses an owner whose domain names another AS-RO than the one that issued the actor token [T14]', async () => {
      const answer = await harness.exchange({ resource: 'mailto:alice@evil.example' });
      expect(seen(answer)).toEqual([400, INVALID_TARGET]);
      expect(await harness.reasonOf(answer)).toBe('resource_not_of_the_actor');
      expect(harness.directory.asked).toEqual([`keys ${ACME_AS}`, 'resource-owner evil.example']);
    });

    it('A12 refuses an AS-RO that is not the one of the owner, however good its token is [T14]', async () => {
      const rogue = harness.resourceClaimsToken({ claims: { iss: 'https://as.evil.example' }, key: fixedKeys.evil });
      expect((await harness.exchange({ actor_token: rogue })).status).toBe(200);
      expect(seen(await harness.exchange({ resource: 'mailto:alice@acme.example', actor_token: rogue }))).toEqual([400, INVALID_TARGET]);
    });

    it('refuses an owner whose domain names nobody, with the same words [T14]', async () => {
      const answer = await harness.exchange({ resource: 'mailto:alice@unknown.example' });
      expect(seen(answer)).toEqual([400, INVALID_TARGET]);
      expect(await harness.reasonOf(answer)).toBe('owner_discovery_webfinger_status');
    });
  });

  describe('A70 client authentication confusion', () => {
    const assertion = { client_assertion: 'x.y.z', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };

    it.each<[string, FormChanges, Record<string, string>]>([
      ['Basic and a secret in the form', { client_id: 'app', client_secret: APP_SECRET }, APP],
      ['Basic and an assertion', assertion, APP],
      ['a secret and an assertion', { client_id: 'app', client_secret: APP_SECRET, ...assertion }, {}],
      ['Basic for one client and the name of another', { client_id: 'other' }, APP],
    ])('refuses %s with 400', async (_what, changes, headers) => {
      expect(seen(await harness.exchange(changes, headers))).toEqual([400, INVALID_REQUEST]);
      expectNobodyAsked();
    });

    it.each<[string, FormChanges, Record<string, string>]>([
      ['no client', {}, {}],
      ['an unknown client', {}, { authorization: basic('nobody', APP_SECRET) }],
      ['a wrong secret', {}, { authorization: basic('app', `${APP_SECRET}x`) }],
      ['the secret of another client', {}, { authorization: basic('app', OTHER_SECRET) }],
      ['a confidential client that only names itself', { client_id: 'app' }, {}],
      ['a secret for a public client', { client_id: 'mobile', client_secret: APP_SECRET }, {}],
      ['Basic for a public client', {}, { authorization: basic('mobile', '') }],
      ['an assertion', { client_id: 'app', ...assertion }, {}],
    ])('refuses %s with 401 and one answer for all', async (_what, changes, headers) => {
      const answer = await harness.exchange(changes, headers);
      expect(seen(answer)).toEqual([401, INVALID_CLIENT]);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
      expectNobodyAsked();
    });

    it('takes the secret in the form', async () => {
      expect((await harness.exchange({ client_id: 'app', client_secret: APP_SECRET }, {})).status).toBe(200);
    });

    it('refuses two Authorization headers, two good ones too', async () => {
      expect(seen(await harness.exchange({}, { authorization: [APP.authorization, APP.authorization] }))).toEqual([400, INVALID_REQUEST]);
    });
  });

  describe('A71 a token in the place of client credentials', () => {
    it.each<[string, (token: string) => Record<string, string>]>([
      ['Bearer', (token) => ({ authorization: `Bearer ${token}` })],
      ['DPoP', (token) => ({ authorization: `DPoP ${token}` })],
      ['the secret in Basic', (token) => ({ authorization: basic('app', token) })],
    ])('refuses the access token of the person as %s', async (_what, headers) => {
      const token = harness.accessToken();
      const answers: HttpAnswer[] = [await harness.exchange({ subject_token: token }, headers(token)), await harness.exchange({ client_id: 'app' }, headers(token))];
      for (const answer of answers) expect(seen(answer)).toEqual([401, INVALID_CLIENT]);
    });
  });
});
