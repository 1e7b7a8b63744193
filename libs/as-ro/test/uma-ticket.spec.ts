import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadKeyRing } from '@uma-federation/keys';
import { fixedKeys } from '@uma-federation/testing';
import { temporarilyUnavailable, type ResourceId, type ShareId } from '@uma-federation/uma-core';
import { ALICE, ANNA, AsRoUnderTest, BOB, clientKey, encodeForm, GLOBEX, ISSUER, JWT_FORMAT, readToken, secretsInLogs, stopAll, type Challenge } from './harness.ts';
import { DENIED, expectNeedInfo, INVALID_GRANT, refusal, refused } from './support/answers.ts';
import { APP, CAREFUL_APP, OTHER_APP, PUBLIC_APP } from './support/clients.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
let whole: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
  whole = await AsRoUnderTest.start({ settings: { partialGrants: false } });
});
beforeEach(() => {
  asRo.log.takeReasons();
});
afterAll(stopAll);

const permissionsIn = (rpt: unknown): unknown => readToken(String(rpt)).claims['permissions'];

describe('A granted request', () => {
  it('answers 200 in the form of RFC 6749 5.1, without scope, naming the RS that the RPT is for [G25, G26]', async () => {
    const { status, body, headers } = await asRo.access(await asRo.sharedNote());
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': expect.stringContaining('application/json') });
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 600, resource: 'https://rs.acme.example', upgraded: false, pct: expect.any(String) });
  });

  it('gives an at+jwt for this RS, about Bob, for this client, with the permissions and no scope [G24]', async () => {
    const note = await asRo.sharedNote();
    const { body } = await asRo.access(note, { acr: 'pwd', authTime: 1_799_999_000 });
    const now = asRo.clock.now();
    expect(readToken(String(body['access_token']))).toEqual({
      header: { alg: 'ES256', kid: 'acme-as-ro-1', typ: 'at+jwt' },
      claims: {
        iss: ISSUER,
        aud: 'https://rs.acme.example',
        sub: BOB,
        client_id: APP.id,
        iat: now,
        exp: now + 600,
        jti: expect.any(String),
        permissions: [{ resource_id: note.id, resource_scopes: ['view'] }],
        acr: 'pwd',
        auth_time: 1_799_999_000,
      },
    });
  });

  it('with a DPoP proof gives an RPT bound to that key', async () => {
    const dpop = await clientKey();
    const { body } = await asRo.access(await asRo.sharedNote(), { confirmationThumbprint: dpop.thumbprint }, { dpop });
    expect(body['token_type']).toBe('DPoP');
    expect(readToken(String(body['access_token'])).claims['cnf']).toEqual({ jkt: dpop.thumbprint });
  });

  it('passes on nothing else of what the other domain said about Bob', async () => {
    const { body } = await asRo.access(await asRo.sharedNote(), { claims: { department: 'sales', phone_number: '+1 555' } });
    expect(Object.keys(readToken(String(body['access_token'])).claims).sort()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'permissions', 'sub']);
  });

  it.each([
    ['a person', { email: BOB }],
    ['a domain', { domain: 'globex.example' }],
    ['anyone', { anyone: true }],
  ])('rests on a share with %s', async (_whom, grantee) => {
    expect((await asRo.access(await asRo.sharedNote({ grantee }))).status).toBe(200);
  });

  it('ends with the share that it rests on, and the RPT of two shares with the earlier one', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view'], expires_at: asRo.clock.now() + 500 });
    await asRo.share(id, { scopes: ['edit'], expires_at: asRo.clock.now() + 50 });
    const { body } = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] }));
    expect(body['expires_in']).toBe(50);
    expect(readToken(String(body['access_token'])).claims['exp']).toBe(asRo.clock.now() + 50);
  });

  it('is one transaction with the audit entry, after which nothing else is written', async () => {
    const note = await asRo.sharedNote();
    asRo.stores.calls.length = 0;
    const { body } = await asRo.access(note);
    expect(writesAmong(asRo.stores.calls)).toEqual(['tickets.take', 'grants.record']);
    expect(asRo.memory.audit.at(-1)).toMatchObject({ event: 'token_granted', data: { tokenId: readToken(String(body['access_token'])).claims['jti'], requestingParty: BOB, shares: [note.shareId] } });
  });

  it('A20 takes no pct for an identity, whoever’s it may be: need_info', async () => {
    for (const pct of ['x', 'eyJhbGciOiJub25lIn0.e30.', BOB]) {
      const note = await asRo.sharedNote();
      expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }), note);
    }
  });

  it('ignores parameters that nobody knows', async () => {
    const note = await asRo.sharedNote();
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note), future: 'x', audience: 'x' })).status).toBe(200);
  });
});

