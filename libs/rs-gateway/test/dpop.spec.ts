import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys, SequenceRandomness } from '@uma-federation/testing';
import { generateDpopKey, importDpopKey, mintDpopProof, type DpopKey } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';
import type { TestAnswer } from './support/send-request.ts';

const ALGS = 'algs="ES256 EdDSA PS256 RS256"';
const RESOURCE_METADATA = `resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource"`;

describe('A76 DPoP at the resource server', () => {
  let under: GatewayUnderTest;
  let key: DpopKey;
  let token: string;
  const randomness = new SequenceRandomness();

  beforeAll(async () => {
    under = await GatewayUnderTest.start();
    key = await importDpopKey({ ...fixedKeys.dpop });
    token = await under.rpt([under.permission(NOTE, 'view')], { confirmationThumbprint: key.thumbprint });
  });
  afterAll(() => under.stop());

  const proof = (request: { method?: string; url?: string; accessToken?: string | undefined } = {}, prover = key, ageSeconds = 0): Promise<string> =>
    mintDpopProof(
      { method: 'GET', url: `${PUBLIC_URL}${NOTE}`, accessToken: token, ...request },
      { key: prover, randomness, clock: { now: () => under.clock.now() - ageSeconds } },
    );
  const sendWith = (headers: Record<string, string | string[]>, target = NOTE): Promise<TestAnswer> => under.send(target, { headers });
  const dpop = (proofs: string | string[], accessToken = token) => ({ Authorization: `DPoP ${accessToken}`, DPoP: proofs });

  /** RFC 9449 7.1; the table of protocol.md 3.5 gives these no ticket. */
  const expectRefusal = (answer: TestAnswer, error: string): void => {
    expect([answer.status, challenges(answer), answer.json()]).toEqual([401, [`DPoP error="${error}", ${ALGS}, ${RESOURCE_METADATA}`], { error }]);
  };

  it('lets a bound token with its proof through; the query and the spelling of the path do not matter for htu', async () => {
    expect((await sendWith(dpop(await proof()))).status).toBe(200);
    expect((await sendWith(dpop(await proof()), `${NOTE}?a=b`)).status).toBe(200);
    expect((await sendWith(dpop(await proof()), '/users/%61lice/notes/1')).status).toBe(200);
  });

  it('refuses a proof that was used', async () => {
    const once = await proof();
    expect((await sendWith(dpop(once))).status).toBe(200);
    expectRefusal(await sendWith(dpop(once)), 'invalid_dpop_proof');
  });

  it.each<[string, () => Promise<string>]>([
    ['another method', () => proof({ method: 'POST' })],
    ['another path', () => proof({ url: `${PUBLIC_URL}/users/alice/notes/10` })],
    ['another origin', () => proof({ url: `https://rs2.acme.example${NOTE}` })],
    ['the address where the gateway listens', () => proof({ url: `${under.origin}${NOTE}` })],
    ['no access token', () => proof({ accessToken: undefined })],
    ['another access token', () => proof({ accessToken: `${token}x` })],
    ['a time too long ago', () => proof({}, key, 121)],
    ['a time to come', () => proof({}, key, -62)],
  ])('refuses a proof for %s', async (_description, mint) => {
    expectRefusal(await sendWith(dpop(await mint())), 'invalid_dpop_proof');
  });

  it.each<[string, () => Promise<string | string[]>]>([
    ['garbage', async () => 'garbage'],
    ['the token itself', async () => token],
    ['two headers', async () => [await proof(), await proof()]],
  ])('refuses %s as proof', async (_description, headers) => {
    expectRefusal(await sendWith(dpop(await headers())), 'invalid_dpop_proof');
  });

  it('refuses a bound token without proof', async () => {
    expectRefusal(await sendWith({ Authorization: `DPoP ${token}` }), 'invalid_dpop_proof');
  });

  it('refuses a bound token as a bearer token, also with a good proof', async () => {
    expectRefusal(await sendWith({ Authorization: `Bearer ${token}` }), 'invalid_token');
    expectRefusal(await sendWith({ Authorization: `Bearer ${token}`, DPoP: await proof() }), 'invalid_token');
  });

  it('refuses a token without binding in the scheme DPoP: a path that drops cnf gains nothing', async () => {
    const unbound = await under.rpt([under.permission(NOTE, 'view')]);
    expectRefusal(await sendWith(dpop(await proof({ accessToken: unbound }), unbound)), 'invalid_token');
  });

  it('adds the error in the scheme DPoP behind UMA and Bearer when the token itself is no good', async () => {
    const weak = await under.rpt([under.permission(NOTE, 'edit')], { confirmationThumbprint: key.thumbprint });
    const answer = await sendWith(dpop(await proof({ accessToken: weak }), weak));
    expect(challenges(answer).map((line) => line.split(',')[0])).toEqual([
      'UMA realm="rs.acme.example"',
      'Bearer error="insufficient_scope"',
      'DPoP error="insufficient_scope"',
    ]);
  });

  it('asked for nothing at AS-RO and sent nothing refused to the upstream', async () => {
    under.asRo.takeCalls();
    const before = under.upstream.requests.length;
    await sendWith(dpop(await proof({ method: 'PUT' })));
    await sendWith({ Authorization: `Bearer ${token}` });
    expect([under.asRo.takeCalls(), under.upstream.requests.length]).toEqual([[], before]);
  });

  describe('A1 Pass-the-permission-ticket: the malicious RS that received a bound RPT', () => {
    it('cannot use it as a bearer token, nor with a key of its own, nor with the proof it was sent with', async () => {
      const forEvil = await proof({ url: 'https://rs.evil.example/albums/7' });
      expectRefusal(await sendWith({ Authorization: `Bearer ${token}` }), 'invalid_token');
      expectRefusal(await sendWith(dpop(await proof({}, await generateDpopKey()))), 'invalid_token');
      expectRefusal(await sendWith(dpop(forEvil)), 'invalid_dpop_proof');
    });
  });
});

describe('A gateway that demands bound tokens', () => {
  it('refuses an unbound token and says so in its metadata', async () => {
    const under = await GatewayUnderTest.start({ settings: { dpop: { required: true } } });
    try {
      const answer = await under.send(NOTE, { headers: { Authorization: `Bearer ${await under.rpt([under.permission(NOTE, 'view')])}` } });
      expect([answer.status, challenges(answer)]).toEqual([401, [`DPoP error="invalid_token", ${ALGS}, ${RESOURCE_METADATA}`]]);
      const metadata = await under.send('/.well-known/oauth-protected-resource');
      expect(metadata.json()).toMatchObject({ dpop_bound_access_tokens_required: true });
    } finally {
      await under.stop();
    }
  });
});
