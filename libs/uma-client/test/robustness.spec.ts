import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseDpopJws } from '@uma-federation/uma-core';
import { FakeFederation, NOTE } from './fake-federation.ts';
import type { SeenRequest } from './fake-server.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

const nonceOf = (request: SeenRequest | undefined) => parseDpopJws(String(request?.headers['dpop'])).claims['nonce'];

describe('DPoP nonces (RFC 9449 8, 9)', () => {
  it('are used once a server asks for them, at both token endpoints and at the resource server', async () => {
    const { rs, asRo, asRqp } = federation;
    const demand = (answer: typeof rs.answer, nonce: string, refusal: number) => (request: SeenRequest) =>
      request.headers['dpop'] === undefined || nonceOf(request) === nonce
        ? answer(request)
        : { status: refusal, headers: { 'dpop-nonce': nonce, 'www-authenticate': 'DPoP error="use_dpop_nonce", algs="ES256"' }, body: { error: 'use_dpop_nonce' } };
    asRqp.answer = demand(asRqp.answer, 'nonce-rqp', 400);
    asRo.answer = demand(asRo.answer, 'nonce-ro', 400);
    rs.answer = demand(rs.answer, 'nonce-rs', 401);
    const umaFetch = federation.umaFetch();
    const response = await umaFetch(federation.resourceUrl, { method: 'POST', body: 'sent twice' });
    expect(await response.text()).toBe(NOTE);
    for (const server of [asRqp, asRo]) expect(server.requests.map(nonceOf)).toEqual([undefined, expect.stringMatching(/^nonce-/)]);
    expect(rs.seen.map(({ body }) => body)).toEqual(['sent twice', 'sent twice', 'sent twice']);
    await umaFetch(federation.resourceUrl, { method: 'POST' });
    expect(nonceOf(rs.seen.at(-1))).toBe('nonce-rs');
  });

  it('are not believed when they are no NQCHAR string or very long', async () => {
    for (const nonce of ['with space', 'x'.repeat(513)]) {
      federation.behave();
      federation.rs.answer = async (request) => ({ ...(await federation.answerResource(request)), ...(request.headers.authorization === undefined ? {} : { headers: { 'dpop-nonce': nonce } }) });
      const umaFetch = federation.umaFetch();
      await umaFetch(federation.resourceUrl);
      await umaFetch(federation.resourceUrl);
      expect(federation.rs.seen.slice(1).map(nonceOf)).toEqual([undefined, undefined]);
    }
  });

  it('are asked for once: a server that is never satisfied is refused', async () => {
    federation.asRqp.answer = (request) =>
      request.target === '/token' ? { status: 400, headers: { 'dpop-nonce': `n${federation.asRqp.seen.length}` }, body: { error: 'use_dpop_nonce' } } : federation.answerRequestingPartyServer(request);
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'exchange_refused', oauthError: 'use_dpop_nonce' }));
    expect(federation.asRqp.requests).toHaveLength(2);
  });
});

describe('A body', () => {
  const stream = () => new Blob(['streamed']).stream();

  it.each([
    ['a string', () => 'streamed'],
    ['a buffer', () => new TextEncoder().encode('streamed')],
    ['a blob', () => new Blob(['streamed'])],
    ['a function that makes a stream', () => stream],
  ])('that is %s is sent again after the challenge', async (_name, make) => {
    const body = make();
    const duplex = typeof body === 'function' ? { duplex: 'half' as const } : {};
    await federation.umaFetch()(federation.resourceUrl, { method: 'PUT', body, ...duplex });
    expect(federation.rs.seen.map((request) => [request.method, request.body])).toEqual([['PUT', 'streamed'], ['PUT', 'streamed']]);
  });

  it('of a Request object is sent again, with its content type', async () => {
    await federation.umaFetch()(new Request(federation.resourceUrl, { method: 'POST', body: new URLSearchParams({ a: '1' }) }));
    expect(federation.rs.seen.map(({ body, headers }) => [body, headers['content-type']])).toEqual(Array(2).fill(['a=1', 'application/x-www-form-urlencoded;charset=UTF-8']));
  });

  it('of a Request object is refused beyond 1 MiB', async () => {
    const request = new Request(federation.resourceUrl, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) });
    await expect(federation.umaFetch()(request)).rejects.toThrow(expect.objectContaining({ code: 'body_not_replayable' }));
    expect(federation.rs.seen).toHaveLength(0);
  });

  it('that is a stream is sent only when there is an RPT already', async () => {
    const umaFetch = federation.umaFetch();
    const post = () => umaFetch(federation.resourceUrl, { method: 'POST', body: stream() });
    await expect(post()).rejects.toThrow(expect.objectContaining({ code: 'body_not_replayable', category: 'use' }));
    expect(federation.rs.seen).toHaveLength(0);
    await umaFetch(federation.resourceUrl, { method: 'POST' });
    expect((await post()).status).toBe(200);
    expect(federation.rs.seen.map(({ body }) => body)).toEqual(['', '', 'streamed']);
    federation.rs.answer = async () => federation.challenge(await federation.owner.tickets(federation.resourceUrl));
    await expect(post()).rejects.toThrow(expect.objectContaining({ code: 'body_not_replayable', status: 401 }));
  });
});

