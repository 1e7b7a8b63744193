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
