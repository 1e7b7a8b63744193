import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpIssuerDirectory, STRICT_URL_POLICY, type GuardedFetch } from '@uma-federation/federation';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import type { JsonValue } from '@uma-federation/uma-core';
import { APP, Harness, INVALID_REQUEST, OTHER, seen } from './harness.ts';
import { ACME_AS } from './support/forged-tokens.ts';
import { basic, type HttpAnswer } from './support/send-request.ts';

const TOO_MANY = '{"error":"temporarily_unavailable","error_description":"Too many requests."}';

describe('rate limits', () => {
  const start = (limits: Record<string, number>): Promise<Harness> => Harness.start({ settings: { limits } });
  const expectTooMany = async (harness: Harness, answer: HttpAnswer, reason: string): Promise<void> => {
    expect(seen(answer)).toEqual([429, TOO_MANY]);
    const retryAfterSeconds = Number(answer.headers['retry-after']);
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await harness.reasonOf(answer)).toBe(reason);
  };
  const ofOther = (harness: Harness) => harness.exchange({ subject_token: harness.accessToken({ claims: { client_id: 'other' } }) }, OTHER);

  it('answer 429 with Retry-After to a client beyond its budget, and to no other client [T22]', async () => {
    const harness = await start({ perClient: 2 });
    try {
      // Whoever cannot prove to be the client uses up nothing of it.
      for (let turn = 0; turn < 3; turn += 1) expect((await harness.exchange({}, { authorization: basic('app', 'wrong') })).status).toBe(401);
      for (let turn = 0; turn < 2; turn += 1) expect((await harness.exchange()).status).toBe(200);
      harness.forget();
      await expectTooMany(harness, await harness.exchange(), 'client_rate_limited');
      expect([harness.directory.asked, harness.provider.seen]).toEqual([[], []]);
      expect((await ofOther(harness)).status).toBe(200);
    } finally {
      await harness.stop();
    }
  });

  it('answer 429 with Retry-After for an AS-RO beyond its budget, whoever asks, and for no other AS-RO [T22]', async () => {
    const harness = await start({ perResourceOwnerServer: 2 });
    try {
      expect((await harness.exchange()).status).toBe(200);
      expect((await ofOther(harness)).status).toBe(200);
      harness.forget();
      await expectTooMany(harness, await harness.exchange(), 'actor_issuer_budget');
      expect(harness.directory.asked).toEqual([]);
      const evil = harness.resourceClaimsToken({ claims: { iss: 'https://as.evil.example' }, key: fixedKeys.evil });
      expect((await harness.exchange({ actor_token: evil })).status).toBe(200);
    } finally {
      await harness.stop();
    }
  });

  it('answer 429 with Retry-After to a source beyond its budget, before the client is looked at', async () => {
    const harness = await start({ perSource: 2 });
    try {
      expect([(await harness.exchange()).status, (await harness.exchange({}, {})).status]).toEqual([200, 401]);
      await expectTooMany(harness, await harness.exchange({}, {}), 'source_rate_limited');
      // The documents are for everybody, as they must be for others to verify our tokens.
      expect((await harness.send('/jwks')).status).toBe(200);
    } finally {
      await harness.stop();
    }
  });
});

describe('A46 discovery amplification', () => {
  let harness: Harness;
  const asked: string[] = [];
  const documents: Readonly<Record<string, JsonValue>> = {
    [`${ACME_AS}/.well-known/oauth-authorization-server`]: { issuer: ACME_AS, jwks_uri: `${ACME_AS}/jwks` },
    [`${ACME_AS}/jwks`]: { keys: [publicJwk(fixedKeys.acme)] },
  };
  const fetch: GuardedFetch = Object.assign(
    async (url: string) => {
      asked.push(url);
      const json = documents[url];
      return { status: json === undefined ? 404 : 200, headers: {}, url, ...(json === undefined ? {} : { json }) };
    },
    { policy: STRICT_URL_POLICY },
  );

  beforeAll(async () => {
    const directories: HttpIssuerDirectory[] = [];
    harness = await Harness.start({ overrides: { directoryFor: (clientId) => (directories[0] as HttpIssuerDirectory).forCaller(clientId) } });
    directories.push(new HttpIssuerDirectory({ fetch, clock: harness.clock, limits: { global: { burst: 12, perMinute: 60 }, perCaller: { burst: 5, perMinute: 5 } } }));
  });
  afterAll(() => harness.stop());
  beforeEach(() => {
    asked.length = 0;
    harness.forget();
  });

  let serial = 0;
  const stranger = (): string => {
    serial += 1;
    return `https://as-${serial}.example`;
  };
  const ask = (iss: string, client = 'app') => {
    const subject = harness.accessToken({ claims: { client_id: client } });
    return harness.exchange({ subject_token: subject, actor_token: harness.resourceClaimsToken({ claims: { iss } }) }, client === 'app' ? APP : OTHER);
  };
  const expectBudgetSpent = async (answer: HttpAnswer): Promise<void> => {
    expect(seen(answer)).toEqual([429, TOO_MANY]);
    expect(answer.headers['retry-after']).toBe('60');
    expect(await harness.reasonOf(answer)).toBe('discovery_budget');
  };

  it('lets one client make us ask a bounded number of strangers, then answers 429 and asks nobody', async () => {
    expect((await ask(ACME_AS)).status).toBe(200);
    for (let turn = 0; turn < 4; turn += 1) expect(seen(await ask(stranger()))).toEqual([400, INVALID_REQUEST]);
    asked.length = 0;
    await expectBudgetSpent(await ask(stranger()));
    expect(asked).toEqual([]);
  });

  it('goes on serving that client with the AS-ROs that are known', async () => {
    expect((await ask(ACME_AS)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it('has a budget of its own for every other client, below the one of all', async () => {
    for (let turn = 0; turn < 5; turn += 1) expect(seen(await ask(stranger(), 'other'))).toEqual([400, INVALID_REQUEST]);
    await expectBudgetSpent(await ask(stranger(), 'other'));
  });

  it('counts the owners of unknown domains that a client names as well', async () => {
    const owner = (): string => {
      serial += 1;
      return `mailto:alice@owner-${serial}.example`;
    };
    harness.clock.advance(60);
    const subject = harness.accessToken({ claims: { client_id: 'other' } });
    const name = (resource: string) => harness.exchange({ subject_token: subject, actor_token: harness.resourceClaimsToken({ claims: { iss: ACME_AS } }), resource }, OTHER);
    for (let turn = 0; turn < 5; turn += 1) expect((await name(owner())).status).toBe(400);
    await expectBudgetSpent(await name(owner()));
    harness.clock.advance(60);
  });

  it('asks a stranger who failed not again within a minute, and takes nothing from the budget for it', async () => {
    harness.clock.advance(60);
    const failing = stranger();
    for (let turn = 0; turn < 20; turn += 1) expect(seen(await ask(failing))).toEqual([400, INVALID_REQUEST]);
    expect(new Set(asked).size).toBe(asked.length);
    for (let turn = 0; turn < 4; turn += 1) expect(seen(await ask(stranger()))).toEqual([400, INVALID_REQUEST]);
    await expectBudgetSpent(await ask(stranger()));
  });
});