describe('A huge or broken answer', () => {
  const huge = { status: 200, headers: { 'content-type': 'application/json' }, body: `{"x":"${'a'.repeat(70_000)}"}` };

  it.each(['asRo', 'asRqp'] as const)('of %s ends the dance: token answers are limited to 64 KiB', async (name) => {
    const server = federation[name];
    const { answer } = server;
    server.answer = (request) => (request.target === '/token' ? huge : answer(request));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'answer_too_large', category: 'peer' }));
    expect(federation.rs.seen).toHaveLength(1);
  });

  it.each(['asRo', 'asRqp'] as const)('of %s ends the dance: metadata are limited to 64 KiB', async (name) => {
    federation[name].answer = () => huge;
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'answer_too_large' }));
  });

  it('as challenge ends the dance before any AS is asked', async () => {
    federation.rs.answer = async () => ({ ...federation.challenge(await federation.owner.tickets(federation.resourceUrl)), body: huge.body });
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'answer_too_large' }));
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('does not limit the resource itself', async () => {
    federation.rs.answer = () => huge;
    expect(await (await federation.umaFetch()(federation.resourceUrl)).text()).toHaveLength(huge.body.length);
  });

  it.each(['not json', '[]', '{"issuer":1,"issuer":2}'])('that is %s is no metadata', async (body) => {
    federation.asRo.answer = () => ({ status: 200, body });
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'malformed_answer' }));
  });
});

describe('Redirects', () => {
  const asked = (target: string) => federation.rs.seen.filter((request) => request.target === target);

  it('of an authorization server are not followed', async () => {
    federation.asRo.answer = (request) => (request.target === '/token' ? { status: 307, headers: { location: `${federation.evil.url}/token` } } : federation.answerResourceOwnerServer(request));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'peer_unreachable', step: 7 }));
    expect(federation.evil.seen).toHaveLength(0);
  });

  it('to another origin are followed without any credential and without a dance there', async () => {
    federation.rs.answer = async (request) => {
      const answer = await federation.answerResource(request);
      return answer.status === 200 ? { status: 302, headers: { location: `${federation.evil.url}/elsewhere` } } : answer;
    };
    federation.evil.answer = () => federation.challenge({ ticket: 'x' });
    const response = await federation.umaFetch()(federation.resourceUrl, { headers: { cookie: 'a=1', 'x-mine': '1' } });
    expect(response.status).toBe(401);
    expect(federation.evil.seen[0]?.headers).toMatchObject({ 'x-mine': '1' });
    for (const name of ['authorization', 'dpop', 'cookie']) expect(federation.evil.seen[0]?.headers).not.toHaveProperty(name);
    expect(federation.asRo.requests).toHaveLength(1);
  });

  it('within the origin lead to a token for the resource they end at', async () => {
    federation.rs.answer = async (request) => {
      const answer = await federation.answerResource(request);
      return answer.status === 200 && request.target === '/old' ? { status: 301, headers: { location: '/new' } } : answer;
    };
    expect(await (await federation.umaFetch()(`${federation.rs.url}/old`)).text()).toBe(NOTE);
    expect(asked('/new').map(({ headers }) => headers.authorization?.slice(0, 4))).toEqual([undefined, 'DPoP']);
    expect(federation.asRo.requests).toHaveLength(2);
  });

  it('before the challenge count: the dance is for the URL where they end, at the same origin', async () => {
    federation.rs.answer = (request) => (request.target === '/old' ? { status: 302, headers: { location: '/new' } } : federation.answerResource(request));
    expect(await (await federation.umaFetch()(`${federation.rs.url}/old`)).text()).toBe(NOTE);
    federation.evil.answer = () => ({ status: 302, headers: { location: federation.resourceUrl } });
    expect((await federation.umaFetch()(`${federation.evil.url}/x`)).status).toBe(401);
    expect(federation.asRo.requests).toHaveLength(1);
  });

  it('end after five, and are returned when the caller follows none', async () => {
    federation.rs.answer = async (request) => {
      const answer = await federation.answerResource(request);
      return answer.status === 200 ? { status: 302, headers: { location: '/again' } } : answer;
    };
    const umaFetch = federation.umaFetch();
    expect((await umaFetch(`${federation.rs.url}/again`)).status).toBe(302);
    expect(asked('/again')).toHaveLength(7);
    expect((await umaFetch(`${federation.rs.url}/again`, { redirect: 'manual' })).status).toBe(302);
    expect(asked('/again')).toHaveLength(8);
  });
});

