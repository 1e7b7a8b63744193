import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPES, TOKEN_TYPE_URNS, encodeBase64Url, encodeUtf8 } from '@uma-federation/uma-core';
import { createHash } from 'node:crypto';
import type { UmaFetchOptions } from '../src/options.ts';
import type { UmaError } from '../src/uma-error.ts';
import { FakeFederation, NOTE } from './fake-federation.ts';
import { answersOfAsRo, failure, grant, needInfo, sent, submitted } from './scripted-answers.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
const urn = 'urn:ietf:params:oauth:';

/** A claims token of the older dialect: the client reads it and verifies nothing. */
function claimsToken(claims: object): string {
  const part = (value: object) => encodeBase64Url(encodeUtf8(JSON.stringify(value)));
  return `${part({ alg: 'ES256', kid: 'k', typ: TOKEN_TYPES.identityClaims })}.${part(claims)}.${encodeBase64Url(new Uint8Array(64))}`;
}

/** AS-RqP speaks the ticket-challenge dialect. */
function speaksTicketChallenge(changed: (claims: Record<string, unknown>) => object = (claims) => claims): void {
  const { answer } = federation.asRqp;
  federation.asRqp.answer = (request) => {
    if (request.target !== '/token') return answer(request);
    const claims = { iss: federation.asRqp.url, aud: federation.asRo.url, sub: 'bob@globex.example', ticket_challenge: request.form['ticket_challenge'] };
    return { status: 200, body: { access_token: claimsToken(changed(claims)), issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A', expires_in: 120 } };
  };
}

const pair = () => [{ origin: federation.rs.url, asUri: federation.asRo.url, name: 'RS API' }];
const inDialect = (options: Partial<UmaFetchOptions> = {}) => federation.umaFetch({ dialect: 'ticket-challenge', trustedResourceServers: pair(), ...options });
/** The resource server of an older domain: a ticket and nothing else. */
function challengesWithTicketOnly(): string[] {
  const tickets: string[] = [];
  federation.rs.answer = async (request) => {
    if (request.headers.authorization !== undefined) return federation.answerResource(request);
    const { ticket } = await federation.owner.tickets(federation.resourceUrl);
    tickets.push(ticket);
    return federation.challenge({ ticket });
  };
  return tickets;
}

describe('The ticket-challenge dialect (seed 002)', () => {
  it('sends the hash of the whole ticket instead of an actor token, and pushed_claims instead of claim_token (C3, C4, C5)', async () => {
    const tickets = challengesWithTicketOnly();
    speaksTicketChallenge();
    answersOfAsRo(federation, () => grant(federation));
    const response = await inDialect()(federation.resourceUrl);
    expect(await response.text()).toBe(NOTE);
    expect(federation.asRqp.requests[0]?.form).toEqual({
      grant_type: `${urn}grant-type:token-exchange`,
      requested_token_type: `${urn}token-type:jwt`,
      subject_token: 'token-of-bob',
      subject_token_type: `${urn}token-type:access_token`,
      ticket_challenge: hash(tickets[0] ?? ''),
      resource: federation.asRo.url,
      audience: 'RS API',
    });
    expect(federation.asRo.requests[0]?.form).toEqual({
      grant_type: `${urn}grant-type:uma-ticket`,
      ticket: tickets[0],
      pushed_claims: expect.any(String),
      resource: federation.rs.url,
      client_id: 'app-at-ro',
    });
  });

  it('hashes as the vector of protocol.md 1.4 says', async () => {
    speaksTicketChallenge();
    federation.rs.answer = () => federation.challenge({ ticket: '016f84e8-f9b9-11e0-bd6f-0021cc6004de' });
    answersOfAsRo(federation, () => grant(federation));
    await inDialect()(federation.resourceUrl);
    expect(federation.asRqp.requests[0]?.form['ticket_challenge']).toBe('Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c');
  });

  it('names the owner instead where the caller knows them; the claims must still be for as_uri (duty iii)', async () => {
    challengesWithTicketOnly();
    speaksTicketChallenge();
    answersOfAsRo(federation, () => grant(federation));
    const trustedResourceServers = [{ origin: federation.rs.url, asUri: federation.asRo.url }];
    await inDialect({ ownerEmail: 'alice@acme.example', trustedResourceServers })(federation.resourceUrl);
    expect(federation.asRqp.requests[0]?.form).toMatchObject({ resource: 'mailto:alice@acme.example' });
    expect(federation.asRqp.requests[0]?.form).not.toHaveProperty('audience');
    federation.behave();
    challengesWithTicketOnly();
    speaksTicketChallenge((claims) => ({ ...claims, aud: 'https://as.elsewhere.example' }));
    expect(await failure(inDialect({ ownerEmail: 'alice@acme.example' })(federation.resourceUrl))).toMatchObject({ code: 'audience_mismatch' });
    expect(federation.asRo.requests).toHaveLength(0);
  });

  it('makes a new claims token for each new ticket: the hash is that of the ticket (C12)', async () => {
    const tickets = challengesWithTicketOnly();
    speaksTicketChallenge();
    answersOfAsRo(federation, () => needInfo(federation, { resource_claims_token: undefined }), () => submitted(federation), () => needInfo(federation), () => grant(federation));
    const umaFetch = inDialect({ ownerPatienceMs: 60_000, wait: async () => undefined, subjectToken: async () => ({ token: String(Math.random()), type: 'jwt' }) });
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    const presented = sent(federation, 'ticket');
    expect(presented[0]).toBe(tickets[0]);
    expect(federation.asRqp.requests.map(({ form }) => form['ticket_challenge'])).toEqual([presented[0], presented[1], presented[3]].map((ticket) => hash(ticket ?? '')));
  });

  it('never uses a persisted claims token or an upgrade: the dialect has neither', async () => {
    challengesWithTicketOnly();
    speaksTicketChallenge();
    answersOfAsRo(federation, () => grant(federation, { pct: 'p', upgraded: true }), () => grant(federation));
    const umaFetch = inDialect({ tokenReuse: 'origin' });
    await umaFetch(federation.resourceUrl);
    const { answer } = federation.rs;
    federation.rs.answer = async (request) => (federation.rs.seen.length === 3 ? federation.challenge({ ticket: 'another' }) : answer(request));
    await umaFetch(federation.resourceUrl, { method: 'PUT' });
    for (const name of ['pct', 'rpt', 'claim_token', 'claim_token_format']) expect(sent(federation, name)).toEqual([undefined, undefined]);
  });
});

describe('A1b RCT stripping, in the ticket-challenge dialect', () => {
  it('deals with configured pairs of servers only, even when a resource claims token is there: nobody would verify it', async () => {
    speaksTicketChallenge();
    expect(await failure(inDialect({ trustedResourceServers: [] })(federation.resourceUrl))).toMatchObject({ code: 'challenge_stripped', category: 'duty' });
    challengesWithTicketOnly();
    expect(await failure(inDialect({ trustedResourceServers: [{ origin: federation.rs.url, asUri: federation.evil.url }] })(federation.resourceUrl))).toMatchObject({ code: 'challenge_stripped' });
    expect(federation.authorizationServerRequests).toBe(0);
  });
});

describe('A1b A request that waits for its owner, in the ticket-challenge dialect', () => {
  it('goes on with configured pairs of servers only: nobody has verified that they belong together', async () => {
    speaksTicketChallenge();
    answersOfAsRo(federation, () => submitted(federation, { interval: 60 }));
    const { submitted: continuation } = (await failure(inDialect()(federation.resourceUrl))) as UmaError;
    if (continuation === undefined) throw new Error('there is nothing to go on with');
    federation.behave();
    const later = { now: () => continuation.earliestAt };
    expect(await failure(inDialect({ clock: later, trustedResourceServers: [] }).resume(continuation, federation.resourceUrl))).toMatchObject({ code: 'challenge_stripped', category: 'duty' });
    expect(federation.authorizationServerRequests).toBe(0);
    answersOfAsRo(federation, () => grant(federation));
    expect((await inDialect({ clock: later }).resume(continuation, federation.resourceUrl)).status).toBe(200);
  });
});

describe('A14 Mixing of dialects', () => {
  it('is refused in claims tokens: one with act beside the challenge, one with another challenge, one with none', async () => {
    for (const changed of [{ act: { sub: 'h'.repeat(43) } }, { ticket_challenge: hash('another ticket') }, { ticket_challenge: undefined }]) {
      federation.behave();
      challengesWithTicketOnly();
      speaksTicketChallenge((claims) => ({ ...claims, ...changed }));
      expect(await failure(inDialect()(federation.resourceUrl))).toMatchObject({ code: 'unexpected_token', category: 'duty' });
      expect(federation.asRo.requests).toHaveLength(0);
    }
  });

  it('is refused in the other direction: a client of seed 003 posts no token with a ticket challenge', async () => {
    speaksTicketChallenge((claims) => ({ ...claims, ticket_challenge: hash('x') }));
    expect(await failure(federation.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'unexpected_token' });
    expect(federation.asRo.requests).toHaveLength(0);
  });

  it('is nothing that a caller can ask for', () => {
    expect(() => federation.umaFetch({ dialect: 'ticket-challenge', profile: 'oauth' })).toThrow(TypeError);
  });

  it('does not happen by itself: without the option neither parameter is ever sent, even without a resource claims token', async () => {
    challengesWithTicketOnly();
    answersOfAsRo(federation, () => grant(federation));
    await federation.umaFetch({ trustedResourceServers: pair() })(federation.resourceUrl);
    expect(federation.asRqp.requests).toHaveLength(0);
    expect(sent(federation, 'pushed_claims')).toEqual([undefined]);
  });
});

describe('The OAuth profile (protocol.md 1.6)', () => {
  const answer = (extra: Record<string, unknown> = {}) => grant(federation, { issued_token_type: `${urn}token-type:access_token`, resource: undefined, scope: 'view', ...extra });

  it('exchanges ticket and identity claims for an access token', async () => {
    answersOfAsRo(federation, () => answer());
    expect((await federation.umaFetch({ profile: 'oauth' })(federation.resourceUrl)).status).toBe(200);
    expect(federation.asRo.requests[0]?.form).toEqual({
      grant_type: `${urn}grant-type:token-exchange`,
      requested_token_type: `${urn}token-type:access_token`,
      subject_token: expect.stringMatching(/^eyJ/),
      subject_token_type: `${urn}token-type:jwt`,
      actor_token: expect.stringMatching(/^eyJ/),
      actor_token_type: `${urn}token-type:jwt`,
      resource: federation.rs.url,
      client_id: 'app-at-ro',
    });
  });

  it('pushes claims at once, whatever else was asked for: the profile has no need_info', async () => {
    answersOfAsRo(federation, () => answer({ pct: 'p' }), () => answer());
    const umaFetch = federation.umaFetch({ profile: 'oauth', pushClaims: 'when-asked' });
    await umaFetch(federation.resourceUrl);
    await umaFetch(federation.resourceUrl, { method: 'PUT' });
    expect(sent(federation, 'actor_token').map((token) => token !== undefined)).toEqual([true, true]);
  });

  it.each([
    ['a refusal', { status: 400, body: { error: 'invalid_request' } }, { code: 'grant_refused', oauthError: 'invalid_request' }],
    ['another kind of token', { status: 200, body: { access_token: 'x', token_type: 'Bearer', issued_token_type: `${urn}token-type:jwt` } }, { code: 'unexpected_token' }],
    ['a token that says nothing of its kind', { status: 200, body: { access_token: 'x', token_type: 'Bearer' } }, { code: 'unexpected_token' }],
  ])('gives no token after %s', async (_name, given, expected) => {
    answersOfAsRo(federation, () => given);
    expect(await failure(federation.umaFetch({ profile: 'oauth' })(federation.resourceUrl))).toMatchObject(expected);
    expect(federation.rs.seen).toHaveLength(1);
  });
});
