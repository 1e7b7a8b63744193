import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, readToken, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { OTHER_RS, RS } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const feed = async (server = RS, query = '') => asRo.api('GET', `/revocations${query}`, undefined, await asRo.pat(server));
const withdraw = async (share: string) => asRo.api('DELETE', `/owner/shares/${share}`, undefined, await asRo.ownerToken());

describe('The revocation feed', () => {
  it('tells the RS of an RPT whose share was taken back, with its jti and its end, and of no other [G67]', async () => {
    const note = await asRo.sharedNote();
    const kept = await asRo.sharedNote();
    const { claims } = readToken(String((await asRo.access(note)).body['access_token']));
    await asRo.access(kept);
    expect((await feed()).body).toEqual({ revoked: [], cursor: expect.any(String), more: false });
    await withdraw(note.shareId);
    const { status, body, headers } = await feed();
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(body).toEqual({ revoked: [{ jti: claims['jti'], exp: claims['exp'] }], cursor: expect.any(String), more: false });
  });

  it('tells of an RPT whose resource was removed [F12]', async () => {
    const note = await asRo.sharedNote();
    const { claims } = readToken(String((await asRo.access(note)).body['access_token']));
    await asRo.api('DELETE', `/resource/${note.id}`);
    expect((await feed()).body['revoked']).toContainEqual({ jti: claims['jti'], exp: claims['exp'] });
  });

  it('A29 tells no RS of another’s RPTs [F5]', async () => {
    expect((await feed()).body['revoked']).not.toEqual([]);
    expect((await feed(OTHER_RS)).body['revoked']).toEqual([]);
  });

  it('takes a cursor that it never gave, two, or none for the beginning', async () => {
    const { body } = await feed();
    for (const query of ['?cursor=', '?cursor=nonsense', '?cursor=a&cursor=b', `?cursor=${'9'.repeat(400)}`]) expect((await feed(RS, query)).body['revoked']).toEqual(body['revoked']);
  });

  it('forgets an RPT when it would have ended anyway', async () => {
    asRo.clock.advance(600);
    expect((await feed()).body['revoked']).toEqual([]);
  });

  it('fails when the store fails: it never says that nothing was revoked', async () => {
    asRo.stores.failures.set('revocations.read', new Error('gone'));
    const answer = await feed();
    asRo.stores.failures.clear();
    expect({ status: answer.status, members: Object.keys(answer.body) }).toEqual({ status: 500, members: ['error', 'request_id'] });
  });

  it('is read, not written', async () => {
    expect(refusal(await asRo.api('POST', '/revocations', {}))).toEqual(refused(405, 'unsupported_method_type'));
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
