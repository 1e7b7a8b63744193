import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeSignatureVerifier } from '@uma-federation/keys';
import { GRANT_TYPES, TOKEN_TYPE_URNS, verifyIdentityClaimsToken, type Issuer, type JsonObject } from '@uma-federation/uma-core';
import { ClientSecretBasic, customFetch, discovery, genericGrantRequest, getDPoPHandle, randomDPoPKeyPair, type CustomFetch } from 'openid-client';
import { APP_SECRET, Harness, issuedToken, ISSUER, OTHER, type FormChanges } from './harness.ts';
import { ACME_AS, NOTE_URI, TICKET_HASH, type Forgery } from './support/forged-tokens.ts';
import type { HttpAnswer } from './support/send-request.ts';

describe('a token exchange', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forget());

  const lifetimes = ({ json }: HttpAnswer) => json['expires_in'];

  it('gives an identity claims token that the AS-RO of the ticket accepts [T15]', async () => {
    const answer = await harness.exchange();
    expect(answer.status).toBe(200);
    const identity = await verifyIdentityClaimsToken(
      String(answer.json['access_token']),
      { issuer: ISSUER as Issuer, audience: ACME_AS as Issuer, ticketHash: TICKET_HASH, keys: harness.keys.verificationKeys },
      { signatures: new NodeSignatureVerifier(), clock: harness.clock },
    );
    expect(identity).toMatchObject({ email: 'bob@globex.example', clientId: 'app', acr: 'urn:globex:loa:2', amr: ['pwd', 'otp'], claims: {} });
  });

  it('names the issuer of the resource claims token as the one audience, a string [T15]', async () => {
    expect(issuedToken(await harness.exchange()).claims['aud']).toBe(ACME_AS);
  });

  it('has exactly the claims of the profile and no other of the person [T17]', async () => {
    const now = harness.clock.now();
    const { header, claims } = issuedToken(await harness.exchange());
    expect(header).toEqual({ alg: 'ES256', kid: 'globex-as-rqp-1', typ: 'uma-identity-claims+jwt' });
    expect(claims).toEqual({
      iss: ISSUER,
      aud: ACME_AS,
      sub: 'bob@globex.example',
      iat: now,
      nbf: now,
      exp: now + 120,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      client_id: 'app',
      email: 'bob@globex.example',
      email_verified: true,
      act: { sub: TICKET_HASH, iss: ACME_AS },
      acr: 'urn:globex:loa:2',
      amr: ['pwd', 'otp'],
      auth_time: now - 30,
    });
  });

  it('leaves out what the provider did not say of the authentication [T17]', async () => {
    const subject = harness.accessToken({ claims: { acr: undefined, amr: undefined, auth_time: undefined } });
    const { claims } = issuedToken(await harness.exchange({ subject_token: subject }));
    expect(Object.keys(claims).sort()).toEqual(['act', 'aud', 'client_id', 'email', 'email_verified', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
  });

  it('gives every token a jti of its own', async () => {
    const form = harness.form();
    const ids = await Promise.all(Array.from({ length: 10 }, async () => issuedToken(await harness.exchange(form)).claims['jti']));
    expect(new Set(ids).size).toBe(10);
  });

  it('answers token_type N_A, the type that was issued and nothing more [T18]', async () => {
    const { json } = await harness.exchange();
    expect(json).toEqual({ access_token: expect.any(String), issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A', expires_in: 120 });
  });

  it('issues no refresh token, not even on demand [T19]', async () => {
    const { status, json } = await harness.exchange();
    expect([status, 'refresh_token' in json]).toEqual([200, false]);
    const demand = await harness.exchange({ scope: 'openid offline_access' });
    expect([demand.status, 'refresh_token' in demand.json, 'scope' in demand.json]).toEqual([200, false, false]);
  });

  it('forbids storing the answer, a refusal too [T20]', async () => {
    const answers = [await harness.exchange(), await harness.exchange({ subject_token: 'x.y.z' }), await harness.exchange({}, {})];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 401]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': expect.stringMatching(/^application\/json/) });
    }
  });

  it.each<[string, (at: number) => { subject?: Forgery; actor?: Forgery }, number]>([
    ['its own lifetime', () => ({}), 120],
    ['the resource claims token', (now) => ({ actor: { claims: { exp: now + 45 } } }), 45],
    ['the subject token', (now) => ({ subject: { claims: { exp: now + 30 } } }), 30],
    ['the earliest of all', (now) => ({ subject: { claims: { exp: now + 20 } }, actor: { claims: { exp: now + 10 } } }), 10],
  ])('ends with %s [T16]', async (_what, forge, seconds) => {
    const { subject, actor } = forge(harness.clock.now());
    const answer = await harness.exchange({ subject_token: harness.accessToken(subject), actor_token: harness.resourceClaimsToken(actor) });
    expect(issuedToken(answer).claims['exp']).toBe(harness.clock.now() + seconds);
    expect(lifetimes(answer)).toBe(seconds);
  });

  it('spells the domain of the address as A-label and keeps the local part as it is', async () => {
    const subject = harness.accessToken({ claims: { email: 'Bob.B+x@GLOBEX.example' } });
    const { claims } = issuedToken(await harness.exchange({ subject_token: subject }));
    expect([claims['sub'], claims['email']]).toEqual(['Bob.B+x@globex.example', 'Bob.B+x@globex.example']);
  });

  it('names a public client, which has only its name, as the presenter', async () => {
    const subject = harness.accessToken({ claims: { client_id: 'mobile' } });
    const answer = await harness.exchange({ subject_token: subject, client_id: 'mobile' }, {});
    expect(issuedToken(answer).claims['client_id']).toBe('mobile');
  });

  it.each<[string, () => FormChanges]>([
    ['the requested token type is not named', () => ({ requested_token_type: undefined })],
    ['parameters are empty, which counts as absent', () => ({ requested_token_type: '', resource: '', audience: '', scope: '', client_id: '' })],
    ['there are parameters that nobody knows', () => ({ foo: 'bar', ticket: 'x' })],
  ])('succeeds when %s', async (_what, changes) => {
    expect((await harness.exchange(changes())).status).toBe(200);
  });

  it('asks the directory for the keys of the one issuer, on the budget of the client', async () => {
    await harness.exchange({ subject_token: harness.accessToken({ claims: { client_id: 'other' } }) }, OTHER);
    expect(harness.directory.asked).toEqual([`keys ${ACME_AS}`]);
    expect(harness.discoveredFor).toEqual(['other']);
  });
});