describe('need_info', () => {
  it('answers 403 with a new ticket, what is needed, and a fresh resource claims token of the same nonce [G35, G36]', async () => {
    const note = await asRo.sharedNote();
    const answer = await asRo.redeem({ ticket: note.ticket });
    const next = expectNeedInfo(answer, note);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.body).toEqual({
      error: 'need_info',
      error_description: expect.any(String),
      ticket: next.ticket,
      required_claims: [{ name: 'email', claim_type: 'urn:ietf:params:oauth:claim:email', claim_token_format: [JWT_FORMAT], friendly_name: expect.any(String) }],
      resource_claims_token: next.resourceClaimsToken,
      issued_token_type: JWT_FORMAT,
    });
    expect(readToken(next.ticket).claims['jti']).not.toBe(readToken(note.ticket).claims['jti']);
    expect(readToken(next.resourceClaimsToken).claims['jti']).not.toBe(readToken(note.resourceClaimsToken).claims['jti']);
  });

  it('keeps the binding: an identity token for the first ticket is good with a rotated one', async () => {
    const note = await asRo.sharedNote();
    const identityToken = await asRo.identityToken(note);
    const second = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    const third = expectNeedInfo(await asRo.redeem({ ticket: second.ticket }), second);
    expect((await asRo.redeem({ ticket: third.ticket, claim_token: identityToken })).status).toBe(200);
  });

  it('asks for a stronger sign-in when the share does, and takes it with a new identity token for the same nonce [S1, S5]', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp', 'fpt'] } });
    const weak = await asRo.access(note, { acr: 'pwd' });
    const next = expectNeedInfo(weak, note);
    expect(weak.body).toMatchObject({ acr_values: 'otp fpt', required_claims: [{ name: 'acr', claim_type: 'urn:ietf:params:oauth:claim:acr' }] });
    const strong = await asRo.redeem({ ticket: next.ticket, claim_token: await asRo.identityToken(note, { acr: 'fpt' }) });
    expect(strong.status).toBe(200);
    expect(readToken(String(strong.body['access_token'])).claims['acr']).toBe('fpt');
  });

  it('keeps accepted claims in the process: the identity token is spent and need not come again', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    const next = expectNeedInfo(await asRo.access(note), note);
    await asRo.share(note.id);
    expect((await asRo.redeem({ ticket: next.ticket })).status).toBe(200);
  });

  it('names the claim that is missing, and what cannot be cured is denied', async () => {
    const claims = { department: 'sales', level: { min: 3 } };
    const note = await asRo.sharedNote({ conditions: { claims } });
    const answer = await asRo.access(note);
    const next = expectNeedInfo(answer, note);
    expect((answer.body['required_claims'] as { name: string }[]).map(({ name }) => name)).toEqual(['department', 'level']);
    expect((await asRo.redeem({ ticket: next.ticket, claim_token: await asRo.identityToken(note, { claims }) })).status).toBe(200);
    expect(refusal(await asRo.access(await asRo.sharedNote({ conditions: { claims } }), { claims: { ...claims, department: 'it' } }))).toEqual(DENIED);
  });

  it('tells nobody whom a resource is shared with: the same answer before identification, shared or not with Bob', async () => {
    const shapes = [];
    for (const grantee of [{ email: 'carol@hosting.example' }, { email: BOB }, { anyone: true }]) {
      const { body } = await asRo.redeem({ ticket: (await asRo.sharedNote({ grantee })).ticket });
      shapes.push(JSON.stringify({ ...body, ticket: '', resource_claims_token: '' }));
    }
    expect(new Set(shapes).size).toBe(1);
  });
});

