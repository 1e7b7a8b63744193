import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { createHash } from 'node:crypto';
import { AsRoUnderTest, clientKey, GLOBEX, ISSUER, readToken, secretsInLogs, stopAll, type Challenge, type IdentityChanges, type TokenRequestOptions } from './harness.ts';
import { DENIED, expectNeedInfo, INVALID_GRANT, INVALID_REQUEST, refusal } from './support/answers.ts';
import { APP, CHALLENGE_APP, OTHER_APP, PUBLIC_APP, UMA1_APP, type TestClient } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
beforeEach(() => {
  asRo.log.takeReasons();
  asRo.directory.questions.length = 0;
  asRo.directory.name('globex.example', GLOBEX, fixedKeys.globex);
});
afterAll(stopAll);

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
/** Seed 002 step 3: Base64URL-Encode(SHA256(ticket)), over the whole ticket string. */
const challengeOf = (ticket: string): string => sha256(ticket).toString('base64url');
const actorOf = (note: Challenge) => ({ sub: readToken(note.resourceClaimsToken).claims['sub'], iss: ISSUER });

/** Seed 002 step 5, as globex's AS-RqP makes it. */
const claimsToken = (note: Challenge, changes: IdentityChanges = {}, resource?: string): Promise<string> =>
  asRo.identityToken(note, { clientId: CHALLENGE_APP.id, actor: undefined, challenge: { ticketChallenge: challengeOf(note.ticket), resource }, ...changes });
/** Seed 002 step 6. */
const push = (note: Challenge, token: string, options: TokenRequestOptions = {}, more: Record<string, string> = {}) =>
  asRo.redeem({ ticket: note.ticket, pushed_claims: token, ...more }, { client: CHALLENGE_APP, ...options });
/** A good token with other claims. */
const forged = (note: Challenge, claims: Record<string, unknown>): string =>
  asRo.forgeIdentityToken(note, { claims: { client_id: CHALLENGE_APP.id, act: undefined, ticket_challenge: challengeOf(note.ticket), ...claims } });

describe('Seed 002 at AS-RO', () => {
  it('gives an RPT for ticket and pushed_claims [C3, C4]', async () => {
    const note = await asRo.sharedNote();
    const { status, body } = await push(note, await claimsToken(note));
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: 'bob@globex.example', client_id: CHALLENGE_APP.id, aud: 'https://rs.acme.example', permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
  });

  it('asks the e-mail domain first, then the keys of the issuer that it names (C16)', async () => {
    const note = await asRo.sharedNote();
    await push(note, await claimsToken(note));
    expect(asRo.directory.questions).toEqual(['requesting-party globex.example', `keys ${GLOBEX}`]);
  });

  it('reads the same token under the name claim_token from a client that is marked for it', async () => {
    const note = await asRo.sharedNote();
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: await claimsToken(note) }, { client: CHALLENGE_APP })).status).toBe(200);
  });

  it('lets a marked client speak the ordinary dialect as well', async () => {
    const note = await asRo.sharedNote();
    expect((await asRo.access(note, { clientId: CHALLENGE_APP.id }, { client: CHALLENGE_APP })).status).toBe(200);
  });
});

