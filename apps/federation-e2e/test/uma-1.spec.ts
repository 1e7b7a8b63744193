import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUma1Fetch, UmaError } from '@uma-federation/uma-client';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient, type MadeShare } from './support/raw-client.ts';

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

const note = (): string => `${client.home.gateway.url}/shelves/archive/alice/1`;

/** Bob's `fetch` for resource servers of UMA 1.0, what it got from where, and the last RPT that it sent. */
function bobsFetch() {
  const seen = { steps: [] as string[], rpt: '' };
  const { clients, domains } = federation.manifest;
  const { clientId, clientSecret } = clients.confidential;
  const umaFetch = createUma1Fetch({
    subjectToken: async () => ({ token: (await client.signIn()).accessToken, type: 'access_token' }),
    requestingPartyServer: { issuer: domains.globex.asRqp.issuer, clientId, clientSecret },
    resourceOwnerClient: () => ({ clientId, clientSecret }),
    trustedResourceServers: [{ origin: domains.acme.gateway.url, asUri: domains.acme.asRo.issuer }],
    fetch: async (input, init) => {
      const response = await federation.fetch(input, init);
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      seen.steps.push(`${pathname} ${response.status}`);
      seen.rpt = /^Bearer (uma1_.*)$/.exec(new Headers(init?.headers).get('authorization') ?? '')?.[1] ?? seen.rpt;
      return response;
    },
  });
  return { umaFetch, seen };
}

describe('A client of UMA 1.0, the gateway’s older route and AS-RO’s facade', () => {
  let share: MadeShare;
  beforeAll(async () => {
    share = await client.share({ email: 'bob@globex.example' }, note());
  });
  afterAll(() => share.end());

  it('bring Bob of globex to Alice’s archived note at acme: 401, RPT, 403 with a ticket, permission, 200 [L1, L3, L4]', async () => {
    const { umaFetch, seen } = bobsFetch();
    const answer = await umaFetch(note());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: '1', owner: 'alice' });
    const steps = seen.steps.filter((step) => step.includes('/uma-1/') || step.startsWith('/shelves/'));
    expect(steps).toEqual(['/shelves/archive/alice/1 401', '/uma-1/rpt 401', '/uma-1/rpt 201', '/shelves/archive/alice/1 403', '/uma-1/authorization 200', '/shelves/archive/alice/1 200']);
    seen.steps.length = 0;
    expect((await umaFetch(note())).status).toBe(200);
    expect(seen.steps).toEqual(['/shelves/archive/alice/1 200']);
  });

  it('end it with the share: the next request is refused, and the RPT is good for nothing', async () => {
    const { umaFetch } = bobsFetch();
    expect((await umaFetch(note())).status).toBe(200);
    await share.end();
    const refused = await umaFetch(note()).then(
      () => undefined,
      (error: unknown) => error,
    );
    share = await client.share({ email: 'bob@globex.example' }, note());
    expect(refused).toBeInstanceOf(UmaError);
    expect(refused).toMatchObject({ code: 'request_denied', oauthError: 'not_authorized_permission' });
    expect((await umaFetch(note())).status).toBe(200);
  });

  it('do not mix the dialects: an RPT of UMA 2.0 opens no older route, and one of UMA 1.0 no newer one [L2, A4]', async () => {
    const newer = await client.rpt();
    const older = await client.get(note(), `Bearer ${newer}`);
    expect({ status: older.status, body: older.body }).toEqual({ status: 401, body: { error: 'uma_authorization_required' } });
    const { umaFetch, seen } = bobsFetch();
    expect((await umaFetch(note())).status).toBe(200);
    expect(seen.rpt).toMatch(/^uma1_/);
    expect((await client.get(client.note(), `Bearer ${seen.rpt}`)).status).toBe(401);
    expect((await client.redeem((await client.challenge()).ticket, seen.rpt)).status).toBe(403);
  });
});