describe('request_denied', () => {
  it('answers 403 without a ticket: the process ends [G37]', async () => {
    const note = await asRo.sharedNote({ grantee: { email: 'carol@globex.example' } });
    const answer = await asRo.access(note);
    expect(refusal(answer)).toEqual(DENIED);
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it.each([
    ['A24 no share at all', [], 'policy_no_share'],
    ['a share of another scope', [{ scopes: ['edit'] }], 'policy_scope_not_shared'],
    ['a share with somebody else', [{ grantee: { email: 'bob@globex.example.evil.example' } }], 'policy_not_the_grantee'],
    ['a share with another domain', [{ grantee: { domain: 'sub.globex.example' } }], 'policy_not_the_grantee'],
    ['a share that has not begun', [{ not_before: 1_800_000_100 }], 'policy_not_yet_valid'],
  ])('is the answer to %s [G63]', async (_what, shares, reason) => {
    const fresh = await AsRoUnderTest.start();
    const id = await fresh.register();
    for (const share of shares) await fresh.share(id, share);
    expect(refusal(await fresh.access(await fresh.challenge({ resource_id: id, resource_scopes: ['view'] })))).toEqual(DENIED);
    expect(fresh.log.takeReasons()).toEqual([reason]);
  });

  it('is the answer without any claims too when no claim could help: an empty policy permits nobody [G63]', async () => {
    const id = await asRo.register();
    const challenge = await asRo.challenge({ resource_id: id, resource_scopes: ['view'] });
    expect(refusal(await asRo.redeem({ ticket: challenge.ticket }))).toEqual(DENIED);
  });

  it('A24 and a share without conditions permits nobody who shows nothing: it is need_info [G63]', async () => {
    for (const conditions of [{}, undefined, { claims: {} }]) {
      const note = await asRo.sharedNote({ grantee: { anyone: true }, ...(conditions === undefined ? {} : { conditions }) });
      expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    }
  });

  it('is the answer when the share has ended, or was taken back between ticket and redemption', async () => {
    const ended = await asRo.sharedNote({ expires_at: asRo.clock.now() + 10 });
    const removed = await asRo.sharedNote();
    expect((await asRo.api('DELETE', `/owner/shares/${removed.shareId}`, undefined, await asRo.ownerToken())).status).toBe(204);
    asRo.clock.advance(10);
    expect(refusal(await asRo.access(ended))).toEqual(DENIED);
    expect(refusal(await asRo.access(removed))).toEqual(DENIED);
  });

  it('is the answer when the share is taken back between assessment and grant: no RPT is recorded', async () => {
    const note = await asRo.sharedNote();
    asRo.stores.before.set('grants.record', () => asRo.memory.shares.remove(note.shareId as ShareId, ALICE));
    const answer = await asRo.access(note);
    asRo.stores.before.clear();
    expect(refusal(answer)).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toContain('share_withdrawn');
  });

  it('is the answer when the resource went to another RS or owner since the ticket was issued', async () => {
    const note = await asRo.sharedNote();
    const resource = await asRo.memory.resources.find(note.id as ResourceId);
    if (resource === undefined) throw new Error('the resource is gone');
    await asRo.memory.resources.replace({ ...resource, owner: ANNA });
    await asRo.share(note.id, {}, ANNA);
    expect(refusal(await asRo.access(note))).toEqual(DENIED);
  });
});

describe('The authorization assessment calculation (protocol.md 2.8)', () => {
  const SCOPES = ['view', 'resize', 'print', 'download'];
  /** The fixture: three resources, of which policy lets Bob view photo1. */
  async function fixture(server: AsRoUnderTest): Promise<Challenge & { photo1: string; photo2: string; album: string }> {
    const photo1 = await server.register({ resource_scopes: SCOPES });
    const photo2 = await server.register({ resource_scopes: SCOPES });
    const album = await server.register({ resource_scopes: ['view', 'edit', 'download'] });
    await server.share(photo1);
    const challenge = await server.challenge([
      { resource_id: album, resource_scopes: ['edit'] },
      { resource_id: photo1, resource_scopes: ['view'] },
      { resource_id: photo2, resource_scopes: ['view'] },
    ]);
    return { ...challenge, photo1, photo2, album };
  }

  it('gives what is granted when not everything is: photo1 to view and nothing else [G24]', async () => {
    const { photo1, ...challenge } = await fixture(asRo);
    const { status, body } = await asRo.redeem({ ticket: challenge.ticket, claim_token: await asRo.identityToken(challenge), scope: 'download' });
    expect(status).toBe(200);
    expect(permissionsIn(body['access_token'])).toEqual([{ resource_id: photo1, resource_scopes: ['view'] }]);
  });

  it('calculates album{edit,download}, photo1{view,download}, photo2{view,download}: all of it is granted where policy grants all [G24]', async () => {
    for (const server of [asRo, whole]) {
      const { photo1, photo2, album, ...challenge } = await fixture(server);
      for (const id of [photo1, photo2, album]) await server.share(id, { scopes: id === album ? ['view', 'edit', 'download'] : SCOPES });
      const { status, body } = await server.redeem({ ticket: challenge.ticket, claim_token: await server.identityToken(challenge), scope: 'download' });
      expect(status).toBe(200);
      expect(permissionsIn(body['access_token'])).toEqual([
        { resource_id: album, resource_scopes: ['edit', 'download'] },
        { resource_id: photo1, resource_scopes: ['view', 'download'] },
        { resource_id: photo2, resource_scopes: ['view', 'download'] },
      ]);
    }
  });

  it('without the scope parameter asks for the ticket’s scopes alone, though the client is registered for download [G24]', async () => {
    const { photo1, photo2, album, ...challenge } = await fixture(whole);
    await whole.share(photo2);
    await whole.share(album, { scopes: ['edit'] });
    const { status, body } = await whole.redeem({ ticket: challenge.ticket, claim_token: await whole.identityToken(challenge) });
    expect(status).toBe(200);
    expect(permissionsIn(body['access_token'])).toEqual([album, photo1, photo2].map((id) => ({ resource_id: id, resource_scopes: [id === album ? 'edit' : 'view'] })));
  });

  it('is an error that can be cured where partial grants are forbidden and a stronger sign-in would complete it [G24, G35]', async () => {
    const { photo2, album, ...challenge } = await fixture(whole);
    const otp = { conditions: { acr_values: ['otp'] } };
    await whole.share(challenge.photo1, { scopes: ['download'], ...otp });
    await whole.share(photo2, { scopes: ['view', 'download'], ...otp });
    await whole.share(album, { scopes: ['edit', 'download'], ...otp });
    const next = expectNeedInfo(await whole.redeem({ ticket: challenge.ticket, claim_token: await whole.identityToken(challenge), scope: 'download' }), challenge);
    const strong = await whole.redeem({ ticket: next.ticket, claim_token: await whole.identityToken(next, { acr: 'otp' }), scope: 'download' });
    expect(strong.status).toBe(200);
    expect(permissionsIn(strong.body['access_token'])).toHaveLength(3);
  });

  it('gives nothing where partial grants are forbidden [G24]', async () => {
    const { ticket, ...challenge } = await fixture(whole);
    const answer = await whole.redeem({ ticket, claim_token: await whole.identityToken({ ticket, ...challenge }), scope: 'download' });
    expect(refusal(answer)).toEqual(DENIED);
  });

  it('gives everything where partial grants are forbidden and everything is granted', async () => {
    const note = await whole.sharedNote({ scopes: ['view', 'download'] });
    const { body } = await whole.redeem({ ticket: note.ticket, claim_token: await whole.identityToken(note), scope: 'download' });
    expect(permissionsIn(body['access_token'])).toEqual([{ resource_id: note.id, resource_scopes: ['view', 'download'] }]);
  });

  it('asks for more where partial grants are forbidden and a claim would complete the grant', async () => {
    const id = await whole.register();
    await whole.share(id);
    await whole.share(id, { scopes: ['edit'], conditions: { acr_values: ['otp'] } });
    const challenge = await whole.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] });
    const next = expectNeedInfo(await whole.access(challenge), challenge);
    const { body } = await whole.redeem({ ticket: next.ticket, claim_token: await whole.identityToken(next, { acr: 'otp' }) });
    expect(permissionsIn(body['access_token'])).toEqual([{ resource_id: id, resource_scopes: ['view', 'edit'] }]);
  });

  it('adds a requested scope to every resource of the ticket that has it [G24]', async () => {
    const { photo1, photo2, album, ...challenge } = await fixture(asRo);
    for (const id of [photo1, photo2, album]) await asRo.share(id, { scopes: ['download'] });
    const { body } = await asRo.redeem({ ticket: challenge.ticket, claim_token: await asRo.identityToken(challenge), scope: 'download' });
    expect(permissionsIn(body['access_token'])).toEqual([
      { resource_id: album, resource_scopes: ['download'] },
      { resource_id: photo1, resource_scopes: ['view', 'download'] },
      { resource_id: photo2, resource_scopes: ['download'] },
    ]);
  });

  it('does not add what was not requested, though the client is registered for it and it is shared', async () => {
    const note = await asRo.sharedNote({ scopes: ['view', 'download'] });
    const { body } = await asRo.access(note);
    expect(permissionsIn(body['access_token'])).toEqual([{ resource_id: note.id, resource_scopes: ['view'] }]);
  });
});