describe('A request speaks one dialect', () => {
  it.each([
    ['claim_token besides', async (note: Challenge) => ({ claim_token: await claimsToken(note) })],
    ['the same token twice over', async (_note: Challenge, token: string) => ({ claim_token: token })],
    ['claim_token_format besides', async () => ({ claim_token_format: 'urn:ietf:params:oauth:token-type:jwt' })],
  ])('pushed_claims with %s is invalid_request, and the ticket is left alone [C4, G8]', async (_what, more) => {
    const note = await asRo.sharedNote();
    const token = await claimsToken(note);
    expect(refusal(await push(note, token, {}, await more(note, token)))).toEqual(INVALID_REQUEST);
    expect((await push(note, token)).status).toBe(200);
  });

  it.each([APP, OTHER_APP, PUBLIC_APP, UMA1_APP])('pushed_claims of the client $id, which is not marked for it, is invalid_request [C4]', async (client: TestClient) => {
    const note = await asRo.sharedNote();
    for (const token of [await claimsToken(note, { clientId: client.id }), await asRo.identityToken(note, { clientId: client.id })]) {
      expect(refusal(await push(note, token, { client }))).toEqual(INVALID_REQUEST);
    }
  });

  it.each([APP, UMA1_APP])('A14 a ticket challenge in the claim_token of the client $id, which is not marked for it, ends the process [C5]', async (client: TestClient) => {
    const note = await asRo.sharedNote();
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: await claimsToken(note, { clientId: client.id }) }, { client }))).toEqual(DENIED);
    expect(refusal(await asRo.access(note, {}, { client }))).toEqual(INVALID_GRANT);
  });
});

describe('A14 Two bindings in one token, from a client that may speak both', () => {
  it.each<[string, (note: Challenge) => Record<string, unknown>]>([
    ['both right', (note) => ({ act: actorOf(note) })],
    ['the challenge wrong', (note) => ({ act: actorOf(note), ticket_challenge: challengeOf('x') })],
    ['the actor wrong', () => ({ act: { sub: challengeOf('x'), iss: ISSUER } })],
    ['the hashes exchanged', (note) => ({ act: { sub: challengeOf(note.ticket), iss: ISSUER }, ticket_challenge: actorOf(note).sub })],
    ['an empty actor', () => ({ act: {} })],
    ['no actor but the word null', () => ({ act: null })],
    ['neither', () => ({ ticket_challenge: undefined })],
  ])('%s ends the process [C5]', async (_what, claims) => {
    for (const name of ['pushed_claims', 'claim_token']) {
      const note = await asRo.sharedNote();
      expect(refusal(await asRo.redeem({ ticket: note.ticket, [name]: forged(note, claims(note)) }, { client: CHALLENGE_APP }))).toEqual(DENIED);
      expect(refusal(await push(note, await claimsToken(note)))).toEqual(INVALID_GRANT);
    }
  });
});

describe('A13 Variants of the ticket challenge', () => {
  it.each<[string, (note: Challenge) => unknown]>([
    ['the hash of seed 003', (note) => actorOf(note).sub],
    ['another ticket’s', () => challengeOf('016f84e8-f9b9-11e0-bd6f-0021cc6004de')],
    ['padded', (note) => `${challengeOf(note.ticket)}=`],
    ['hex', (note) => sha256(note.ticket).toString('hex')],
    ['the standard alphabet', (note) => `${sha256(note.ticket).toString('base64').slice(0, 41)}+/`],
    ['the ticket without signature', (note) => challengeOf(note.ticket.split('.').slice(0, 2).join('.'))],
    ['the payload alone', (note) => challengeOf(note.ticket.split('.')[1] ?? '')],
    ['the ticket with a line break', (note) => challengeOf(`${note.ticket}\n`)],
    ['the empty string', () => challengeOf('')],
    ['the ticket itself', (note) => note.ticket],
    ['an array', (note) => [challengeOf(note.ticket)]],
    ['a number', () => 1],
  ])('%s is request_denied', async (_what, challenge) => {
    const note = await asRo.sharedNote();
    expect(refusal(await push(note, forged(note, { ticket_challenge: challenge(note) })))).toEqual(DENIED);
  });
});

describe('A1 The resource server that the token is for', () => {
  it.each([undefined, 'RS API', 'https://rs.acme.example'])('may be called %s', async (resource) => {
    const note = await asRo.sharedNote();
    expect((await push(note, await claimsToken(note, {}, resource))).status).toBe(200);
  });

  it.each(['Another API', 'rs api', 'https://rs2.acme.example/api', 'https://rs.acme.example/', 'rs-acme', ''])('is not called %j: a relayed ticket gives nothing', async (resource) => {
    const note = await asRo.sharedNote();
    expect(refusal(await push(note, await claimsToken(note, {}, resource)))).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toContain('claim_token_wrong_resource');
  });
});

