import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { containerOf } from './support/compose-project.ts';
import { kill, pause, redisCli, start, unpause } from './support/container-faults.ts';
import { DECIDED_MS, REFUSED_MS, UNREACHABLE_MS, WITHDRAWN_MS } from './support/deadlines.ts';
import { DpopKey } from './support/dpop-key.ts';
import { RawClient, type Prepared } from './support/raw-client.ts';
import { Witness } from './support/witness.ts';
import { worksAgain } from './support/works-again.ts';

let federation: FederationUnderTest;
/** Of acme, whose gateway asks over Redis, and of globex, whose gateway asks by HTTP. */
let clients: Record<'acme' | 'globex', RawClient>;
beforeAll(async () => {
  federation = await startForTest();
  clients = { acme: new RawClient(federation, 'acme'), globex: new RawClient(federation, 'globex') };
  await clients.globex.share({ email: 'alice@acme.example' });
});
afterAll(async () => {
  await clients.globex.endShares('alice@acme.example');
  await federation.stop();
});

describe.each([
  ['paused', 'acme', pause, unpause],
  ['killed', 'acme', kill, start],
  ['paused', 'globex', pause, unpause],
  ['killed', 'globex', kill, start],
] as const)('Redis %s at %s', (_how, domain, begin, end) => {
  const redis = containerOf(`${domain}-redis`);
  let client: RawClient;
  let witness: Witness;
  let prepared: readonly Prepared[];
  let ended: Promise<void> | undefined;
  const endFault = () => (ended ??= end(redis));
  beforeAll(async () => {
    client = clients[domain];
    witness = await Witness.prepare(client);
    prepared = [await client.prepared(), await client.prepared()];
    await begin(redis);
  });
  afterAll(endFault);

  it('lets requests with an RPT go on', async () => {
    const read = await witness.read();
    expect(read.status).toBe(200);
    expect(read.tookMs).toBeLessThan(DECIDED_MS);
  });

  it('refuses what may happen once only and needs Redis, with 503 and Retry-After within 1 s', async () => {
    const [{ challenge, ict }] = prepared as [Prepared];
    const key = await DpopKey.generate();
    const refused = await client.redeem(challenge.ticket, ict, {}, { dpop: await key.proof('POST', `${client.home.asRo.issuer}/token`) });
    expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.tookMs).toBeLessThan(REFUSED_MS);
  });

  it('leaves used tickets used and unused ones good: PostgreSQL decides', async () => {
    const [, { challenge, ict }] = prepared as [Prepared, Prepared];
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await client.redeem(challenge.ticket, ict)).status).toBe(200);
  });

  it('answers requests without a token in time, and lets none through', async () => {
    for (const answer of await Promise.all(Array.from({ length: 4 }, () => client.get(client.note())))) {
      expect(answer.status).toBe(domain === 'acme' ? 403 : 401);
      if (domain === 'acme') expect(answer.headers.get('warning')).toMatch(/^199 /);
      expect(answer.tookMs).toBeLessThan(UNREACHABLE_MS);
    }
  });

  it('ends access that is taken back meanwhile', async () => {
    const removal = await witness.endShare();
    expect(removal.status).toBe(204);
    expect(removal.tookMs).toBeLessThan(DECIDED_MS);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
  });

  it('is over when Redis is back, without a restart of anything else', async () => {
    await endFault();
    await worksAgain(client);
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
  });
});

describe('Redis flushed at acme', () => {
  it('costs nothing that must not be lost: used tickets stay used, and access ends when it is taken back', async () => {
    const client = clients.acme;
    const witness = await Witness.prepare(client);
    expect(await redisCli('acme', 'flushall')).toContain('OK');
    expect((await witness.read()).status).toBe(200);
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
    await worksAgain(client);
  });

  it('in the middle of requests leaves each with an answer in time', async () => {
    const client = clients.acme;
    const asked = Array.from({ length: 40 }, () => client.get(client.note()));
    await redisCli('acme', 'flushall');
    for (const { status, tookMs } of await Promise.all(asked)) {
      expect([401, 403]).toContain(status);
      expect(tookMs).toBeLessThan(UNREACHABLE_MS);
    }
    await worksAgain(client);
  });
});