describe('A22 Scope escalation', () => {
  it.each([
    ['not registered for the client [G11]', 'edit'],
    ['unknown everywhere', 'admin'],
    ['one good and one bad', 'download admin'],
    ['the wrong case [G10]', 'Download'],
  ])('answers invalid_scope to a scope that is %s, and the ticket is spent [G34]', async (_which, scope) => {
    const note = await asRo.sharedNote({ scopes: ['view', 'edit', 'download'] });
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note), scope }))).toEqual(refused(400, 'invalid_scope'));
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('answers invalid_scope to a scope that no resource of the ticket has [G34]', async () => {
    const id = await asRo.register({ resource_scopes: ['view'] });
    await asRo.share(id);
    const challenge = await asRo.challenge({ resource_id: id, resource_scopes: ['view'] });
    expect(refusal(await asRo.redeem({ ticket: challenge.ticket, claim_token: await asRo.identityToken(challenge), scope: 'download' }))).toEqual(refused(400, 'invalid_scope'));
  });
});

describe('A73 Long scope', () => {
  it.each([
    ['50 kB in one scope', 'x'.repeat(50_000)],
    ['50 kB of scopes', 'ab '.repeat(17_000)],
    ['51 scopes', Array.from({ length: 51 }, (_, index) => `s${index}`).join(' ')],
    ['a quote', 'down"load'],
    ['a control character', 'down\u0001load'],
    ['a letter beyond ASCII', 'döwnload'],
  ])('answers invalid_scope to %s before the ticket is looked at', async (_what, scope) => {
    const note = await asRo.sharedNote();
    asRo.stores.calls.length = 0;
    expect(refusal(await asRo.redeem({ ticket: note.ticket, scope }))).toEqual(refused(400, 'invalid_scope'));
    expect(asRo.stores.calls).toEqual([]);
  });
});

