import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, JWT_FORMAT, readToken, stopAll, type Challenge, type IdentityChanges } from './harness.ts';
import { DENIED, expectNeedInfo, refusal } from './support/answers.ts';
import type { Answer } from './support/send-request.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const FRESH = { conditions: { acr_values: ['otp'], max_age: 300 } };
const present = async (challenge: Challenge, changes: IdentityChanges): Promise<Answer> =>
  asRo.redeem({ ticket: challenge.ticket, claim_token: await asRo.identityToken(challenge, changes) });

describe('A share that wants a fresh and strong sign-in', () => {
  it('says which and how fresh, in the words of RFC 9470, and who may vouch for it [S1]', async () => {
    const note = await asRo.sharedNote(FRESH);
    const answer = await asRo.access(note, { acr: 'pwd', authTime: asRo.clock.now() - 1000 });
    expectNeedInfo(answer, note);
    expect(answer.body).toMatchObject({ acr_values: 'otp', max_age: 300 });
    expect(answer.body['required_claims']).toEqual(
      ['acr', 'auth_time'].map((name) => ({
        name,
        claim_type: `urn:ietf:params:oauth:claim:${name}`,
        claim_token_format: [JWT_FORMAT],
        issuer: ['https://as.globex.example'],
        friendly_name: expect.any(String),
      })),
    );
  });

  it('asks again while the sign-in is too old, and takes a fresh one; the RPT records both [S6]', async () => {
    const note = await asRo.sharedNote(FRESH);
    const strong = await asRo.access(note, { acr: 'otp', authTime: asRo.clock.now() - 361 });
    const next = expectNeedInfo(strong, note);
    expect(strong.body).toMatchObject({ max_age: 300 });
    expect(strong.body).not.toHaveProperty('acr_values');
    const again = expectNeedInfo(await present(next, { acr: 'otp' }), next);
    const granted = await present(again, { acr: 'otp', authTime: asRo.clock.now() - 10 });
    expect(granted.status).toBe(200);
    expect(readToken(String(granted.body['access_token'])).claims).toMatchObject({ acr: 'otp', auth_time: asRo.clock.now() - 10 });
  });

  it('is not satisfied by what is remembered of an older sign-in: a PCT alone ends in need_info [S7]', async () => {
    const own = await AsRoUnderTest.start();
    const { body } = await own.access(await own.sharedNote(FRESH), { acr: 'otp', authTime: own.clock.now() });
    const soon = await own.sharedNote(FRESH);
    expect((await own.redeem({ ticket: soon.ticket, pct: String(body['pct']) })).status).toBe(200);
    own.clock.advance(361);
    const later = await own.sharedNote(FRESH);
    expectNeedInfo(await own.redeem({ ticket: later.ticket, pct: String(body['pct']) }), later);
  });

  it('ends the process after three step-ups that did not help', async () => {
    const note = await asRo.sharedNote(FRESH);
    let challenge: Challenge = note;
    for (let time = 0; time < 3; time += 1) challenge = expectNeedInfo(await present(challenge, { acr: 'pwd' }), challenge);
    expect(refusal(await present(challenge, { acr: 'pwd' }))).toEqual(DENIED);
  });

  it('shows the owner what it wants', async () => {
    const note = await asRo.sharedNote(FRESH);
    const { body } = await asRo.api('GET', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect(body['conditions']).toEqual({ acr_values: ['otp'], max_age: 300 });
  });
});

describe('A resource server that wants more of the sign-in than the owner does (protocol.md 7.2 d)', () => {
  const wanted = { acr_values: 'otp fpt', max_age: 300 };
  /** A ticket to view a note that is shared with Bob without conditions. */
  const challenged = async (assurance: object = wanted): Promise<Challenge> => {
    const id = await asRo.register();
    await asRo.share(id);
    return asRo.challenge({ resource_id: id, resource_scopes: ['view'], ...assurance });
  };

  it('has its wish carried by the ticket: the grant ends in need_info until it is met [S8]', async () => {
    const ticket = await challenged();
    expect(readToken(ticket.ticket).claims).not.toHaveProperty('acr_values');
    const weak = await present(ticket, { acr: 'pwd', authTime: asRo.clock.now() });
    const next = expectNeedInfo(weak, ticket);
    expect(weak.body).toMatchObject({ acr_values: 'otp fpt', required_claims: [{ name: 'acr' }] });
    const old = await present(next, { acr: 'fpt', authTime: asRo.clock.now() - 400 });
    const last = expectNeedInfo(old, next);
    expect(old.body).toMatchObject({ max_age: 300, required_claims: [{ name: 'auth_time' }] });
    expect((await present(last, { acr: 'fpt', authTime: asRo.clock.now() })).status).toBe(200);
  });

  it('is not got around by claims that are remembered, nor by a share with anyone at all', async () => {
    const { body } = await asRo.access(await asRo.sharedNote(), { acr: 'pwd', authTime: asRo.clock.now() });
    const ticket = await challenged();
    expectNeedInfo(await asRo.redeem({ ticket: ticket.ticket, pct: String(body['pct']) }), ticket);
    const id = await asRo.register();
    await asRo.share(id, { grantee: { anyone: true, unidentified: true } });
    const open = await asRo.challenge({ resource_id: id, resource_scopes: ['view'], ...wanted });
    expectNeedInfo(await asRo.redeem({ ticket: open.ticket }), open);
  });

  it('asks nothing of a person whom no share would let in', async () => {
    const id = await asRo.register();
    expect(refusal(await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view'], ...wanted }), { acr: 'pwd' }))).toEqual(DENIED);
  });

  it.each([
    ['a list of values', { acr_values: ['otp'] }],
    ['an empty one', { acr_values: '' }],
    ['a quotation mark', { acr_values: 'a"b' }],
    ['a negative age', { max_age: -1 }],
    ['half a second', { max_age: 0.5 }],
  ])('is told when its wish is malformed: %s', async (_case, assurance) => {
    const id = await asRo.register();
    const { status, body } = await asRo.api('POST', '/permission', { resource_id: id, resource_scopes: ['view'], ...assurance });
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });

  it('may have one wish for each ticket', async () => {
    const [one, two] = [await asRo.register(), await asRo.register()];
    const request = [{ resource_id: one, resource_scopes: ['view'], max_age: 10 }, { resource_id: two, resource_scopes: ['view'] }];
    expect((await asRo.api('POST', '/permission', request)).status).toBe(201);
    const contradiction = request.map((permission, index) => ({ ...permission, max_age: index }));
    expect((await asRo.api('POST', '/permission', contradiction)).body['error']).toBe('invalid_request');
  });
});
