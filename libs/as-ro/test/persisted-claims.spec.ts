import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { ALICE, AsRoUnderTest, BOB, clientKey, GLOBEX, ISSUER, readToken, secretsInLogs, stopAll, toChallenge } from './harness.ts';
import { expectNeedInfo, refusal, refused } from './support/answers.ts';
import { APP, OTHER_APP, PUBLIC_APP } from './support/clients.ts';
import type { Answer } from './support/send-request.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const DAY = 86_400;
const pctOf = ({ body }: Answer): string => String(body['pct']);
const firstPct = async (): Promise<string> => pctOf(await asRo.access(await asRo.sharedNote()));

describe('A persisted claims token', () => {
  it('comes with the RPT, is unguessable and says nothing [G27, G28, G57]', async () => {
    const tokens = await Promise.all(Array.from({ length: 5 }, firstPct));
    expect(new Set(tokens).size).toBe(5);
    for (const token of tokens) {
      expect(token).toMatch(/^upc_[A-Za-z0-9_-]{43}$/);
      expect(Buffer.from(token.slice(4), 'base64url').toString('latin1')).not.toMatch(/bob|globex|app/i);
    }
  });

  it('stands for the claims at another resource of another owner: no claims token is needed, and the RPT is about the same person', async () => {
    const pct = await firstPct();
    const id = await asRo.register({ owner: 'anna@acme.example' });
    await asRo.share(id, {}, 'anna@acme.example');
    const { ticket } = await asRo.challenge({ resource_id: id, resource_scopes: ['view'] });
    const { status, body } = await asRo.redeem({ ticket, pct });
    expect({ status, pct: body['pct'] }).toEqual({ status: 200, pct: undefined });
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: BOB, client_id: APP.id });
  });

  it('keeps how the person signed in, and never counts as a fresher sign-in', async () => {
    const note = await asRo.sharedNote();
    const pct = pctOf(await asRo.access(note, { acr: 'pwd', authTime: asRo.clock.now() - 500 }));
    const { body } = await asRo.redeem({ ticket: (await asRo.sharedNote()).ticket, pct });
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ acr: 'pwd', auth_time: asRo.clock.now() - 500 });
    const strict = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    expectNeedInfo(await asRo.redeem({ ticket: strict.ticket, pct }), strict);
  });

  it('is not stored as it is, only its hash', async () => {
    const pct = await firstPct();
    expect(JSON.stringify(asRo.memory.audit)).not.toContain(pct);
    expect(await asRo.memory.persistedClaims.find(pct, asRo.clock.now())).toBeUndefined();
  });

  it('ends with its time', async () => {
    const own = await AsRoUnderTest.start({ settings: { persistedClaims: { lifetime: '1h' } } });
    const pct = pctOf(await own.access(await own.sharedNote()));
    own.clock.advance(3599);
    expect((await own.redeem({ ticket: (await own.sharedNote()).ticket, pct })).status).toBe(200);
    own.clock.advance(1);
    const note = await own.sharedNote();
    expectNeedInfo(await own.redeem({ ticket: note.ticket, pct }), note);
  });

  it('is not issued where the setting says so', async () => {
    const own = await AsRoUnderTest.start({ settings: { persistedClaims: { enabled: false } } });
    expect((await own.access(await own.sharedNote())).body).not.toHaveProperty('pct');
  });

  it('gives way to the next one of the same client and person', async () => {
    const [first, second] = [await firstPct(), await firstPct()];
    const note = await asRo.sharedNote();
    expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct: first }), note);
    expect((await asRo.redeem({ ticket: (await asRo.sharedNote()).ticket, pct: second })).status).toBe(200);
  });
});

