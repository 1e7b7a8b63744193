import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { DpopKey } from './support/dpop-key.ts';
import { RawClient } from './support/raw-client.ts';
import { Witness } from './support/witness.ts';

const PROOFS = 4;
const TICKETS = 6;
/** One second, and a busy machine. */
const TOLD_MS = 1_800;

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

describe('Two replicas', () => {
  it('take a DPoP proof once, whichever of them gets it [A76]', async () => {
    const client = new RawClient(federation);
    const key = await DpopKey.generate();
    for (let turn = 0; turn < PROOFS; turn += 1) {
      const dpop = await key.proof('POST', `${client.home.asRo.issuer}/token`);
      const prepared = await Promise.all(Array.from({ length: TICKETS }, () => client.prepared()));
      const answers = await Promise.all(prepared.map(({ challenge, ict }) => client.redeem(challenge.ticket, ict, {}, { dpop })));
      const outcomes = answers.map(({ status, body }) => `${status} ${String(body['error'])}`).sort();
      expect(outcomes).toEqual(['200 undefined', ...Array.from({ length: TICKETS - 1 }, () => '400 invalid_dpop_proof')]);
    }
  });

  it.each(['acme', 'globex'] as const)('hear of withdrawn access within a second at %s', async (domain) => {
    const client = new RawClient(federation, domain);
    if (domain === 'globex') await client.share({ email: 'alice@acme.example' });
    for (let turn = 0; turn < 3; turn += 1) {
      const witness = await Witness.prepare(client);
      expect((await witness.endShare()).status).toBe(204);
      expect(await witness.guestLosesAccess()).toBeLessThan(TOLD_MS);
      // Neither of them lets it in again.
      const later = await Promise.all(Array.from({ length: 6 }, () => witness.guestReads()));
      expect(later.map(({ status }) => status)).toEqual(later.map(() => 401));
    }
    if (domain === 'globex') await client.endShares('alice@acme.example');
  });
});
