import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryPersistedClaimsStore } from '../src/persisted-claims.ts';
import { UmaError } from '../src/uma-error.ts';
import { FakeFederation, NOTE } from './fake-federation.ts';
import { answersOfAsRo, failure, grant, needInfo, sent, submitted } from './scripted-answers.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

const PCT = 'pct-of-bob-0123456789abcdefghijklmnopqrstuvwxyz';
const another = () => `${federation.rs.url}/users/alice/notes/2`;

describe('A persisted claims token', () => {
  it('saves the exchange for the next resource of the same AS-RO', async () => {
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }), () => grant(federation));
    const umaFetch = federation.umaFetch();
    await umaFetch(federation.resourceUrl);
    expect(await (await umaFetch(another())).text()).toBe(NOTE);
    expect(federation.asRqp.requests).toHaveLength(1);
    expect(sent(federation, 'pct')).toEqual([undefined, PCT]);
    expect(sent(federation, 'claim_token')[1]).toBeUndefined();
    expect(sent(federation, 'resource')[1]).toBe(federation.rs.url);
  });

  it('is replaced by a newer one', async () => {
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }), () => grant(federation, { pct: 'newer' }), () => grant(federation));
    const umaFetch = federation.umaFetch();
    for (const path of ['1', '2', '3']) await umaFetch(`${federation.rs.url}/notes/${path}`);
    expect(sent(federation, 'pct')).toEqual([undefined, PCT, 'newer']);
  });

  it('is sent to the AS-RO that gave it and to nobody else: no resource server, no AS-RqP, no other AS-RO [G55]', async () => {
    const store = new MemoryPersistedClaimsStore();
    await store.put(federation.evilIssuer.issuer, 'pct-of-another-server');
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }), () => grant(federation));
    const umaFetch = federation.umaFetch({ persistedClaims: store });
    await umaFetch(federation.resourceUrl);
    await umaFetch(another());
    const seen = [...federation.rs.seen, ...federation.asRqp.seen, ...federation.evil.seen];
    expect(JSON.stringify(seen)).not.toContain(PCT);
    expect(JSON.stringify([...seen, ...federation.asRo.seen])).not.toContain('pct-of-another-server');
    expect(federation.asRo.requests.map(({ target }) => target)).toEqual(['/token', '/token']);
  });

  it('is not in an error, and so in no log of one [G55]', async () => {
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }), () => submitted(federation), () => ({ status: 400, body: { error: 'invalid_grant', error_description: PCT } }));
    const umaFetch = federation.umaFetch();
    await umaFetch(federation.resourceUrl);
    for (const path of ['2', '3']) {
      const error = await failure(umaFetch(`${federation.rs.url}/notes/${path}`));
      expect(error).toBeInstanceOf(UmaError);
      expect(`${String(error)} ${(error as Error).stack ?? ''} ${JSON.stringify(error)}`).not.toContain(PCT);
    }
  });

  it('that is not enough leads to one exchange with the fresh ticket and resource claims token, and is forgotten', async () => {
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }), () => needInfo(federation, { acr_values: 'otp' }));
    const missing: unknown[] = [];
    const umaFetch = federation.umaFetch({
      subjectToken: async (wanted) => {
        missing.push(wanted?.acrValues);
        return { token: 'token-of-bob', type: 'access_token' };
      },
    });
    await umaFetch(federation.resourceUrl);
    expect((await umaFetch(federation.resourceUrl, { method: 'PUT' })).status).toBe(200);
    expect((await umaFetch(federation.resourceUrl, { method: 'POST' })).status).toBe(200);
    expect(sent(federation, 'pct')).toEqual([undefined, PCT, undefined, undefined]);
    expect(sent(federation, 'claim_token').map((token) => token !== undefined)).toEqual([true, false, true, true]);
    expect(missing).toEqual([undefined, ['otp'], undefined]);
  });

  it('falls back to the first resource claims token where the server gives no fresh one (C12)', async () => {
    const store = new MemoryPersistedClaimsStore();
    await store.put(federation.owner.issuer, PCT);
    answersOfAsRo(federation, async (request) => {
      const { ticket } = await federation.owner.tickets(federation.resourceUrl);
      return { status: request.form['pct'] === PCT ? 403 : 500, body: { error: 'need_info', ticket } };
    }, () => grant(federation));
    expect((await federation.umaFetch({ persistedClaims: store })(federation.resourceUrl)).status).toBe(200);
    expect(federation.asRqp.requests).toHaveLength(1);
  });

  it('is forgotten when the request ends with it, so that the next one says anew who asks', async () => {
    const store = new MemoryPersistedClaimsStore();
    for (const error of ['request_denied', 'invalid_grant']) {
      federation.behave();
      await store.put(federation.owner.issuer, PCT);
      answersOfAsRo(federation, () => ({ status: 400, body: { error } }));
      const umaFetch = federation.umaFetch({ persistedClaims: store });
      await failure(umaFetch(federation.resourceUrl));
      expect(await store.find(federation.owner.issuer)).toBeUndefined();
      expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    }
  });

  it('is not kept when the caller wants none kept', async () => {
    answersOfAsRo(federation, () => grant(federation, { pct: PCT }));
    const umaFetch = federation.umaFetch({ persistedClaims: false });
    await umaFetch(federation.resourceUrl);
    await umaFetch(another());
    expect(sent(federation, 'pct')).toEqual([undefined, undefined]);
    expect(federation.asRqp.requests).toHaveLength(2);
  });
});

describe('A1 Pass-the-permission-ticket, where no identity claims token is pushed', () => {
  it('nobody has verified the resource claims token: an answer that does not name the resource server gives no token', async () => {
    for (const option of [{ persistedClaims: new MemoryPersistedClaimsStore() }, { pushClaims: 'when-asked' as const }]) {
      federation.behave();
      await option.persistedClaims?.put(federation.owner.issuer, PCT);
      answersOfAsRo(federation, () => grant(federation, { resource: undefined }));
      expect(await failure(federation.umaFetch(option)(federation.resourceUrl))).toMatchObject({ code: 'resource_mismatch', category: 'duty' });
      expect(federation.rs.seen).toHaveLength(1);
    }
  });

  it('the pair of servers is configured: then it does', async () => {
    answersOfAsRo(federation, () => grant(federation, { resource: undefined }));
    const trustedResourceServers = [{ origin: federation.rs.url, asUri: federation.asRo.url }];
    expect((await federation.umaFetch({ pushClaims: 'when-asked', trustedResourceServers })(federation.resourceUrl)).status).toBe(200);
  });
});

describe('Claims that are pushed when asked', () => {
  it('are not pushed for what is open to everybody: nobody signs in', async () => {
    answersOfAsRo(federation, () => grant(federation));
    const subjectToken = async (): Promise<never> => {
      throw new Error('nobody is to sign in');
    };
    expect((await federation.umaFetch({ pushClaims: 'when-asked', subjectToken })(federation.resourceUrl)).status).toBe(200);
    expect(sent(federation, 'claim_token')).toEqual([undefined]);
  });

  it('go along once AS-RO asks', async () => {
    answersOfAsRo(federation, () => needInfo(federation));
    expect((await federation.umaFetch({ pushClaims: 'when-asked' })(federation.resourceUrl)).status).toBe(200);
    expect(sent(federation, 'claim_token').map((token) => token !== undefined)).toEqual([false, true]);
  });
});