describe('claim_token and claim_token_format', () => {
  it('come together or not at all [G8]', async () => {
    const note = await asRo.sharedNote();
    const form = { ticket: note.ticket, grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket' };
    const claimToken = await asRo.identityToken(note);
    expect(refusal(await asRo.tokenRequest({ ...form, claim_token: claimToken }))).toEqual(refused(400, 'invalid_request'));
    expect(refusal(await asRo.tokenRequest({ ...form, claim_token: '', claim_token_format: JWT_FORMAT }))).toEqual(refused(400, 'invalid_request'));
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: claimToken })).status).toBe(200);
  });

  it.each([
    'urn:ietf:params:oauth:token-type:id_token',
    'urn:ietf:params:oauth:token-type:access_token',
    'URN:IETF:PARAMS:OAUTH:TOKEN-TYPE:JWT',
    'http://openid.net/specs/openid-connect-core-1_0.html#IDToken',
    'jwt',
  ])('of the format %s are asked for again in the one that is understood [G10]', async (format) => {
    const note = await asRo.sharedNote();
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: note.ticket, claim_token: await asRo.identityToken(note), claim_token_format: format };
    const answer = await asRo.tokenRequest(form);
    expectNeedInfo(answer, note);
    expect(answer.body['required_claims'][0].claim_token_format).toEqual([JWT_FORMAT]);
  });

  it('never are unsigned JSON: an encoded object of claims is no identity', async () => {
    const note = await asRo.sharedNote();
    const claims = Buffer.from(JSON.stringify(asRo.identityClaims(note)));
    for (const text of [claims.toString('base64'), claims.toString('base64url'), claims.toString()]) {
      const challenge = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
      expectNeedInfo(await asRo.redeem({ ticket: challenge.ticket, claim_token: text }), challenge);
    }
  });

  it('are not called pushed_claims here', async () => {
    const note = await asRo.sharedNote();
    const form = { ticket: note.ticket, pushed_claims: await asRo.identityToken(note) };
    expect(refusal(await asRo.redeem(form))).toEqual(refused(400, 'invalid_request'));
  });
});

