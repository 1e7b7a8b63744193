import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, decodeJwt, generateKeyPair } from 'jose';
import { TOKEN_TYPES } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { containerOf, docker } from './support/compose-project.ts';
import { connect, disconnect, isReady, replicasOf, restart } from './support/container-faults.ts';
import { DECIDED_MS, RECOVERED_MS, WITHDRAWN_MS } from './support/deadlines.ts';
import { RawClient, type Answer } from './support/raw-client.ts';
import { until } from './support/until.ts';
import { Witness } from './support/witness.ts';
import { worksAgain } from './support/works-again.ts';

/** How long a failed discovery is remembered. */
const FORGOTTEN_MS = 60_000;

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

describe('acme cut off from globex', () => {
  let witness: Witness;
  let replicas: readonly string[];
  let ended: Promise<void> | undefined;
  const endFault = () => (ended ??= connect('public', [], ...replicas));
  beforeAll(async () => {
    replicas = await replicasOf('acme-as-ro');
    witness = await Witness.prepare(client);
    await disconnect('public', ...replicas);
  });
  afterAll(endFault);

  it('does not keep anybody from access that was given', async () => {
    expect((await witness.read()).status).toBe(200);
  });

  it('leaves used tickets used', async () => {
    expect(await witness.redeemAgain()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('ends access that is taken back meanwhile', async () => {
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
  });

  it('makes an AS-RO that knows nothing of globex yet refuse in time', async () => {
    for (const replica of replicas) await restart(replica);
    await until('AS-RO is ready', async () => (await Promise.all(replicas.map(isReady))).every(Boolean));
    const { challenge, ict } = await client.prepared();
    const refused = await client.redeem(challenge.ticket, ict);
    expect([403, 503]).toContain(refused.status);
    expect(refused.tookMs).toBeLessThan(DECIDED_MS);
  });

  it('is over a minute after the network is back at the latest, without a restart', async () => {
    await endFault();
    // A domain that could not be found is not asked for again for a minute (protocol.md 6.2 step 7).
    await worksAgain(client, RECOVERED_MS + FORGOTTEN_MS);
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
  }, 2 * (RECOVERED_MS + FORGOTTEN_MS));
});

/** initech.example (deploy/test/stranger.mjs): each of its servers behaves badly in a way of its own. */
const STRANGERS = ['slow', 'huge', 'silent', 'endless', 'broken'] as const;

describe('A40 A remote authorization server that misbehaves', () => {
  const host = (kind: string) => `https://${kind}.initech.example`;

  /** A token of a stranger, signed with a key that nobody can find out. */
  async function forged(kind: string, typ: string, claims: Record<string, unknown>): Promise<string> {
    const { privateKey } = await generateKeyPair('ES256');
    const token = new SignJWT({ ...claims, iss: host(kind), jti: crypto.randomUUID() });
    return token.setProtectedHeader({ alg: 'ES256', typ, kid: 'unknown' }).setIssuedAt().setNotBefore('0s').setExpirationTime('2m').sign(privateKey);
  }

  /** Asks acme's AS-RO to believe a stranger. */
  async function claimsOf(kind: string): Promise<Answer> {
    const { ticket, resourceClaimsToken } = await client.challenge();
    const email = `eve@${kind}.initech.example`;
    const { iss, sub } = decodeJwt(resourceClaimsToken);
    const ict = await forged(kind, TOKEN_TYPES.identityClaims, { aud: iss, sub: email, email, email_verified: true, client_id: 'demo-confidential', act: { sub, iss } });
    return client.redeem(ticket, ict);
  }

  /** Asks globex' AS-RqP to vouch for Bob to a stranger. */
  async function exchangeFor(kind: string): Promise<Answer> {
    const rct = await forged(kind, TOKEN_TYPES.resourceClaims, { aud: 'https://rs.initech.example/1', sub: 'a'.repeat(43) });
    return client.exchange((await client.signIn()).accessToken, rct);
  }

  it.each(STRANGERS)('is refused in time: %s', async (kind) => {
    const [asRo, asRqp] = await Promise.all([claimsOf(kind), exchangeFor(kind)]);
    for (const answer of [asRo, asRqp]) {
      expect([400, 403, 429, 503]).toContain(answer.status);
      expect(answer.tookMs).toBeLessThan(DECIDED_MS);
    }
    const asked = await docker('logs', containerOf('initech'));
    expect(asked).toContain(`"host":"${kind}.initech.example"`);
  });

  it('leaves everybody else unaffected, also when many come at once [A92]', async () => {
    const witness = await Witness.prepare(client);
    const strangers = STRANGERS.flatMap((kind) => Array.from({ length: 3 }, () => [claimsOf(kind), exchangeFor(kind)])).flat();
    const slowest: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const started = performance.now();
      await client.rpt();
      slowest.push(performance.now() - started);
      expect((await witness.read()).status).toBe(200);
    }
    expect(Math.max(...slowest)).toBeLessThan(DECIDED_MS);
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
    for (const { status, tookMs } of await Promise.all(strangers)) {
      expect([400, 403, 429, 503]).toContain(status);
      expect(tookMs).toBeLessThan(DECIDED_MS);
    }
  });
});
