import { afterAll, describe, expect, it } from '@jest/globals';
import { HttpIssuerDirectory, OIDC_ISSUER_REL, STRICT_URL_POLICY, type GuardedFetch } from '@uma-federation/federation';
import { FakeClock, fixedKeys, publicJwk } from '@uma-federation/testing';
import { DiscoveryFailure, type JsonObject, type JsonValue } from '@uma-federation/uma-core';
import { createHash } from 'node:crypto';
import { AsRoUnderTest, GLOBEX, secretsInLogs, stopAll, type Challenge } from './harness.ts';
import { DENIED, expectNeedInfo, refusal } from './support/answers.ts';
import { CHALLENGE_APP } from './support/clients.ts';

/** What a made-up stranger answers: JSON with 200, a status, or the reason of a failed connection. */
type Stranger = JsonObject | number | string;

const DOMAIN = 'https://globex.example';
const WEBFINGER = `${DOMAIN}/.well-known/webfinger`;
const FALLBACK = `${DOMAIN}/.well-known/oauth-authorization-server`;
const OTHER_FALLBACK = `${DOMAIN}/.well-known/openid-configuration`;
const metadata = (issuer: string): JsonObject => ({ issuer, jwks_uri: `${issuer}/jwks` });
const jwks = { keys: [publicJwk(fixedKeys.globex)] } as unknown as JsonObject;
/** The domain names itself, in the place that was asked when WebFinger says nothing. */
const SELF: Readonly<Record<string, Stranger>> = { [FALLBACK]: metadata(DOMAIN), [`${DOMAIN}/jwks`]: jwks };

afterAll(stopAll);

/** An AS-RO with the directory of production on strangers that the test makes up. */
async function startAmong(strangers: Readonly<Record<string, Stranger>>): Promise<{ asRo: AsRoUnderTest; asked: string[] }> {
  const asked: string[] = [];
  const fetch: GuardedFetch = Object.assign(
    async (url: string) => {
      const [bare = ''] = url.split('?');
      asked.push(bare);
      const answer = strangers[bare] ?? 404;
      if (typeof answer === 'string') throw new DiscoveryFailure(answer);
      return typeof answer === 'number' ? { status: answer, headers: {}, url } : { status: 200, headers: {}, url, json: answer as JsonValue };
    },
    { policy: STRICT_URL_POLICY },
  );
  const directory = new HttpIssuerDirectory({ fetch, clock: new FakeClock() });
  return { asRo: await AsRoUnderTest.start({ overrides: { directoryFor: (clientId) => directory.forCaller(clientId) } }), asked };
}

/** Bob's claims token of this issuer, in the ordinary dialect and in that of seed 002. */
const DIALECTS = [
  ['seed 003', (asRo: AsRoUnderTest, note: Challenge, iss: string) => asRo.redeem({ ticket: note.ticket, claim_token: asRo.forgeIdentityToken(note, { claims: { iss } }) })],
  [
    'seed 002',
    (asRo: AsRoUnderTest, note: Challenge, iss: string) => {
      const claims = { iss, client_id: CHALLENGE_APP.id, act: undefined, ticket_challenge: createHash('sha256').update(note.ticket).digest('base64url') };
      return asRo.redeem({ ticket: note.ticket, pushed_claims: asRo.forgeIdentityToken(note, { claims }) }, { client: CHALLENGE_APP });
    },
  ],
] as const;

describe.each(DIALECTS)('From an e-mail address to the keys of its issuer, %s', (_dialect, present) => {
  it('WebFinger names the issuer, and the issuer stands by it (6.2)', async () => {
    const { asRo, asked } = await startAmong({ [WEBFINGER]: { links: [{ rel: OIDC_ISSUER_REL, href: GLOBEX }] }, [`${GLOBEX}/.well-known/oauth-authorization-server`]: metadata(GLOBEX), [`${GLOBEX}/jwks`]: jwks });
    expect((await present(asRo, await asRo.sharedNote(), GLOBEX)).status).toBe(200);
    expect(asked).toEqual([WEBFINGER, `${GLOBEX}/.well-known/oauth-authorization-server`, `${GLOBEX}/jwks`]);
  });

  it.each([404, 410])('A43 a clean %d leads to the well-known of the domain itself (D6, C17)', async (status) => {
    const { asRo, asked } = await startAmong({ ...SELF, [WEBFINGER]: status });
    expect((await present(asRo, await asRo.sharedNote(), DOMAIN)).status).toBe(200);
    expect(asked).toEqual([WEBFINGER, FALLBACK, `${DOMAIN}/jwks`]);
  });

  it('oauth-authorization-server is tried first, openid-configuration then (C17)', async () => {
    const { asRo, asked } = await startAmong({ [OTHER_FALLBACK]: metadata(DOMAIN), [`${DOMAIN}/jwks`]: jwks });
    expect((await present(asRo, await asRo.sharedNote(), DOMAIN)).status).toBe(200);
    expect(asked).toEqual([WEBFINGER, FALLBACK, OTHER_FALLBACK, `${DOMAIN}/jwks`]);
  });

  it.each([500, 503, 403, 'timeout', 'tls_failure', 'connection_failure', 'dns_failure'])('A43 %p leads nowhere: need_info, and nobody else is asked (D6)', async (broken) => {
    const { asRo, asked } = await startAmong({ ...SELF, [WEBFINGER]: broken });
    const note = await asRo.sharedNote();
    expectNeedInfo(await present(asRo, note, DOMAIN), note);
    expect(asked).toEqual([WEBFINGER]);
  });

  it('A43 what WebFinger names is final: the domain’s own well-known counts for nothing beside it', async () => {
    const { asRo } = await startAmong({ ...SELF, [WEBFINGER]: { links: [{ rel: OIDC_ISSUER_REL, href: GLOBEX }] }, [`${GLOBEX}/.well-known/oauth-authorization-server`]: metadata(GLOBEX) });
    expect(refusal(await present(asRo, await asRo.sharedNote(), DOMAIN))).toEqual(DENIED);
  });

  it.each(['https://www.globex.example', 'https://globex.example/', 'https://evil.example'])('A41 a fallback document of the issuer %s is not used', async (issuer) => {
    const { asRo } = await startAmong({ [FALLBACK]: metadata(issuer), [`${DOMAIN}/jwks`]: jwks });
    const note = await asRo.sharedNote();
    expectNeedInfo(await present(asRo, note, DOMAIN), note);
  });

  it('A30 the issuer of the token is compared with the one that the fallback found', async () => {
    const { asRo, asked } = await startAmong(SELF);
    expect(refusal(await present(asRo, await asRo.sharedNote(), GLOBEX))).toEqual(DENIED);
    expect(asked).toEqual([WEBFINGER, FALLBACK]);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