describe('The `resource` parameter', () => {
  it.each(['https://rs.acme.example', 'https://rs.acme.example/', 'https://files.acme.example/albums'])('may name the RS of the ticket as %s', async (resource) => {
    const note = await asRo.sharedNote();
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note), resource })).status).toBe(200);
  });

  it.each([
    'https://rs2.acme.example/api',
    'https://evil.example',
    'https://rs.acme.example.evil.example',
    'https://rs.acme.example@evil.example',
    'https://rs.acme.example:8443',
    'http://rs.acme.example',
    'https://rs.acme.example/other',
    'https://RS.acme.example',
    ISSUER,
    'rs',
  ])('A1b naming %s answers invalid_target, and the ticket is spent [G59]', async (resource) => {
    const note = await asRo.sharedNote();
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: await asRo.identityToken(note), resource }))).toEqual(refused(400, 'invalid_target'));
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('A1b must be there for clients that are flagged so', async () => {
    const without = await asRo.sharedNote();
    expect(refusal(await asRo.access(without, { clientId: CAREFUL_APP.id }, { client: CAREFUL_APP }))).toEqual(refused(400, 'invalid_target'));
    expect(refusal(await asRo.access(without, { clientId: CAREFUL_APP.id }, { client: CAREFUL_APP }))).toEqual(INVALID_GRANT);
    const note = await asRo.sharedNote();
    const claimToken = await asRo.identityToken(note, { clientId: CAREFUL_APP.id });
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: claimToken, resource: 'https://rs.acme.example' }, { client: CAREFUL_APP })).status).toBe(200);
  });
});

describe('Claims that fit into no ticket', () => {
  it('end the process instead of failing: 5 KB of claims that would have to be kept', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    const answer = await asRo.access(note, { claims: { x: 'y'.repeat(5_000) } });
    expect(refusal(answer)).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toEqual(['token_too_large']);
  });
});

describe('The end of a process', () => {
  it('comes after ten rounds that asked for more', async () => {
    let challenge: Challenge = await asRo.sharedNote();
    for (let round = 1; round <= 10; round += 1) challenge = expectNeedInfo(await asRo.redeem({ ticket: challenge.ticket }), challenge);
    expect(refusal(await asRo.redeem({ ticket: challenge.ticket }))).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toContain('too_many_rounds');
  });

  it('comes at its deadline, which rotation does not move', async () => {
    const brief = await AsRoUnderTest.start({ settings: { lifetimes: { process: '2m' } } });
    const note = await brief.sharedNote();
    let challenge = expectNeedInfo(await brief.redeem({ ticket: note.ticket }), note);
    brief.clock.advance(100);
    challenge = expectNeedInfo(await brief.redeem({ ticket: challenge.ticket }), challenge);
    brief.clock.advance(21);
    expect(refusal(await brief.access(challenge))).toEqual(INVALID_GRANT);
    expect(brief.log.takeReasons()).toContain('process_deadline_passed');
  });

  it('comes when the requesting party changes within it', async () => {
    const note = await asRo.sharedNote({ grantee: { anyone: true }, conditions: { acr_values: ['otp'] } });
    const next = expectNeedInfo(await asRo.access(note), note);
    const carol = await asRo.identityToken(next, { email: 'carol@globex.example', acr: 'otp' });
    expect(refusal(await asRo.redeem({ ticket: next.ticket, claim_token: carol }))).toEqual(DENIED);
  });
});