describe('Time', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Answers nothing until it is aborted. */
  const silent: typeof fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      const { signal } = init ?? {};
      const fail = () => reject(signal?.reason as Error);
      if (signal?.aborted === true) fail();
      else signal?.addEventListener('abort', fail);
    });

  it('ends the call after 30 s', async () => {
    jest.useFakeTimers();
    const call = federation.umaFetch({ fetch: silent })('https://rs.example/');
    const outcome = expect(call).rejects.toThrow(expect.objectContaining({ code: 'deadline_exceeded', category: 'peer', step: 1 }));
    await jest.advanceTimersByTimeAsync(29_999);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await outcome;
  });

  it('of the sign-in does not count', async () => {
    const realFetch = globalThis.fetch;
    let reachedSignIn = (): void => undefined;
    const signInStarted = new Promise<void>((resolve) => (reachedSignIn = resolve));
    let finishSignIn = (): void => undefined;
    const signedIn = new Promise<void>((resolve) => (finishSignIn = resolve));
    const subjectToken = async () => {
      reachedSignIn();
      await signedIn;
      return { token: 'late', type: 'jwt' as const };
    };
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const call = federation.umaFetch({ subjectToken, fetch: realFetch })(federation.resourceUrl);
    await signInStarted;
    jest.advanceTimersByTime(3_600_000);
    finishSignIn();
    expect((await call).status).toBe(200);
  });

  it('is up for nobody else: the caller\'s own abort keeps its reason', async () => {
    const controller = new AbortController();
    const call = federation.umaFetch({ fetch: silent })('https://rs.example/', { signal: controller.signal });
    controller.abort(new Error('the caller left'));
    await expect(call).rejects.toThrow('the caller left');
  });

  it('is not kept once the headers are there', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    await federation.umaFetch()(federation.resourceUrl);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('Failures of the network', () => {
  it('of the resource server are those of fetch', async () => {
    const failing: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
    await expect(federation.umaFetch({ fetch: failing })('https://rs.example/')).rejects.toThrow(TypeError);
  });

  it('of an authorization server are UmaErrors', async () => {
    const { asRqp } = federation;
    const failing: typeof fetch = (input, init) => ((input as URL).href.startsWith(asRqp.url) ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init));
    await expect(federation.umaFetch({ fetch: failing })(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'peer_unreachable', step: 4 }));
  });

  it('never put a token into a message', async () => {
    federation.asRo.answer = (request) => (request.target === '/token' ? { status: 400, body: { error: 'invalid_grant', error_description: request.form['ticket'] ?? '' } } : federation.answerResourceOwnerServer(request));
    const error: unknown = await federation.umaFetch()(federation.resourceUrl).catch((reason: unknown) => reason);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/eyJ/);
  });
});
