import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, BOB, clientKey, readToken, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal } from './support/answers.ts';
import { APP, PUBLIC_APP } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const OPEN = { grantee: { anyone: true, unidentified: true } };

describe('A share with anyone at all', () => {
  it('grants without any claims token; the RPT is about the client then (RFC 9068 2.2)', async () => {
    const note = await asRo.sharedNote(OPEN);
    const { status, body } = await asRo.redeem({ ticket: note.ticket });
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: APP.id, client_id: APP.id, permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
    expect(body).not.toHaveProperty('pct');
    expect(asRo.memory.audit.at(-1)).toMatchObject({ event: 'token_granted', data: { shares: [note.shareId], requestingParty: undefined } });
  });

  it('grants to whoever says who they are too, and the RPT is about them', async () => {
    const { body } = await asRo.access(await asRo.sharedNote(OPEN));
    expect(readToken(String(body['access_token'])).claims['sub']).toBe(BOB);
  });

  it('stands in nobody’s way: an RPT about the client only, sent along by somebody who says who they are, is not upgraded and stays as it is', async () => {
    const { body: first } = await asRo.redeem({ ticket: (await asRo.sharedNote(OPEN)).ticket });
    const note = await asRo.sharedNote();
    const { status, body } = await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note), rpt: String(first['access_token']) });
    expect({ status, upgraded: body['upgraded'] }).toEqual({ status: 200, upgraded: false });
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: BOB, permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
  });

  it('grants to a public client, bound to its key', async () => {
    const note = await asRo.sharedNote(OPEN);
    const key = await clientKey();
    const { body } = await asRo.redeem({ ticket: note.ticket }, { client: PUBLIC_APP, dpop: key });
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: PUBLIC_APP.id, cnf: { jkt: key.thumbprint } });
  });

  it('is no way around claims that are wrong: a bad claims token is refused as ever', async () => {
    const note = await asRo.sharedNote(OPEN);
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: asRo.forgeIdentityToken(note, { claims: { aud: 'https://other.example' } }) })).body['error']).toBe('request_denied');
  });

  it('is a thing that the owner has to say: "anyone" alone means anyone who can be identified [G63]', async () => {
    const note = await asRo.sharedNote({ grantee: { anyone: true } });
    expect((await asRo.redeem({ ticket: note.ticket })).body['error']).toBe('need_info');
    const shown = await asRo.api('GET', '/owner/shares', undefined, await asRo.ownerToken());
    expect(shown.body['shares']).toContainEqual(expect.objectContaining({ id: note.shareId, grantee: { anyone: true } }));
  });

  it.each([{ ask: true }, { acr_values: ['otp'] }, { claims: { a: 1 } }])('cannot have conditions: %j', async (conditions) => {
    const id = await asRo.register();
    const document = { resource_id: id, scopes: ['view'], ...OPEN, conditions };
    expect(refusal(await asRo.api('POST', '/owner/shares', document, await asRo.ownerToken()))).toEqual(INVALID_REQUEST);
  });

  it('is active at introspection, and ends with the share', async () => {
    const note = await asRo.sharedNote(OPEN);
    const rpt = String((await asRo.redeem({ ticket: note.ticket })).body['access_token']);
    const introspect = async () => (await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` })).body;
    expect(await introspect()).toMatchObject({ active: true, sub: APP.id });
    await asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect(await introspect()).toEqual({ active: false });
  });
});