describe('A20 PCT abuse', () => {
  it('ignores a PCT of another client: need_info [G55, G56]', async () => {
    const pct = await firstPct();
    const note = await asRo.sharedNote();
    expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }, { client: OTHER_APP }), note);
  });

  it('ignores a PCT whose key the client does not prove', async () => {
    const key = await clientKey();
    const thief = await clientKey(fixedKeys.evil);
    const own = await asRo.sharedNote();
    const identity = await asRo.identityToken(own, { clientId: PUBLIC_APP.id, confirmationThumbprint: key.thumbprint });
    const pct = pctOf(await asRo.redeem({ ticket: own.ticket, claim_token: identity }, { client: PUBLIC_APP, dpop: key }));
    for (const dpop of [undefined, thief]) {
      const note = await asRo.sharedNote();
      expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }, { client: PUBLIC_APP, dpop }), note);
    }
    expect((await asRo.redeem({ ticket: (await asRo.sharedNote()).ticket, pct }, { client: PUBLIC_APP, dpop: key })).status).toBe(200);
  });

  it('goes by the claims token when that is about somebody else: the PCT is ignored', async () => {
    const pct = await firstPct();
    const note = await asRo.sharedNote({ grantee: { domain: 'globex.example' } });
    const { body } = await asRo.redeem({ ticket: note.ticket, pct, claim_token: await asRo.identityToken(note, { email: 'carol@globex.example' }) });
    expect(readToken(String(body['access_token'])).claims['sub']).toBe('carol@globex.example');
  });

  it('does not commit the process to the person of a PCT: somebody else may go on with claims of their own', async () => {
    const pct = await firstPct();
    const note = await asRo.sharedNote({ grantee: { domain: 'globex.example' }, conditions: { acr_values: ['otp'] } });
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }), note);
    const identity = await asRo.identityToken(note, { email: 'carol@globex.example', acr: 'otp' });
    expect((await asRo.redeem({ ticket: next.ticket, claim_token: identity })).status).toBe(200);
  });

  it('ignores a PCT about a person whose domain is not trusted any more', async () => {
    const pct = await firstPct();
    const strict = await AsRoUnderTest.start({ settings: { trust: { deny: ['globex.example'] } }, overrides: { stores: asRo.stores, clock: asRo.clock } });
    const id = await strict.register();
    await strict.share(id);
    const challenge = await strict.challenge({ resource_id: id, resource_scopes: ['view'] });
    expectNeedInfo(await strict.redeem({ ticket: challenge.ticket, pct }), challenge);
  });
});

describe('A server that remembers no claims any more', () => {
  it('honours no PCT of the time when it did', async () => {
    const pct = await firstPct();
    const { stores, clock, randomness } = asRo;
    const forgetful = await AsRoUnderTest.start({ settings: { persistedClaims: { enabled: false } }, overrides: { stores, clock, randomness } });
    const id = await forgetful.register();
    await forgetful.share(id);
    const challenge = await forgetful.challenge({ resource_id: id, resource_scopes: ['view'] });
    expectNeedInfo(await forgetful.redeem({ ticket: challenge.ticket, pct }), challenge);
  });
});