describe('Key rotation', () => {
  it('keeps tickets of the previous key good while it is in the ring', async () => {
    const before = await AsRoUnderTest.start({ keys: loadKeyRing([fixedKeys.acmePrevious]) });
    const after = await AsRoUnderTest.start({ keys: loadKeyRing([fixedKeys.acme, fixedKeys.acmePrevious]), overrides: { stores: before.stores } });
    const note = await before.sharedNote();
    const { status, body } = await after.access(note);
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).header['kid']).toBe('acme-as-ro-1');
    const again = await before.access(note);
    expect(refusal(again)).toEqual(INVALID_GRANT);
  });
});

describe('A store that does not answer', () => {
  it.each(['tickets.take', 'resources.findAll', 'shares.findByResources', 'grants.record'])('%s failing leads to 503 or 500 without an RPT', async (call) => {
    for (const [failure, status, error] of [
      [temporarilyUnavailable('store_unavailable', 3), 503, 'temporarily_unavailable'],
      [new Error('the disk is full'), 500, 'server_error'],
    ] as const) {
      const note = await asRo.sharedNote();
      asRo.stores.failures.set(call, failure);
      const answer = await asRo.access(note);
      asRo.stores.failures.clear();
      expect({ status: answer.status, error: answer.body['error'], token: answer.body['access_token'] }).toEqual({ status, error, token: undefined });
      expect(answer.text).not.toContain('disk');
      if (status === 503) expect(answer.headers['retry-after']).toBe('3');
      else expect(Object.keys(answer.body)).toEqual(['error', 'request_id']);
    }
  });
});

describe('Other clients', () => {
  it('get the RPT under their own id', async () => {
    const note = await asRo.sharedNote();
    const { body } = await asRo.access(note, { clientId: OTHER_APP.id }, { client: OTHER_APP });
    expect(readToken(String(body['access_token'])).claims['client_id']).toBe(OTHER_APP.id);
  });

  it('that are public name themselves and prove a key', async () => {
    const dpop = await clientKey();
    const note = await asRo.sharedNote();
    const { status, body } = await asRo.access(note, { clientId: 'known-elsewhere', confirmationThumbprint: dpop.thumbprint }, { client: PUBLIC_APP, dpop });
    expect(status).toBe(200);
    expect(readToken(String(body['access_token'])).claims['client_id']).toBe(PUBLIC_APP.id);
  });
});

describe('Discovery', () => {
  it('takes an issuer elsewhere that the e-mail domain names, path and all (C15)', async () => {
    asRo.directory.name('hosted.example', 'https://login.hosting.example/tenant1', fixedKeys.ed25519);
    const note = await asRo.sharedNote({ grantee: { domain: 'hosted.example' } });
    const header = { alg: 'EdDSA', kid: fixedKeys.ed25519.kid };
    const token = asRo.forgeIdentityToken(note, { header, claims: { iss: 'https://login.hosting.example/tenant1', sub: 'dora@hosted.example', email: 'dora@hosted.example' }, key: fixedKeys.ed25519 });
    const { status, body } = await asRo.redeem({ ticket: note.ticket, claim_token: token });
    expect({ status, sub: readToken(String(body['access_token'])).claims['sub'] }).toEqual({ status: 200, sub: 'dora@hosted.example' });
  });

  it('is asked before anything in the token is believed, on the budget of the client', async () => {
    asRo.directory.questions.length = 0;
    asRo.discoveryFor.length = 0;
    await asRo.access(await asRo.sharedNote());
    expect(asRo.directory.questions).toEqual(['requesting-party globex.example', `keys ${GLOBEX}`]);
    expect(new Set(asRo.discoveryFor)).toEqual(new Set([APP.id]));
  });
});

it('has no parameter names that differ in case [G10]', async () => {
  const note = await asRo.sharedNote();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = encodeForm({ client_id: PUBLIC_APP.id, grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', Ticket: note.ticket });
  expect(refusal(await asRo.send('/token', { method: 'POST', headers, body }))).toEqual(refused(400, 'invalid_request'));
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