describe('C12 The ticket string changes', () => {
  it('with need_info, and so a new claims token is needed; the old one is for nothing [G36]', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    const stronger = await claimsToken(note, { acr: 'otp' });
    const next = expectNeedInfo(await push(note, await claimsToken(note)), note);
    // Unused, unexpired, good enough, and bound to the ticket that is gone.
    expect(refusal(await push(next, stronger))).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toContain('claim_token_binding_mismatch');
  });

  it('and the token for the new ticket string goes on', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    let next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }, { client: CHALLENGE_APP }), note);
    next = expectNeedInfo(await push(next, await claimsToken(next)), next);
    expect((await push(next, await claimsToken(next, { acr: 'otp' }))).status).toBe(200);
  });
});

describe('What holds in every dialect', () => {
  it('A7 a claims token is used once', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    const claims = { jti: 'the-same-one', ticket_challenge: undefined };
    const next = expectNeedInfo(await push(note, forged(note, { ...claims, ticket_challenge: challengeOf(note.ticket) })), note);
    expect(refusal(await push(next, forged(next, { ...claims, ticket_challenge: challengeOf(next.ticket), acr: 'otp' })))).toEqual(DENIED);
  });

  it('A6 a claims token for another server, A30 of another issuer, and A50 of another kind end the process', async () => {
    for (const changes of [{ aud: 'https://as2.acme.example' }, { aud: ['https://rs.acme.example', ISSUER] }, { aud: 'RS API' }, { iss: 'https://as.evil.example' }]) {
      const note = await asRo.sharedNote();
      expect(refusal(await push(note, forged(note, changes)))).toEqual(DENIED);
    }
    const note = await asRo.sharedNote();
    const token = asRo.forgeIdentityToken(note, { header: { typ: 'JWT' }, claims: { client_id: CHALLENGE_APP.id, act: undefined, ticket_challenge: challengeOf(note.ticket) } });
    expect(refusal(await push(note, token))).toEqual(DENIED);
  });

  it.each<[string, (note: Challenge) => Promise<string> | string]>([
    ['the ticket itself', (note) => note.ticket],
    ['a resource claims token', (note) => note.resourceClaimsToken],
    ['a PAT', () => asRo.pat()],
    ['an ID token', () => asRo.ownerToken()],
    ['an RPT', async () => String((await asRo.access(await asRo.sharedNote())).body['access_token'])],
  ])('A4 %s is nothing to push', async (_what, token) => {
    const note = await asRo.sharedNote();
    expect(refusal(await push(note, await token(note)))).toEqual(DENIED);
  });

  it('an expired token can be had anew', async () => {
    const note = await asRo.sharedNote();
    const now = asRo.clock.now();
    const next = expectNeedInfo(await push(note, forged(note, { iat: now - 200, nbf: now - 200, exp: now - 100 })), note);
    expect((await push(next, await claimsToken(next))).status).toBe(200);
  });

  it('A1 the presenter is the holder that the token names (Decision D3)', async () => {
    const mine = await clientKey();
    const theirs = await clientKey(fixedKeys.evil);
    for (const [changes, dpop, status] of [
      [{ clientId: 'another' }, undefined, 403],
      [{ clientId: 'another', confirmationThumbprint: mine.thumbprint }, undefined, 403],
      [{ clientId: 'another', confirmationThumbprint: mine.thumbprint }, theirs, 403],
      [{ clientId: 'another', confirmationThumbprint: mine.thumbprint }, mine, 200],
    ] as const) {
      const note = await asRo.sharedNote();
      expect((await push(note, await claimsToken(note, changes), { dpop })).status).toBe(status);
    }
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
