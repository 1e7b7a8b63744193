import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, GLOBEX, NOW, party, PROVIDER, readToken, sign, type Party } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { temporarilyUnavailable } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { ClientId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { SubjectClaims } from '../ports/subject-tokens.ts';
import { mintResourceClaimsToken } from '../tokens/resource-claims-token.ts';
import { ticketHash } from '../tokens/ticket-hash.ts';
import type { ChallengedExchangeRequest, CorrelatedExchangeRequest } from '../wire/token-exchange-request.ts';
import { exchangeToken, type TokenExchange } from './exchange-token.ts';

const NONCE = 'uGZ1bVYq3sZ8b1m0oJcT5w';
const KEY = 'k'.repeat(43);
let acme: Party;
let globex: Party;
let actorToken: string;
let hash: string;
beforeAll(async () => {
  acme = await party('acme-1');
  globex = await party('globex-1');
  hash = await ticketHash(NONCE);
  actorToken = (await mintResourceClaimsToken({ issuer: ACME, resourceUri: `${API}/notes/1`, nonce: NONCE, expiresAt: NOW + 300 }, acme)).token;
});

const APP: AuthenticatedClient = { registration: { clientId: 'app' as ClientId, grantTypes: [], scopes: [], redirectUris: [], requireResource: false }, method: 'none' };
const BOB: SubjectClaims = { issuer: PROVIDER, subject: 'user-1', email: 'bob@globex.example', emailVerified: true, clientId: 'app', expiresAt: NOW + 3600 };

function deps(subject: Partial<SubjectClaims> | Error = {}, changes: Partial<TokenExchange> = {}): TokenExchange {
  return {
    ...globex,
    issuer: GLOBEX,
    servedDomains: ['globex.example'],
    subjectTokens: {
      verify: async () => {
        if (subject instanceof Error) throw subject;
        return { ...BOB, ...subject };
      },
    },
    directory: {
      issuerFor: async ({ domain }) => {
        if (domain === 'acme.example') return ACME;
        throw new DiscoveryFailure('webfinger_not_found');
      },
      keysOf: () => acme.keys,
      requireUmaServer: async (issuer) => {
        if (issuer !== ACME) throw new DiscoveryFailure('no_uma_server');
      },
    },
    trust: { mode: 'open', allow: [], deny: [] },
    issuerRules: { allowLoopback: false },
    issuerRateLimiter: { take: async () => undefined },
    tokenLifetimeSeconds: 120,
    emitActorAudience: false,
    ...changes,
  };
}
const request = (changes: Partial<CorrelatedExchangeRequest> = {}): CorrelatedExchangeRequest => ({ subjectToken: 'subject', subjectTokenType: 'access_token', actorToken, resources: [], audiences: [], ...changes });
const exchange = (changes: Partial<CorrelatedExchangeRequest> = {}, by = deps(), thumbprint?: string) => exchangeToken(request(changes), APP, thumbprint, by);
const claimsOf = async (exchanged: Promise<{ token: string }>) => readToken((await exchanged).token).claims;
const INVALID_REQUEST = { status: 400, error: 'invalid_request' };
const INVALID_TARGET = { status: 400, error: 'invalid_target' };

describe('Token exchange', () => {
  it('gives a claims token that says who, for whom, bound to what, and no more [T15, T17]', async () => {
    expect(await claimsOf(exchange())).toEqual({
      iss: GLOBEX,
      aud: ACME,
      sub: BOB.email,
      email: BOB.email,
      email_verified: true,
      client_id: 'app',
      act: { sub: hash, iss: ACME },
      iat: NOW,
      nbf: NOW,
      exp: NOW + 120,
      jti: expect.any(String),
    });
  });

  it('passes on how and when the person signed in, and the key that asked', async () => {
    const claims = await claimsOf(exchange({}, deps({ acr: 'otp', amr: ['pwd', 'otp'], authTime: NOW - 60 }), KEY));
    expect(claims).toMatchObject({ acr: 'otp', amr: ['pwd', 'otp'], auth_time: NOW - 60, cnf: { jkt: KEY } });
  });

  it('ends no later than subject token, actor token and own lifetime [T16]', async () => {
    const short = (await mintResourceClaimsToken({ issuer: ACME, resourceUri: API, nonce: NONCE, expiresAt: NOW + 20 }, acme)).token;
    for (const [changes, by, seconds] of [
      [{}, deps(), 120],
      [{}, deps({ expiresAt: NOW + 30 }), 30],
      [{ actorToken: short }, deps(), 20],
      [{}, deps({}, { tokenLifetimeSeconds: 10 }), 10],
      [{}, deps({}, { tokenLifetimeSeconds: 500 }), 120],
    ] as const) {
      const { token, expiresIn } = await exchange(changes, by);
      expect({ exp: readToken(token).claims['exp'], expiresIn }).toEqual({ exp: NOW + seconds, expiresIn: seconds });
    }
  });

  it('is refused in the last seconds of skew of a subject token: nothing may outlive it [T16]', async () => {
    await expect(exchange({}, deps({ expiresAt: NOW - 10 }))).rejects.toMatchObject(INVALID_REQUEST);
  });

  it('names the owner in act.aud only where the configuration says so (Decision D7)', async () => {
    const resources = ['mailto:alice@acme.example'];
    expect((await claimsOf(exchange({ resources })))['act']).toEqual({ sub: hash, iss: ACME });
    expect((await claimsOf(exchange({ resources }, deps({}, { emitActorAudience: true }))))['act']).toEqual({ sub: hash, iss: ACME, aud: 'mailto:alice@acme.example' });
  });

  it('releases further claims only where the configuration says so, and none of them replaces the profile’s [T17]', async () => {
    const releasedClaims = () => ({ department: 'sales', sub: 'mallory@globex.example', aud: 'x', act: 'x' }) as JsonObject;
    expect(await claimsOf(exchange({}, deps({}, { releasedClaims })))).toMatchObject({ department: 'sales', sub: BOB.email, aud: ACME, act: { sub: hash, iss: ACME } });
  });
});

describe('The subject token', () => {
  it.each([
    ['is not valid [T6]', new TokenFault('expired', 'curable')],
    ['belongs to another client [T7]', { clientId: 'other' }],
    ['A35 carries an address that is not verified [T8]', { emailVerified: false }],
    ['carries no address [T8]', { email: undefined }],
    ['carries an address of a domain that is not ours [T8]', { email: 'alice@acme.example' }],
    ['carries an address of a sub-domain [T8]', { email: 'bob@sub.globex.example' }],
    ['A32 carries two addresses [T8]', { email: 'bob@globex.example@acme.example' }],
    ['is bound to a key that is not proven', { confirmationThumbprint: KEY }],
    ['is of a provider whose keys cannot be had', new DiscoveryFailure('peer_timeout')],
  ])('that %s is refused', async (_what, subject) => {
    await expect(exchange({}, deps(subject))).rejects.toMatchObject(INVALID_REQUEST);
  });

  it('that is bound to a key goes with a proof of this key', async () => {
    await expect(exchange({}, deps({ confirmationThumbprint: KEY }), 'x'.repeat(43))).rejects.toMatchObject(INVALID_REQUEST);
    await expect(exchange({}, deps({ confirmationThumbprint: KEY }), KEY)).resolves.toBeDefined();
  });

  it('that cannot be checked now is 503, and a bug stays a bug', async () => {
    await expect(exchange({}, deps(temporarilyUnavailable('provider', 5)))).rejects.toMatchObject({ status: 503 });
    await expect(exchange({}, deps(new Error('bug')))).rejects.toThrow('bug');
  });
});

describe('The actor token', () => {
  const forged = (changes: JsonObject, typ = 'uma-resource-claims+jwt', by: Party = acme): Promise<string> => sign(by, typ, { ...(readToken(actorToken).claims as JsonObject), ...changes });

  it.each([
    ['is garbage', async () => 'garbage'],
    ['A4 is another kind of token [T12]', async () => forged({}, 'uma-ticket+jwt')],
    ['A10 is signed by somebody else under the same key id [T12]', async () => forged({}, undefined, await party('acme-1'))],
    ['is expired [T12]', async () => forged({ iat: NOW - 200, nbf: NOW - 200, exp: NOW - 100 })],
    ['is not valid yet [T12]', async () => forged({ iat: NOW + 100, nbf: NOW + 100, exp: NOW + 200 })],
    ['has a hash of another length [T12]', async () => forged({ sub: hash.slice(1) })],
    ['names no https resource [T12]', async () => forged({ aud: 'http://api.acme.example/' })],
    ['A51 carries act', async () => forged({ act: { sub: 'x' } })],
  ])('that %s is refused', async (_what, token) => {
    await expect(exchange({ actorToken: await token() })).rejects.toMatchObject(INVALID_REQUEST);
  });

  it.each([
    ['deny-listed', { trust: { mode: 'open', allow: [], deny: [ACME] } as const }],
    ['not on the allow list', { trust: { mode: 'allowlist', allow: ['acme.example'], deny: [] } as const }],
  ])('A11 of an issuer that is %s is refused before its keys are asked for [T10]', async (_what, changes) => {
    const directory = { issuerFor: () => Promise.reject(new Error('asked')), keysOf: () => ({ find: () => Promise.reject(new Error('asked')) }), requireUmaServer: () => Promise.reject(new Error('asked')) };
    await expect(exchange({}, deps({}, { ...changes, directory }))).rejects.toMatchObject(INVALID_TARGET);
  });

  it.each(['http://as.acme.example', 'https://as.acme.example/?x', 'https://as.acme.example#x', 'https://127.0.0.1', 'https://user@as.acme.example', 'file:///etc/passwd', 'HTTPS://as.acme.example'])('A37 of the issuer %s is refused [T10]', async (iss) => {
    await expect(exchange({ actorToken: await forged({ iss }) })).rejects.toMatchObject(INVALID_TARGET);
  });

  it('whose issuer’s keys cannot be had is refused [T11]', async () => {
    const keysOf = () => ({ find: () => Promise.reject(new DiscoveryFailure('metadata_timeout')) });
    await expect(exchange({}, deps({}, { directory: { ...deps().directory, keysOf } }))).rejects.toMatchObject({ ...INVALID_REQUEST, reason: 'actor_token_discovery_metadata_timeout' });
  });

  it('of an issuer beyond its budget, or ours for discovery, is 429 [T22]', async () => {
    const asked: string[] = [];
    const issuerRateLimiter = { take: async (key: string) => asked.push(key) + 6 };
    await expect(exchange({}, deps({}, { issuerRateLimiter }))).rejects.toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(asked).toEqual([ACME]);
    const keysOf = () => ({ find: () => Promise.reject(new DiscoveryFailure('discovery_budget')) });
    await expect(exchange({}, deps({}, { directory: { ...deps().directory, keysOf } }))).rejects.toMatchObject({ status: 429 });
  });
});

describe('A53 may_act in the subject token', () => {
  it.each([
    ['names the authorization server', { iss: ACME }, true],
    ['names the authorization server and this ticket', { iss: ACME, sub: 'the hash' }, true],
    ['names another ticket', { iss: ACME, sub: 'another hash' }, false],
    ['names another authorization server', { iss: 'https://as.other.example' }, false],
    ['names the client by sub', { sub: 'app' }, true],
    ['names the client by client_id', { client_id: 'app' }, true],
    ['names another client', { sub: 'other' }, false],
    ['names the client under another issuer', { iss: 'https://as.other.example', sub: 'app' }, false],
    ['names nobody', {}, false],
  ])('that %s', async (_who, mayAct, accepted) => {
    const named = 'sub' in mayAct && mayAct.sub === 'the hash' ? { ...mayAct, sub: hash } : mayAct;
    const exchanging = exchange({}, deps({ mayAct: named }));
    if (accepted) await expect(exchanging).resolves.toBeDefined();
    else await expect(exchanging).rejects.toMatchObject({ ...INVALID_REQUEST, reason: 'may_act_violated' });
  });
});

describe('Targets', () => {
  it.each([
    [{ resources: ['mailto:alice@acme.example'] }],
    [{ resources: ['acct:alice@acme.example'] }],
    [{ resources: ['mailto:alice%40acme.example'] }],
    [{ resources: [ACME] }],
    [{ resources: [`${API}/notes/1`] }],
    [{ resources: [`${API}/`] }],
    [{ resources: [API, 'mailto:alice@acme.example'], audiences: [ACME] }],
  ])('%j name the authorization server, its resource or the owner', async (changes) => {
    await expect(exchange(changes)).resolves.toBeDefined();
  });

  it.each([
    ['A12 an owner whose domain names another server [T14]', { resources: ['mailto:carol@globex.example'] }],
    ['A12 an owner of an unknown domain [T14]', { resources: ['mailto:alice@evil.example'] }],
    ['an owner that is no address [T13]', { resources: ['mailto:alice'] }],
    ['an owner that cannot be decoded [T13]', { resources: ['mailto:%zz@acme.example'] }],
    ['an owner with headers [T13]', { resources: ['mailto:alice@acme.example?subject=x'] }],
    ['another RS', { resources: ['https://rs.evil.example/'] }],
    ['another path of the RS', { resources: [`${API}/notes/2`] }],
    ['a scheme that nobody knows [T13]', { resources: ['urn:x:y'] }],
    ['a good one beside a bad one', { resources: [ACME, 'https://rs.evil.example/'] }],
    ['another audience', { audiences: ['https://as.other.example'] }],
    ['a logical name that nobody knows', { audiences: ['RS API'] }],
  ])('%s is invalid_target', async (_what, changes) => {
    const directory = { ...deps().directory, issuerFor: async ({ domain }: { domain: string }) => {
      if (domain === 'acme.example') return ACME;
      if (domain === 'globex.example') return GLOBEX;
      throw new DiscoveryFailure('webfinger_not_found');
    } };
    await expect(exchange(changes, deps({}, { directory }))).rejects.toMatchObject(INVALID_TARGET);
  });
});

describe('Actors of the subject token', () => {
  it('A51 are chained below the ticket’s, each by what identifies it, three levels in all', async () => {
    const act = { sub: 'agent', iss: PROVIDER, exp: NOW, note: 'x', act: { client_id: 'first', aud: ['x'] } };
    expect((await claimsOf(exchange({}, deps({ act }))))['act']).toEqual({ sub: hash, iss: ACME, act: { sub: 'agent', iss: PROVIDER, act: { client_id: 'first' } } });
    await expect(exchange({}, deps({ act: { sub: 'a', act: { sub: 'b', act: { sub: 'c' } } } }))).rejects.toMatchObject({ ...INVALID_REQUEST, reason: 'subject_token_act_too_deep' });
    await expect(exchange({}, deps({ act: { sub: 'a', act: 'b' } }))).rejects.toMatchObject(INVALID_REQUEST);
  });
});

describe('The ticket-challenge dialect of seed 002', () => {
  const CHALLENGE = 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c';
  const challenge = (changes: Partial<ChallengedExchangeRequest> = {}, by = deps(), thumbprint?: string) =>
    exchangeToken({ subjectToken: 'subject', subjectTokenType: 'access_token', ticketChallenge: CHALLENGE, resources: [ACME], audiences: [], ...changes }, APP, thumbprint, by);

  it('gives a claims token with the challenge in place of the actor, for the AS-RO that resource names [C3, T17]', async () => {
    const claims = { iss: GLOBEX, aud: ACME, sub: BOB.email, email: BOB.email, email_verified: true, client_id: 'app', iat: NOW, nbf: NOW, exp: NOW + 120, jti: expect.any(String), ticket_challenge: CHALLENGE };
    expect(await claimsOf(challenge())).toEqual(claims);
    expect(await claimsOf(challenge({ audiences: ['RS API', ACME] }))).toEqual({ ...claims, resource: 'RS API' });
    expect(await claimsOf(challenge({}, deps({ acr: 'otp' }), KEY))).toEqual({ ...claims, acr: 'otp', cnf: { jkt: KEY } });
  });

  it('lets no released claim stand in for challenge or resource', async () => {
    const releasedClaims = () => ({ ticket_challenge: 'x', resource: 'RS API', act: { sub: 'x' }, department: 'sales' }) as JsonObject;
    const claims = await claimsOf(challenge({}, deps({}, { releasedClaims })));
    expect(claims).toMatchObject({ ticket_challenge: CHALLENGE, department: 'sales' });
    expect(claims).not.toHaveProperty('resource');
    expect(claims).not.toHaveProperty('act');
  });

  it('ends no later than subject token and own lifetime [T16]', async () => {
    expect((await challenge({}, deps({ expiresAt: NOW + 30 }))).expiresIn).toBe(30);
    expect((await challenge({}, deps({}, { tokenLifetimeSeconds: 500 }))).expiresIn).toBe(120);
  });

  it.each([[[ACME]], [['mailto:alice@acme.example']], [['acct:alice@acme.example', ACME]]])('finds the AS-RO by %j [C6]', async (resources) => {
    expect((await claimsOf(challenge({ resources })))['aud']).toBe(ACME);
  });

  it.each([
    ['no resource', { resources: [] }],
    ['no resource but an audience', { resources: [], audiences: [ACME] }],
    ['two AS-ROs', { resources: [ACME, 'https://as.other.example'] }],
    ['an AS-RO that is not the owner’s', { resources: ['https://as.other.example', 'mailto:alice@acme.example'] }],
    ['an owner of an unknown domain', { resources: ['mailto:alice@evil.example'] }],
    ['an owner that is no address', { resources: ['mailto:alice'] }],
    ['a scheme that nobody knows', { resources: ['urn:x:y'] }],
    ['an address in this machine', { resources: ['https://127.0.0.1'] }],
    ['no https', { resources: ['http://as.acme.example'] }],
    ['A11 somebody who takes no tickets', { resources: ['https://payroll.globex.example'] }],
    ['two names of resource servers', { audiences: ['RS API', 'another API'] }],
    ['a name without end', { audiences: ['x'.repeat(513)] }],
  ])('with %s is invalid_target [T13]', async (_what, changes) => {
    await expect(challenge(changes)).rejects.toMatchObject(INVALID_TARGET);
  });

  it.each([
    ['deny-listed', { mode: 'open', allow: [], deny: [ACME] }],
    ['not on the allow list', { mode: 'allowlist', allow: ['acme.example'], deny: [] }],
  ] as const)('A11 releases nothing to an AS-RO that is %s, however it is named [T10]', async (_what, trust) => {
    const requireUmaServer = () => Promise.reject(new Error('asked'));
    const directory = { ...deps().directory, requireUmaServer };
    for (const resources of [[ACME], ['mailto:alice@acme.example']]) await expect(challenge({ resources }, deps({}, { trust, directory }))).rejects.toMatchObject({ ...INVALID_TARGET, reason: 'resource_issuer_not_allowed' });
  });

  it('spends the budget of the AS-RO, and ours for discovery [T22]', async () => {
    const asked: string[] = [];
    await expect(challenge({}, deps({}, { issuerRateLimiter: { take: async (key) => asked.push(key) + 6 } }))).rejects.toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(asked).toEqual([ACME]);
    const issuerFor = () => Promise.reject(new DiscoveryFailure('discovery_budget'));
    await expect(challenge({ resources: ['mailto:alice@acme.example'] }, deps({}, { directory: { ...deps().directory, issuerFor } }))).rejects.toMatchObject({ status: 429 });
    await expect(challenge({}, deps({}, { directory: { ...deps().directory, requireUmaServer: issuerFor } }))).rejects.toMatchObject({ status: 429 });
  });

  it.each([
    ['of another client [T7]', { clientId: 'other' }],
    ['A35 without a verified address [T8]', { emailVerified: false }],
    ['of another domain [T8]', { email: 'alice@acme.example' }],
    ['bound to a key that is not proven', { confirmationThumbprint: KEY }],
    ['with actors, for whom the token has no room', { act: { sub: 'agent' } }],
    ['A53 that only the AS-RO may use', { mayAct: { iss: ACME } }],
  ])('takes no subject token %s', async (_what, subject) => {
    await expect(challenge({}, deps(subject))).rejects.toMatchObject(INVALID_REQUEST);
  });

  it('A53 heeds may_act for the client', async () => {
    await expect(challenge({}, deps({ mayAct: { client_id: 'app' } }))).resolves.toBeDefined();
  });
});
