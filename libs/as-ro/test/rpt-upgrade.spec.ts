import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, clientKey, readToken, stopAll } from './harness.ts';
import { INVALID_GRANT, refusal } from './support/answers.ts';
import { APP, OTHER_APP, OTHER_RS } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const permissionsIn = (rpt: unknown): { resource_id: string; resource_scopes: string[] }[] => readToken(String(rpt)).claims['permissions'] as never;
const isActive = async (rpt: string): Promise<unknown> => (await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` })).body['active'];
const firstRpt = async () => {
  const note = await asRo.sharedNote();
  return { note, rpt: String((await asRo.access(note)).body['access_token']) };
};
const upgrade = async (rpt: string, changes: object = {}, options = {}) => {
  const note = await asRo.sharedNote();
  return { note, answer: await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note, changes), rpt }, options) };
};

describe('Upgrading an RPT (UMA Grant 3.3.5.1)', () => {
  it('adds the previous permissions, says so, and ends the previous RPT [G29, G31]', async () => {
    const { note, rpt } = await firstRpt();
    const { note: second, answer } = await upgrade(rpt);
    expect(answer).toMatchObject({ status: 200, body: { upgraded: true } });
    expect(permissionsIn(answer.body['access_token'])).toEqual([
      { resource_id: second.id, resource_scopes: ['view'] },
      { resource_id: note.id, resource_scopes: ['view'] },
    ]);
    expect(await isActive(rpt)).toBe(false);
    expect(await isActive(String(answer.body['access_token']))).toBe(true);
    const feed = await asRo.api('GET', '/revocations');
    expect(feed.body['revoked']).toContainEqual({ jti: readToken(rpt).claims['jti'], exp: readToken(rpt).claims['exp'] });
  });

  it('merges the scopes of a resource that both have', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view', 'edit'] });
    const view = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view'] }));
    const edit = await asRo.challenge({ resource_id: id, resource_scopes: ['edit'] });
    const { body } = await asRo.redeem({ ticket: edit.ticket, claim_token: await asRo.identityToken(edit), rpt: String(view.body['access_token']) });
    expect(permissionsIn(body['access_token'])).toEqual([{ resource_id: id, resource_scopes: ['edit', 'view'] }]);
  });

  it('takes an RPT that has expired', async () => {
    const own = await AsRoUnderTest.start();
    const first = await own.sharedNote();
    const rpt = String((await own.access(first)).body['access_token']);
    own.clock.advance(3600);
    const second = await own.sharedNote();
    const { body } = await own.redeem({ ticket: second.ticket, claim_token: await own.identityToken(second), rpt });
    expect(body['upgraded']).toBe(true);
    expect(permissionsIn(body['access_token'])).toHaveLength(2);
  });

  it('lets the new RPT end with any share of either', async () => {
    const { note, rpt } = await firstRpt();
    const { answer } = await upgrade(rpt);
    await asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect(await isActive(String(answer.body['access_token']))).toBe(false);
  });

  it.each([
    ['a share was taken back', async (note: { shareId: string }) => asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken())],
    ['the resource was removed', async (note: { id: string }) => asRo.api('DELETE', `/resource/${note.id}`)],
  ])('does not bring back to life what has ended: %s [G30]', async (_why, end) => {
    const { note, rpt } = await firstRpt();
    await end(note);
    const { note: second, answer } = await upgrade(rpt);
    expect(answer).toMatchObject({ status: 200, body: { upgraded: false } });
    expect(permissionsIn(answer.body['access_token'])).toEqual([{ resource_id: second.id, resource_scopes: ['view'] }]);
  });

  it('does not upgrade an RPT that its client has revoked [G30]', async () => {
    const { rpt } = await firstRpt();
    const basic = Buffer.from(`${encodeURIComponent(APP.id)}:${encodeURIComponent(APP.secret ?? '')}`).toString('base64');
    expect((await asRo.post('/revoke', { token: rpt }, { Authorization: `Basic ${basic}` })).status).toBe(200);
    expect(await isActive(rpt)).toBe(false);
    expect((await upgrade(rpt)).answer).toMatchObject({ status: 200, body: { upgraded: false } });
  });

  it('does not upgrade an RPT with another owner’s permissions, which stays as it is [G30]', async () => {
    const id = await asRo.register({ owner: 'anna@acme.example' });
    await asRo.share(id, {}, 'anna@acme.example');
    const annas = String((await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view'] }))).body['access_token']);
    const { answer } = await upgrade(annas);
    expect(answer).toMatchObject({ status: 200, body: { upgraded: false } });
    expect(await isActive(annas)).toBe(true);
  });

  it('grants without the previous permissions when both do not fit into a token; the previous RPT stays [G30]', async () => {
    const scopes = Array.from({ length: 30 }, (_, index) => `${index}-${'s'.repeat(90)}`);
    const large = async () => {
      const id = await asRo.register({ resource_scopes: scopes });
      await asRo.share(id, { scopes });
      return asRo.challenge({ resource_id: id, resource_scopes: scopes });
    };
    const rpt = String((await asRo.access(await large())).body['access_token']);
    const second = await large();
    const { status, body } = await asRo.redeem({ ticket: second.ticket, claim_token: await asRo.identityToken(second), rpt });
    expect({ status, upgraded: body['upgraded'] }).toEqual({ status: 200, upgraded: false });
    expect(permissionsIn(body['access_token'])).toHaveLength(1);
    expect(await isActive(rpt)).toBe(true);
  });

  it.each(['x', 'eyJhbGciOiJFUzI1NiIsImtpZCI6IngiLCJ0eXAiOiJhdCtqd3QifQ.e30.AAAA', 'a token of elsewhere'])('ignores an rpt that is not its own: %s', async (rpt) => {
    const { answer } = await upgrade(rpt);
    expect(answer).toMatchObject({ status: 200, body: { upgraded: false } });
  });

  it('ignores a ticket, a PAT and a resource claims token in its place', async () => {
    const other = await asRo.sharedNote();
    for (const rpt of [other.ticket, other.resourceClaimsToken, await asRo.pat()]) expect((await upgrade(rpt)).answer.body).toMatchObject({ upgraded: false });
  });
});

describe('A21 RPT upgrade theft', () => {
  it('refuses the RPT of another client, and merges nothing', async () => {
    const { rpt } = await firstRpt();
    const { answer } = await upgrade(rpt, { clientId: OTHER_APP.id }, { client: OTHER_APP });
    expect(refusal(answer)).toEqual(INVALID_GRANT);
    expect(await isActive(rpt)).toBe(true);
  });

  it('refuses the RPT of another person', async () => {
    const { rpt } = await firstRpt();
    const note = await asRo.sharedNote({ grantee: { domain: 'globex.example' } });
    const claimToken = await asRo.identityToken(note, { email: 'carol@globex.example' });
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: claimToken, rpt }))).toEqual(INVALID_GRANT);
    expect(await isActive(rpt)).toBe(true);
  });

  it('refuses the RPT for another resource server', async () => {
    const id = await asRo.register({ owner: 'alice@acme.example' }, OTHER_RS);
    await asRo.share(id);
    const other = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view'] }, OTHER_RS));
    expect(refusal((await upgrade(String(other.body['access_token']))).answer)).toEqual(INVALID_GRANT);
  });

  it('binds the new RPT to the key of this request, whatever the previous one was bound to', async () => {
    const { rpt } = await firstRpt();
    const key = await clientKey();
    const { answer } = await upgrade(rpt, {}, { dpop: key });
    expect(readToken(String(answer.body['access_token'])).claims['cnf']).toEqual({ jkt: key.thumbprint });
    expect(answer.body).toMatchObject({ upgraded: true, token_type: 'DPoP' });
  });
});
