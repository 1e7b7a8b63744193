import { join } from 'node:path';
import { loadKeyRing, readOrCreateKeyFile, SystemClock, SystemRandomness } from '@uma-federation/keys';
import { encodeBase64Url, GRANT_TYPES, mintResourceClaimsToken, TOKEN_TYPE_URNS, type Issuer } from '@uma-federation/uma-core';
import type { Benchmark, BenchmarkRun } from '../harness/benchmark.ts';
import { startFakeIssuer, type FakeIssuer } from '../harness/fake-issuer.ts';
import { freePort } from '../harness/free-port.ts';
import type { LoadRequest } from '../harness/load.ts';
import { measureLoad } from '../harness/measure-load.ts';
import { interleave } from '../harness/rounds.ts';
import { startService, type ServiceProcess } from '../harness/service-process.ts';
import { measureLimit } from '../limit/measure-limit.ts';
import { workOf } from '../limit/work-of.ts';
import { againstLimit } from './against-limit.ts';
import { CLIENT, FORM_HEADERS, WIDE_LIMITS } from './clients.ts';
import { CONNECTIONS, loadOf, warmUp } from './fresh-load.ts';
import { GUEST, GUEST_DOMAIN } from './grant-requests.ts';

/** People who exchange their tokens, each with one access token of the identity provider. */
const PEOPLE = 100;
const clock = new SystemClock();
const randomness = new SystemRandomness();

/** Token exchanges of one AS-RqP process, against the cryptographic limit of the machine. */
export const benchmarkExchanges: Benchmark = async (run) => {
  const identityProvider = await startFakeIssuer(run);
  const asRo = await startFakeIssuer(run);
  const asRqp = await startAsRqp(identityProvider, run);
  const subjectTokens = await Promise.all(Array.from({ length: PEOPLE }, (_unused, index) => subjectToken(identityProvider, asRqp.issuer, index)));
  const fresh = async (count: number): Promise<LoadRequest[]> => {
    const requests: LoadRequest[] = [];
    for (let index = 0; index < count; index += 1) requests.push(exchangeRequest(subjectTokens[index % PEOPLE] ?? '', await actorToken(asRo)));
    return requests;
  };
  const works = await Promise.all(
    subjectTokens.map(async (subject) => {
      const claims = {
        ...{ iss: asRqp.issuer, aud: asRo.issuer, sub: GUEST, client_id: CLIENT.clientId, email: GUEST, email_verified: true, nbf: clock.now() },
        ...{ act: { sub: 'A'.repeat(43), iss: asRo.issuer }, jti: 'AAAAAAAAAAAAAAAAAAAAAA' },
      };
      return workOf({
        tokens: [{ token: subject, key: identityProvider.key }, { token: await actorToken(asRo), key: asRo.key }],
        answer: { typ: 'uma-identity-claims+jwt', claims, key: asRo.key },
      });
    }),
  );
  run.say(`exchanges: AS-RqP, ${CONNECTIONS} connections`);
  const expected = await warmUp(asRqp, fresh);
  const measured = await interleave(run.rounds, {
    limit: async () => measureLimit(works, Math.min(1, run.seconds)),
    server: async () => measureLoad(asRqp, { ...(await loadOf(fresh, expected, run.seconds)), awake: true }),
  });
  return againstLimit('token exchanges, AS-RqP', 0.55, measured);
};

async function startAsRqp(identityProvider: FakeIssuer, run: BenchmarkRun): Promise<ServiceProcess & { readonly issuer: Issuer }> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}` as Issuer;
  const keyFile = join(run.directory, 'as-rqp.json');
  const configuration = {
    issuer,
    emailDomains: [GUEST_DOMAIN],
    identityProviders: [{ issuer: identityProvider.issuer }],
    clients: [{ ...CLIENT, grantTypes: [GRANT_TYPES.tokenExchange] }],
    keyFile,
    limits: { ...WIDE_LIMITS, perResourceOwnerServer: WIDE_LIMITS.perClient },
    development: { addressMap: {} },
  };
  loadKeyRing(await readOrCreateKeyFile(keyFile));
  return { ...(await startService({ app: 'as-rqp', configuration, port }, run)), issuer };
}

/** RFC 9068: an access token of the person for AS-RqP, as the identity provider gives it to the client. */
function subjectToken(provider: FakeIssuer, audience: Issuer, person: number): Promise<string> {
  const now = clock.now();
  return provider.keys.signer.sign('at+jwt', {
    iss: provider.issuer,
    aud: audience,
    sub: `person-${person}`,
    client_id: CLIENT.clientId,
    email: `person-${person}@${GUEST_DOMAIN}`,
    email_verified: true,
    iat: now,
    exp: now + 3600,
    jti: `subject-token-${person}`,
  });
}

async function actorToken(asRo: FakeIssuer): Promise<string> {
  const input = { issuer: asRo.issuer, resourceUri: 'http://127.0.0.1:9/notes/1', nonce: encodeBase64Url(randomness.bytes(32)), expiresAt: clock.now() + 300 };
  return (await mintResourceClaimsToken(input, { signer: asRo.keys.signer, clock, randomness })).token;
}

function exchangeRequest(subject: string, actor: string): LoadRequest {
  const form = {
    grant_type: GRANT_TYPES.tokenExchange,
    subject_token: subject,
    subject_token_type: TOKEN_TYPE_URNS.accessToken,
    actor_token: actor,
    actor_token_type: TOKEN_TYPE_URNS.jwt,
  };
  return { method: 'POST', path: '/token', headers: FORM_HEADERS, body: new URLSearchParams(form).toString() };
}