describe('a subject token that names actors', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());

  it('A51 has them chained below the ticket’s actor, by what identifies them, three levels in all', async () => {
    const act = { sub: 'agent', iss: 'https://agents.example', exp: 1, act: { client_id: 'first', department: 'sales' } };
    const chain = { sub: TICKET_HASH, iss: ACME_AS, act: { sub: 'agent', iss: 'https://agents.example', act: { client_id: 'first' } } };
    for (const changes of [{ subject_token: harness.accessToken({ claims: { act } }) }, { subject_token: harness.idToken({ claims: { act } }), subject_token_type: TOKEN_TYPE_URNS.idToken }]) {
      const answer = await harness.exchange(changes);
      expect(issuedToken(answer).claims['act']).toEqual(chain);
      // AS-RO looks at the outermost only, and takes the history.
      await expect(
        verifyIdentityClaimsToken(
          String(answer.json['access_token']),
          { issuer: ISSUER as Issuer, audience: ACME_AS as Issuer, ticketHash: TICKET_HASH, keys: harness.keys.verificationKeys },
          { signatures: new NodeSignatureVerifier(), clock: harness.clock },
        ),
      ).resolves.toMatchObject({ email: 'bob@globex.example' });
    }
  });

  it('A51 is heard by introspection too, and refused when there are too many', async () => {
    const introspected = (act: JsonObject) => {
      harness.provider.active.set('opaque', { active: true, sub: 'user-1', client_id: 'app', exp: harness.clock.now() + 300, email: 'bob@globex.example', email_verified: true, act });
      return harness.exchange({ subject_token: 'opaque' });
    };
    expect(issuedToken(await introspected({ sub: 'agent' })).claims['act']).toEqual({ sub: TICKET_HASH, iss: ACME_AS, act: { sub: 'agent' } });
    const answer = await introspected({ sub: 'a', act: { sub: 'b', act: { sub: 'c' } } });
    expect([answer.status, answer.json['error'], await harness.reasonOf(answer)]).toEqual([400, 'invalid_request', 'subject_token_act_too_deep']);
  });
});

describe('act.aud', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({ settings: { emitActorAudience: true, tokenLifetime: '1m' } });
  });
  afterAll(() => harness.stop());

  it('names the owner when the configuration wants it and the client named the owner', async () => {
    const resource = ['https://rs.acme.example', 'mailto:alice@acme.example'];
    const answer = await harness.exchange({ resource });
    expect(issuedToken(answer).claims['act']).toEqual({ sub: TICKET_HASH, iss: ACME_AS, aud: 'mailto:alice@acme.example' });
    expect(answer.json['expires_in']).toBe(60);
  });

  it('is left out when no owner was named', async () => {
    const answer = await harness.exchange({ resource: NOTE_URI });
    expect(issuedToken(answer).claims['act']).toEqual({ sub: TICKET_HASH, iss: ACME_AS });
  });
});

describe('openid-client, which nobody here wrote', () => {
  let harness: Harness;
  beforeAll(async () => {
    // The library's DPoP proofs are made by the clock on the wall.
    harness = await Harness.start({ startAt: Math.floor(Date.now() / 1000) });
  });
  afterAll(() => harness.stop());
  afterEach(() => harness.forget());

  const toHarness: CustomFetch = (url, options) => fetch(url.replace(ISSUER, harness.origin), options as RequestInit);
  const configuration = (algorithm: 'oauth2' | 'oidc') =>
    discovery(new URL(ISSUER), 'app', undefined, ClientSecretBasic(APP_SECRET), { algorithm, [customFetch]: toHarness });

  it.each(['oauth2', 'oidc'] as const)('discovers the server by the %s name, which has no response_types_supported', async (algorithm) => {
    const metadata = (await configuration(algorithm)).serverMetadata();
    expect(metadata).toMatchObject({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
    expect(metadata.response_types_supported).toBeUndefined();
  });

  it('exchanges tokens with a DPoP key and understands the answer [T18]', async () => {
    const config = await configuration('oauth2');
    const { grant_type: _named, ...parameters } = harness.form();
    const DPoP = getDPoPHandle(config, await randomDPoPKeyPair('ES256'));
    const answer = await genericGrantRequest(config, GRANT_TYPES.tokenExchange, parameters, { DPoP });
    expect([answer.token_type, answer['issued_token_type'], answer.expires_in]).toEqual(['n_a', TOKEN_TYPE_URNS.jwt, 120]);
    const { claims } = issuedToken({ json: { ...answer } } as unknown as HttpAnswer);
    expect(claims['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() });
  });
});