describe('What is remembered about a person', () => {
  const PATH = '/persisted-claims';
  /** Bob's RPT for what AS-RO protects at itself, by the ordinary flow. */
  const ownRpt = async (path = PATH, method = 'GET', email = BOB): Promise<string> => {
    const { headers } = await asRo.send(path, { method });
    const challenge = challengeOf(headers['www-authenticate'] ?? '');
    const { status, body } = await asRo.redeem({ ticket: challenge.ticket, resource: ISSUER, claim_token: await asRo.identityToken(challenge, { email }) });
    expect(status).toBe(200);
    return String(body['access_token']);
  };

  it('asks for an RPT as any resource server does, and names the URL that was requested', async () => {
    const answer = await asRo.send(PATH);
    expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
    const challenge = answer.headers['www-authenticate'] ?? '';
    expect(challenge).toMatch(/^UMA realm="as\.acme\.example", as_uri="https:\/\/as\.acme\.example", ticket="/);
    expect(challenge).toMatch(/, Bearer$/);
    expect(readToken(challengeOf(challenge).resourceClaimsToken).claims['aud']).toBe(`${ISSUER}${PATH}`);
  });

  it('gives tickets on the budget of the source, which has a /64 of IPv6', async () => {
    const server = { host: '127.0.0.1', port: 0, drainDelay: '0ms', closeTimeout: '1s', trustedProxies: ['127.0.0.1'] };
    const limited = await AsRoUnderTest.start({ settings: { limits: { perSource: 1 }, server } });
    const from = async (address: string): Promise<number> => (await limited.send(PATH, { headers: { 'X-Forwarded-For': address } })).status;
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([401, 429, 401]);
  });

  it('shows the person what is remembered, and nobody else’s, without any token', async () => {
    const note = await asRo.sharedNote();
    await asRo.api('DELETE', PATH, undefined, await ownRpt());
    const pct = pctOf(await asRo.access(note, { acr: 'pwd', claims: { department: 'sales' } }));
    await asRo.access(await asRo.sharedNote({ grantee: { domain: 'globex.example' } }), { email: 'carol@globex.example' });
    const { status, body, text, headers } = await asRo.api('GET', PATH, undefined, await ownRpt());
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(body['persisted_claims']).toEqual([
      {
        id: expect.stringMatching(/^pcl_/),
        client_id: APP.id,
        issuer: GLOBEX,
        claims: { email: BOB, acr: 'pwd', department: 'sales' },
        created_at: new Date(asRo.clock.now() * 1000).toISOString(),
        expires_at: new Date((asRo.clock.now() + DAY) * 1000).toISOString(),
      },
    ]);
    expect(text).not.toContain(pct);
    expect(text).not.toContain('carol');
  });

  it('erases one entry, or all of them; what is erased is honoured no more [G66]', async () => {
    const rpt = await ownRpt();
    const pct = pctOf(await asRo.access(await asRo.sharedNote()));
    const { body } = await asRo.api('GET', PATH, undefined, rpt);
    const [{ id }] = body['persisted_claims'];
    expect((await asRo.api('DELETE', `${PATH}/${id}`, undefined, rpt)).status).toBe(204);
    expect(refusal(await asRo.api('DELETE', `${PATH}/${id}`, undefined, rpt))).toMatchObject({ status: 404, error: 'not_found' });
    const note = await asRo.sharedNote();
    expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }), note);
    await firstPct();
    expect((await asRo.api('DELETE', PATH, undefined, rpt)).status).toBe(204);
    expect((await asRo.api('GET', PATH, undefined, rpt)).body).toEqual({ persisted_claims: [] });
  });

  it('is not shown to a client that has nothing but a PCT: the person’s domain has to vouch for them now', async () => {
    const pct = await firstPct();
    const { headers } = await asRo.send(PATH);
    const challenge = challengeOf(headers['www-authenticate'] ?? '');
    expectNeedInfo(await asRo.redeem({ ticket: challenge.ticket, pct }), challenge);
  });

  it('lets nobody erase what is remembered of somebody else', async () => {
    const bob = await ownRpt();
    await firstPct();
    const { body } = await asRo.api('GET', PATH, undefined, bob);
    const carol = await ownRpt(PATH, 'GET', 'carol@globex.example');
    const [{ id }] = body['persisted_claims'];
    expect((await asRo.api('DELETE', `${PATH}/${id}`, undefined, carol)).status).toBe(404);
    expect((await asRo.api('DELETE', PATH, undefined, carol)).status).toBe(204);
    expect((await asRo.api('GET', PATH, undefined, bob)).body['persisted_claims']).toHaveLength(1);
  });

  it.each([
    ['a PAT', async () => asRo.pat()],
    ['an RPT for a resource server', async () => String((await asRo.access(await asRo.sharedNote())).body['access_token'])],
    ['an ID token of an owner', async () => asRo.ownerToken(ALICE)],
    ['a persisted claims token', firstPct],
    ['a ticket', async () => (await asRo.sharedNote()).ticket],
  ])('A4 takes no %s in the place of the RPT', async (_kind, token) => {
    const answer = await asRo.api('GET', PATH, undefined, await token());
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/UMA .*Bearer error="invalid_token"/);
  });

  it('takes no RPT of its own at the protection API, and none that was revoked', async () => {
    const rpt = await ownRpt();
    expect((await asRo.api('GET', '/resource', undefined, rpt)).status).toBe(401);
    await asRo.post('/revoke', { token: rpt }, basic());
    expect((await asRo.api('GET', PATH, undefined, rpt)).status).toBe(401);
  });

  it('can be taken for no client’s: none may have the issuer as its id', async () => {
    await expect(AsRoUnderTest.start({ settings: { clients: [{ clientId: ISSUER, public: true }] } })).rejects.toThrow('no client may have the issuer identifier');
  });

  it('writes no token, secret or address into the log [A78]', () => {
    expect(secretsInLogs()).toEqual([]);
  });
});

function basic(): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${encodeURIComponent(APP.id)}:${encodeURIComponent(APP.secret ?? '')}`).toString('base64')}` };
}

function challengeOf(header: string) {
  const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  return toChallenge({ ticket: parameter('ticket'), resource_claims_token: parameter('resource_claims_token') });
}
