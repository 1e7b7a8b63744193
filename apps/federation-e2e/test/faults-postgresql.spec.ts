import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { containerOf } from './support/compose-project.ts';
import { kill, pause, restart, start, unpause } from './support/container-faults.ts';
import { DECIDED_MS, UNREACHABLE_MS, WITHDRAWN_MS } from './support/deadlines.ts';
import { RawClient, type Prepared } from './support/raw-client.ts';
import { until } from './support/until.ts';
import { Witness } from './support/witness.ts';
import { worksAgain } from './support/works-again.ts';

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

const database = containerOf('acme-database');

describe.each([
  ['paused', () => pause(database), () => unpause(database)],
  ['killed', () => kill(database), () => start(database)],
])('PostgreSQL of acme %s', (how, begin, end) => {
  let witness: Witness;
  /** One to redeem while PostgreSQL is away, one to keep. */
  let tried: Prepared;
  let kept: Prepared;
  let ended: Promise<void> | undefined;
  const endFault = () => (ended ??= end());
  beforeAll(async () => {
    witness = await Witness.prepare(client);
    [tried, kept] = [await client.prepared(), await client.prepared()];
    await begin();
  });
  afterAll(endFault);

  it('lets requests with an RPT go on for the while that withdrawn access may last', async () => {
    const read = await witness.read();
    expect(read.status).toBe(200);
    expect(read.tookMs).toBeLessThan(DECIDED_MS);
  });

  it('refuses grants with 503 and Retry-After, in time, and lets no used ticket through', async () => {
    for (const answer of await Promise.all([witness.redeemAgain(), client.redeem(tried.challenge.ticket, tried.ict)])) {
      expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(answer.tookMs).toBeLessThan(DECIDED_MS);
    }
  });

  it('answers requests without a token in time, and lets none through', async () => {
    for (const { status, tookMs } of await Promise.all(Array.from({ length: 4 }, () => client.get(client.note())))) {
      expect([401, 403]).toContain(status);
      expect(tookMs).toBeLessThan(UNREACHABLE_MS);
    }
  });

  it('does not pretend that a share was taken back', async () => {
    const removal = await witness.endShare();
    expect(removal).toMatchObject({ status: 503 });
    expect(removal.tookMs).toBeLessThan(DECIDED_MS);
  });

  it('lets nobody in once it cannot be known for 5 s whose access was taken back', async () => {
    // Several at once, so that each replica has its turn.
    const refused = async () => (await Promise.all(Array.from({ length: 6 }, () => witness.read()))).every(({ status, headers }) => status === 403 && headers.get('warning')?.startsWith('199 '));
    await until('every replica refuses', refused, WITHDRAWN_MS);
  });

  it('is over when PostgreSQL is back, without a restart of anything else', async () => {
    await endFault();
    await worksAgain(client);
  });

  it('has left used tickets used and unused ones good', async () => {
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await client.redeem(kept.challenge.ticket, kept.ict)).status).toBe(200);
    // A statement that was under way may have been carried out later: then the refused ticket is used. In no case is it good twice.
    const [once, twice] = [await client.redeem(tried.challenge.ticket, tried.ict), await client.redeem(tried.challenge.ticket, tried.ict)];
    expect([200, 400]).toContain(once.status);
    expect(twice.body['error']).toBe('invalid_grant');
  });

  it('has left the share as it was, until it is taken back', async () => {
    // A frozen PostgreSQL may carry out when it thaws what was refused for its silence.
    const [reading, removal] = [await witness.guestReads(), await witness.endShare()];
    expect(how === 'paused' ? ['200 204', '200 404', '401 404'] : ['200 204']).toContain(`${reading.status} ${removal.status}`);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
  });
});

describe('PostgreSQL of acme restarted', () => {
  it('costs some refusals, and neither a used ticket nor a share', async () => {
    const witness = await Witness.prepare(client);
    const prepared = await Promise.all(Array.from({ length: 20 }, () => client.prepared()));
    const restarting = restart(database);
    const answers = await Promise.all(prepared.map(({ challenge, ict }) => client.redeem(challenge.ticket, ict)));
    await restarting;
    for (const { status, tookMs } of answers) {
      expect([200, 503]).toContain(status);
      expect(tookMs).toBeLessThan(DECIDED_MS);
    }
    await worksAgain(client);
    const again = await Promise.all(prepared.map(({ challenge, ict }) => client.redeem(challenge.ticket, ict)));
    // Where the connection was lost nobody knows whether the ticket was used: it is good once more or not at all.
    again.forEach(({ status, body }, index) => {
      if (answers[index]?.status === 200) expect(body['error']).toBe('invalid_grant');
      else expect([200, 400]).toContain(status);
    });
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await witness.guestReads()).status).toBe(200);
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
  });
});
