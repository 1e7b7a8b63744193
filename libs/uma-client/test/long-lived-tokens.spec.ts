import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPE_URNS, parseCompactJws } from '@uma-federation/uma-core';
import { MemoryPersistedClaimsStore } from '../src/persisted-claims.ts';
import { FakeFederation, NOTE } from './fake-federation.ts';
import { NOW } from './fake-issuer.ts';
import type { FakeAnswer, SeenRequest } from './fake-server.ts';
import { answersOfAsRo, grant, sent } from './scripted-answers.ts';

let federation: FakeFederation;
let now = NOW;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => {
  federation.behave();
  now = NOW;
  // An AS-RqP that verifies nothing: here time passes, and an attacker's server is asked about too.
  const { answer } = federation.asRqp;
  federation.asRqp.answer = async (request) => {
    if (request.target !== '/token') return answer(request);
    const issuer = parseCompactJws(request.form['actor_token'] ?? '').claims['iss'] as string;
    const access_token = await federation.rqp.identityClaims(issuer, 'h'.repeat(43));
    return { status: 200, body: { access_token, issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A' } };
  };
});
afterAll(() => federation.stop());

const clock = { now: () => now };
const noteUrl = (id: string) => `${federation.rs.url}/notes/${id}`;
/** What AS-RO answers: an RPT of this name, which the resource server below knows. */
const rpt = (name: string, extra: Record<string, unknown> = {}): FakeAnswer => ({
  status: 200,
  body: { access_token: name, token_type: 'Bearer', expires_in: 600, resource: federation.rs.url, ...extra },
});
/** A resource server that takes these tokens for these paths, and challenges everything else. */
function takes(permissions: Readonly<Record<string, readonly string[]>>): void {
  federation.rs.answer = async (request) => {
    const token = request.headers.authorization?.split(' ')[1] ?? '';
    const path = request.target.split('?')[0] ?? '';
    if (permissions[token]?.includes(path) === true) return { status: 200, body: NOTE };
    return federation.challenge(await federation.owner.tickets(`${federation.rs.url}${path}`));
  };
}
const credentials = () => federation.rs.seen.map(({ headers }) => headers.authorization?.split(' ')[1]);

describe('Upgrading an RPT', () => {
  it('offers the RPT that was refused, to the AS-RO that issued it', async () => {
    takes({ first: ['/notes/1'] });
    answersOfAsRo(federation, () => rpt('first'), () => rpt('second'));
    const umaFetch = federation.umaFetch();
    await umaFetch(noteUrl('1'));
    takes({ second: ['/notes/1'] });
    expect((await umaFetch(noteUrl('1'))).status).toBe(200);
    expect(sent(federation, 'rpt')).toEqual([undefined, 'first']);
  });

  it('discards the old RPT everywhere when the answer says upgraded: true [G32]', async () => {
    takes({ first: ['/notes/1'], both: ['/notes/1', '/notes/2'] });
    answersOfAsRo(federation, () => rpt('first'), () => rpt('both', { upgraded: true }));
    const umaFetch = federation.umaFetch({ tokenReuse: 'origin' });
    for (const id of ['1', '2', '1']) expect((await umaFetch(noteUrl(id))).status).toBe(200);
    expect(sent(federation, 'rpt')).toEqual([undefined, 'first']);
    expect(credentials()).toEqual([undefined, 'first', 'first', 'both', 'both']);
  });

  it.each([
    ['false', { upgraded: false }],
    ['absent', {}],
    ['no Boolean', { upgraded: 'true' }],
  ])('keeps the old RPT for what it was granted for when upgraded is %s [G30]', async (_name, extra) => {
    takes({ first: ['/notes/1'], second: ['/notes/2'] });
    answersOfAsRo(federation, () => rpt('first'), () => rpt('second', extra));
    const umaFetch = federation.umaFetch({ tokenReuse: 'origin' });
    for (const id of ['1', '2', '1', '2']) expect((await umaFetch(noteUrl(id))).status).toBe(200);
    expect(credentials()).toEqual([undefined, 'first', 'first', 'second', 'first', 'second']);
    expect(federation.asRo.requests).toHaveLength(2);
  });

  it('shows an RPT to nobody but its resource server and the AS-RO that issued it [G54]', async () => {
    takes({ first: ['/notes/1'] });
    answersOfAsRo(federation, () => rpt('first'));
    const umaFetch = federation.umaFetch({ tokenReuse: 'origin' });
    await umaFetch(noteUrl('1'));
    federation.evil.answer = (request) => evilServer(request);
    federation.rs.answer = async () => federation.challenge(await federation.evilIssuer.tickets(noteUrl('2')), federation.evil.url);
    await expect(umaFetch(noteUrl('2'))).rejects.toThrow();
    expect(federation.evil.requests.map(({ form }) => form['rpt'])).toEqual([undefined]);
    expect(JSON.stringify([...federation.evil.seen, ...federation.asRqp.seen])).not.toContain('first');
  });

  it('keeps the RPT of one AS-RO although another one, which was not sent it, says upgraded: true [G30]', async () => {
    takes({ first: ['/notes/1'], other: ['/notes/2'] });
    answersOfAsRo(federation, () => rpt('first'));
    const umaFetch = federation.umaFetch({ tokenReuse: 'origin' });
    await umaFetch(noteUrl('1'));
    const { answer } = federation.rs;
    federation.evil.answer = (request) => (request.target === '/token' ? rpt('other', { upgraded: true }) : evilServer(request));
    federation.rs.answer = async (request) => {
      const given = await answer(request);
      return given.status === 200 ? given : federation.challenge(await federation.evilIssuer.tickets(noteUrl('2')), federation.evil.url);
    };
    for (const id of ['2', '1']) expect((await umaFetch(noteUrl(id))).status).toBe(200);
    expect(credentials()).toEqual([undefined, 'first', 'first', 'other', 'first']);
  });

  it('reuses an RPT for the resource that it was granted for only, unless the caller wants otherwise', async () => {
    takes({ first: ['/notes/1'], second: ['/notes/2'] });
    answersOfAsRo(federation, () => rpt('first'), () => rpt('second'));
    const umaFetch = federation.umaFetch();
    for (const id of ['1', '2']) await umaFetch(noteUrl(id));
    expect(credentials()).toEqual([undefined, 'first', undefined, 'second']);
    expect(sent(federation, 'rpt')).toEqual([undefined, undefined]);
  });

  function evilServer(request: SeenRequest): FakeAnswer {
    const issuer = federation.evil.url;
    return request.target === '/token' ? { status: 403, body: { error: 'request_denied' } } : { status: 200, body: { issuer, token_endpoint: `${issuer}/token` } };
  }
});

describe('Refreshing an RPT', () => {
  const until = (...answers: ((request: SeenRequest) => FakeAnswer)[]) => answersOfAsRo(federation, ...answers);

  it('happens when it has expired: no ticket, no claims, with DPoP as always', async () => {
    takes({ first: ['/notes/1'], fresh: ['/notes/1'], fresher: ['/notes/1'] });
    until(() => rpt('first', { refresh_token: 'r1' }), () => rpt('fresh', { refresh_token: 'r2' }), () => rpt('fresher'));
    const umaFetch = federation.umaFetch({ clock });
    await umaFetch(noteUrl('1'));
    for (let round = 0; round < 2; round += 1) {
      now += 600;
      expect((await umaFetch(noteUrl('1'))).status).toBe(200);
    }
    expect(credentials()).toEqual([undefined, 'first', 'fresh', 'fresher']);
    const [, first, second] = federation.asRo.requests;
    expect(first?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'r1', client_id: 'app-at-ro' });
    expect(first?.headers['dpop']).toBeDefined();
    expect(second?.form['refresh_token']).toBe('r2');
    expect(federation.asRqp.requests).toHaveLength(1);
  });

  it('keeps the refresh token when the server gives no new one', async () => {
    takes({ first: ['/notes/1'], a: ['/notes/1'], b: ['/notes/1'] });
    until(() => rpt('first', { refresh_token: 'r1' }), () => rpt('a'), () => rpt('b'));
    const umaFetch = federation.umaFetch({ clock });
    for (let round = 0; round < 3; round += 1) {
      await umaFetch(noteUrl('1'));
      now += 600;
    }
    expect(sent(federation, 'refresh_token')).toEqual([undefined, 'r1', 'r1']);
  });

  it('falls back to the whole dance on invalid_grant, and forgets the refresh token', async () => {
    takes({ first: ['/notes/1'], second: ['/notes/1'] });
    until(() => rpt('first', { refresh_token: 'r1' }), () => ({ status: 400, body: { error: 'invalid_grant' } }), () => rpt('second'));
    const umaFetch = federation.umaFetch({ clock });
    await umaFetch(noteUrl('1'));
    now += 600;
    expect((await umaFetch(noteUrl('1'))).status).toBe(200);
    expect(federation.asRo.requests.map(({ form }) => form['grant_type']?.split(':').at(-1))).toEqual(['uma-ticket', 'refresh_token', 'uma-ticket']);
    now += 600;
    federation.rs.answer = () => ({ status: 204 });
    expect((await umaFetch(noteUrl('1'))).status).toBe(204);
    expect(sent(federation, 'refresh_token')).toEqual([undefined, 'r1', undefined]);
  });

  it('sends a rotating refresh token once, however many requests want it', async () => {
    takes({ first: ['/notes/1'], fresh: ['/notes/1'] });
    until(() => rpt('first', { refresh_token: 'r1' }), () => rpt('fresh', { refresh_token: 'r2' }));
    const umaFetch = federation.umaFetch({ clock });
    await umaFetch(noteUrl('1'));
    now += 600;
    const answers = await Promise.all([1, 2, 3].map(() => umaFetch(noteUrl('1'))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sent(federation, 'refresh_token')).toEqual([undefined, 'r1']);
  });

  it('gives no token for another resource server (duty v)', async () => {
    takes({ first: ['/notes/1'] });
    until(() => rpt('first', { refresh_token: 'r1' }), () => rpt('fresh', { resource: 'https://rs2.example' }));
    const umaFetch = federation.umaFetch({ clock });
    await umaFetch(noteUrl('1'));
    now += 600;
    await expect(umaFetch(noteUrl('1'))).rejects.toThrow(expect.objectContaining({ code: 'resource_mismatch' }));
    expect(credentials()).toEqual([undefined, 'first']);
  });
});

describe('revoke', () => {
  /** AS-RO with a revocation endpoint. */
  function revocable(answer: (request: SeenRequest) => FakeAnswer = () => ({ status: 200 })): void {
    const next = federation.asRo.answer;
    federation.asRo.answer = async (request) => {
      if (request.target === '/revoke') return answer(request);
      if (request.target !== '/.well-known/uma2-configuration') return next(request);
      const { issuer } = federation.owner;
      return { status: 200, body: { issuer, token_endpoint: `${issuer}/token`, revocation_endpoint: `${issuer}/revoke` } };
    };
  }
  const revoked = () => federation.asRo.seen.filter(({ target }) => target === '/revoke').map(({ form }) => [form['token_type_hint'], form['token']]);

  /** A client with an RPT, its refresh token and a persisted claims token. */
  async function signedIn(persistedClaims = new MemoryPersistedClaimsStore(), prepare = () => undefined as void) {
    takes({ first: ['/notes/1'], second: ['/notes/1'] });
    answersOfAsRo(federation, () => rpt('first', { refresh_token: 'r1', pct: 'pct1' }), () => rpt('second'));
    prepare();
    const umaFetch = federation.umaFetch({ persistedClaims, clock });
    await umaFetch(noteUrl('1'));
    return umaFetch;
  }

  it('revokes every token where it came from, and forgets it: sign-out (RFC 7009; the hint of a PCT is registered by UMA)', async () => {
    const store = new MemoryPersistedClaimsStore();
    const umaFetch = await signedIn(store);
    federation.asRo.seen.length = 0;
    // The metadata without the endpoint are cached by this client: ask them anew.
    now += 601;
    revocable();
    expect(await umaFetch.revoke()).toEqual([]);
    expect(revoked()).toEqual([['refresh_token', 'r1'], ['access_token', 'first'], ['pct', 'pct1']]);
    expect(federation.asRo.seen.at(-1)?.form['client_id']).toBe('app-at-ro');
    expect(await store.list()).toEqual([]);
    await umaFetch(noteUrl('1'));
    expect(credentials().at(-2)).toBeUndefined();
    expect(sent(federation, 'pct').at(-1)).toBeUndefined();
  });

  it.each([
    ['pct' as const, [['pct', 'pct1']], 'first'],
    ['refresh_token' as const, [['refresh_token', 'r1']], 'first'],
    ['rpt' as const, [['refresh_token', 'r1'], ['access_token', 'first']], undefined],
  ])('of kind %s leaves the others alone', async (kind, expected, left) => {
    const umaFetch = await signedIn(undefined, revocable);
    expect(await umaFetch.revoke(kind)).toEqual([]);
    expect(revoked()).toEqual(expected);
    federation.rs.seen.length = 0;
    await umaFetch(noteUrl('1'));
    expect(credentials()[0]).toBe(left);
  });

  it('forgets what a server does not revoke, and says so', async () => {
    const umaFetch = await signedIn();
    expect(await umaFetch.revoke('rpt')).toEqual([expect.objectContaining({ code: 'revocation_refused' }), expect.objectContaining({ code: 'revocation_refused' })]);
    now += 601;
    revocable(() => ({ status: 503 }));
    expect(await umaFetch.revoke()).toEqual([expect.objectContaining({ code: 'revocation_refused', status: 503 })]);
    expect(await umaFetch.revoke()).toEqual([]);
  });

  it('lets a call that is under way keep nothing', async () => {
    const store = new MemoryPersistedClaimsStore();
    takes({ late: ['/notes/1'], again: ['/notes/1'] });
    const umaFetch = federation.umaFetch({ persistedClaims: store });
    answersOfAsRo(
      federation,
      async () => {
        await umaFetch.revoke();
        return rpt('late', { pct: 'late' });
      },
      () => rpt('again'),
    );
    expect((await umaFetch(noteUrl('1'))).status).toBe(200);
    expect(await store.list()).toEqual([]);
    await umaFetch(noteUrl('1'));
    expect(credentials()).toEqual([undefined, 'late', undefined, 'again']);
  });
});

describe('An answer of the token endpoint', () => {
  it('may have members that the client does not know: they are ignored [G9]', async () => {
    answersOfAsRo(federation, () => grant(federation, { scope: 'view', surprise: { deep: [1] }, pct: 7, upgraded: 'yes', refresh_token: ['r'] }));
    expect((await federation.umaFetch()(federation.resourceUrl)).status).toBe(200);
  });
});
