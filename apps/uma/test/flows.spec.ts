import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPES } from '@uma-federation/uma-core';
import { runUma } from '../src/run-uma.ts';
import type { Surroundings } from '../src/surroundings.ts';
import { fakeSurroundings, type FakeSurroundings } from './fake-surroundings.ts';
import { fakeJwt, FakeWorld, NOTE, type FakeAnswer, type FakeRequest } from './fake-world.ts';

let world: FakeWorld;
beforeAll(async () => {
  world = await FakeWorld.start();
});
beforeEach(() => world.reset());
afterAll(() => world.stop());

const noteUrl = () => `${world.base}/rs/notes/1`;
const BOB = ['--as', 'bob@globex.example'];

async function demo(changed: Partial<Surroundings> = {}): Promise<FakeSurroundings> {
  const surroundings = await fakeSurroundings(changed);
  await mkdir(join(surroundings.workingFolder, '.federation'));
  await writeFile(join(surroundings.workingFolder, '.federation', 'manifest.json'), JSON.stringify(world.manifest()));
  return surroundings;
}

/** Answers of a path, one after the other; then the world's own. */
function answers(path: string, ...given: ((request: FakeRequest) => FakeAnswer)[]): void {
  world.overrides.set(path, (request) => given.shift()?.(request));
}
const requestsOf = (path: string) => world.requests.filter(({ url }) => url.pathname === path);

describe('uma get --wait', () => {
  it('waits for the owner as long as told, and says so', async () => {
    const waits: number[] = [];
    const surroundings = await demo({ wait: async (milliseconds) => void waits.push(milliseconds) });
    answers('/as-ro/token', () => ({ status: 403, body: { error: 'request_submitted', ticket: 't2', interval: 30 } }), () => ({ status: 403, body: { error: 'request_submitted', ticket: 't3', interval: 30 } }));
    expect(await runUma(['get', noteUrl(), ...BOB, '--wait', '2m'], surroundings)).toBe(0);
    expect(surroundings.written.stdout()).toBe(NOTE);
    expect(waits).toEqual([30_000, 30_000]);
    expect(surroundings.written.stderr().match(/The owner has been asked\. Asking again in 30 seconds\./g)).toHaveLength(2);
  });

  it('gives up with 4 when the owner is silent for longer', async () => {
    const surroundings = await demo({ wait: async () => undefined });
    world.overrides.set('/as-ro/token', () => ({ status: 403, body: { error: 'request_submitted', ticket: `t${world.requests.length}`, interval: 50 } }));
    expect(await runUma(['get', noteUrl(), ...BOB, '--wait', '2m'], surroundings)).toBe(4);
    expect(requestsOf('/as-ro/token')).toHaveLength(3);
    expect(surroundings.written.stderr()).toContain('Try again in 50 seconds or later');
  });

  it('is 6 with the time to stay away when a server has had enough', async () => {
    const surroundings = await demo();
    answers('/as-ro/token', () => ({ status: 429, headers: { 'retry-after': '17' }, body: { error: 'too_many_requests' } }));
    expect(await runUma(['get', noteUrl(), ...BOB], surroundings)).toBe(6);
    expect(surroundings.written.stderr()).toContain('Try again in 17 seconds.');
  });
});

describe('The other ways to speak', () => {
  it('--dialect ticket-challenge sends the challenge and pushed_claims', async () => {
    const surroundings = await demo();
    answers('/as-rqp/token', ({ form }) => {
      const access_token = fakeJwt(TOKEN_TYPES.identityClaims, { aud: `${world.base}/as-ro`, ticket_challenge: form.get('ticket_challenge') });
      return { status: 200, body: { access_token, issued_token_type: 'urn:ietf:params:oauth:token-type:jwt', token_type: 'N_A' } };
    });
    expect(await runUma(['get', noteUrl(), ...BOB, '--dialect', 'ticket-challenge', '--trace'], surroundings)).toBe(0);
    expect(requestsOf('/as-ro/token')[0]?.form.has('pushed_claims')).toBe(true);
    expect(surroundings.written.stderr()).toMatch(/pushed_claims: eyJ\w{5}…/);
  });

  it('--oauth-profile exchanges at the owner\'s server', async () => {
    const surroundings = await demo();
    answers('/as-ro/token', () => ({ status: 200, body: { access_token: 'opaque', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 60 } }));
    expect(await runUma(['get', noteUrl(), ...BOB, '--oauth-profile'], surroundings)).toBe(0);
    expect(requestsOf('/as-ro/token')[0]?.form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:token-exchange');
  });

  it('--claims-when-asked signs nobody in for what is open to everybody', async () => {
    const surroundings = await demo();
    expect(await runUma(['get', noteUrl(), ...BOB, '--claims-when-asked'], surroundings)).toBe(0);
    expect(world.paths).not.toContain('/idp/token');
    expect(requestsOf('/as-ro/token')[0]?.form.has('claim_token')).toBe(false);
  });

  it('--uma-1 gets an RPT and a permission, and shows no token', async () => {
    const surroundings = await demo();
    const asUri = `${world.base}/as-ro`;
    const rpt = 'uma1_0123456789012345678901234567890123456789012';
    const challenge = { 'www-authenticate': `UMA realm="rs", as_uri="${asUri}"` };
    answers('/rs/notes/1', () => ({ status: 401, headers: challenge }), () => ({ status: 403, headers: challenge, body: { ticket: 'ticket-of-the-old-kind' } }));
    world.overrides.set('/as-ro/.well-known/uma-configuration', () => ({ status: 200, body: { issuer: asUri, rpt_endpoint: `${asUri}/rpt`, authorization_request_endpoint: `${asUri}/authz` } }));
    world.overrides.set('/as-ro/rpt', () => ({ status: 201, body: { rpt } }));
    world.overrides.set('/as-ro/authz', () => ({ status: 200, body: { rpt } }));
    expect(await runUma(['get', noteUrl(), ...BOB, '--uma-1', '--trace'], surroundings)).toBe(0);
    expect(surroundings.written.stdout()).toBe(NOTE);
    expect(requestsOf('/rs/notes/1').at(-1)?.headers.authorization).toBe(`Bearer ${rpt}`);
    expect(JSON.parse(requestsOf('/as-ro/authz')[0]?.body ?? '')).toEqual({ rpt, ticket: 'ticket-of-the-old-kind' });
    const trace = surroundings.written.stderr();
    expect(trace).toContain('Ask for what the ticket stands for');
    for (const secret of [rpt, 'ticket-of-the-old-kind']) expect(trace).not.toContain(secret);
  });
});

describe('uma claims and uma forget', () => {
  const issuer = () => `${world.base}/as-ro`;
  /** AS-RO protects what it remembers by UMA itself. */
  function remembers(path: string, answer: (request: FakeRequest) => FakeAnswer): void {
    world.overrides.set(path, (request) => (request.headers.authorization === undefined ? world.challenge(request.url) : answer(request)));
  }

  it('shows what an AS-RO remembers, after the ordinary dance there', async () => {
    const surroundings = await demo();
    const entry = { id: 'pc_1', client_id: 'demo', issuer: 'https://as.globex.example', claims: { email: 'bob@globex.example', groups: ['a'], evil: '\u001b[2J' }, created_at: '2027-01-01T00:00:00Z', expires_at: '2027-02-01T00:00:00Z' };
    remembers('/as-ro/persisted-claims', () => ({ status: 200, body: { persisted_claims: [entry] } }));
    expect(await runUma(['claims', issuer(), ...BOB], surroundings)).toBe(0);
    expect(surroundings.written.stdout()).toBe(
      'pc_1  by client demo, vouched for by https://as.globex.example, until 2027-02-01T00:00:00Z\n    email: bob@globex.example\n    groups: ["a"]\n    evil: \\u001b[2J\n',
    );
    expect(requestsOf('/as-rqp/token')).toHaveLength(1);
  });

  it('makes it forget one, or all', async () => {
    const surroundings = await demo();
    remembers('/as-ro/persisted-claims/pc%2F1', () => ({ status: 204 }));
    remembers('/as-ro/persisted-claims', () => ({ status: 204 }));
    expect(await runUma(['forget', issuer(), 'pc/1', ...BOB], surroundings)).toBe(0);
    expect(await runUma(['forget', `${issuer()}/`, '--all', ...BOB], surroundings)).toBe(0);
    expect(world.requests.filter(({ url }) => url.pathname.startsWith('/as-ro/persisted-claims')).map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'DELETE /as-ro/persisted-claims/pc%2F1',
      'DELETE /as-ro/persisted-claims/pc%2F1',
      'DELETE /as-ro/persisted-claims',
      'DELETE /as-ro/persisted-claims',
    ]);
  });

  it('says when there is nothing, or no sense in the answer', async () => {
    const surroundings = await demo();
    remembers('/as-ro/persisted-claims/pc_2', () => ({ status: 404, body: { error: 'not_found' } }));
    expect(await runUma(['forget', issuer(), 'pc_2', ...BOB], surroundings)).toBe(7);
    expect(surroundings.written.stderr()).toContain('Nothing of that kind');
    remembers('/as-ro/persisted-claims', () => ({ status: 200, body: 'x' }));
    expect(await runUma(['claims', issuer(), ...BOB], surroundings)).toBe(6);
  });
});

describe('What an owner does', () => {
  // The fake identity provider makes ID tokens for real time.
  const now = Math.floor(Date.now() / 1000);
  const clock = { now: () => now };
  const run = async (words: string[], answer?: FakeAnswer) => {
    const surroundings = await demo({ clock });
    world.overrides.set(`/as-ro/owner${answer === undefined ? '' : pathOf(words)}`, () => answer);
    const code = await runUma([...words, ...BOB], surroundings);
    const [request] = world.requests.filter(({ url }) => url.pathname.startsWith('/as-ro/owner'));
    return { code, request, stdout: surroundings.written.stdout(), stderr: surroundings.written.stderr() };
  };
  const pathOf = ([name = '', id = '']: string[]) =>
    ({ resources: '/resources', shares: '/shares', share: '/shares', requests: '/requests', unshare: `/shares/${id}`, approve: `/requests/${id}/approve`, deny: `/requests/${id}/deny` })[name] ?? '';

  it('is done with an ID token of the owner\'s own provider', async () => {
    const { code, request, stdout } = await run(['resources'], { status: 200, body: { resources: [{ _id: 'res_1', resource_scopes: ['view', 'edit'], name: 'Note 1', uri: 'https://rs.example/1' }] } });
    expect(code).toBe(0);
    expect(stdout).toBe('res_1  view edit  Note 1  https://rs.example/1\n');
    const [scheme, token = ''] = request?.headers.authorization?.split(' ') ?? [];
    expect([scheme, atob(token.split('.')[0] ?? '')]).toEqual(['Bearer', expect.stringContaining('"typ":"JWT"')]);
  });

  it('shows who asks for what, and approves or denies', async () => {
    const waiting = { id: 'req_1', status: 'pending', requesting_party: 'eve@bar.example', client_id: 'app', permissions: [{ resource_id: 'res_1', resource_scopes: ['view'] }], created_at: '2027-01-15T08:00:00.000Z' };
    expect((await run(['requests'], { status: 200, body: { requests: [waiting] } })).stdout).toBe('req_1  pending  eve@bar.example (client app) wants res_1 view, since 2027-01-15T08:00:00.000Z\n');
    world.reset();
    const share = { id: 'shr_1', resource_id: 'res_1', scopes: ['view'], grantee: { email: 'eve@bar.example' }, conditions: {}, expires_at: '2027-01-15T10:00:00.000Z' };
    const approved = await run(['approve', 'req_1', '--scope', 'view', '--until', '2h'], { status: 201, body: { shares: [share] } });
    expect(approved).toMatchObject({ code: 0, stdout: 'shr_1  res_1  view  with eve@bar.example, until 2027-01-15T10:00:00.000Z\n' });
    expect(approved.request?.method).toBe('POST');
    expect(JSON.parse(approved.request?.body ?? '')).toEqual({ scopes: ['view'], expires_at: now + 7200 });
    world.reset();
    expect(await run(['deny', 'req_1'], { status: 204 })).toMatchObject({ code: 0, stdout: 'Denied.\n', request: expect.objectContaining({ method: 'POST', body: '' }) });
  });

  it('shares with conditions, as the owner API writes them, and takes back', async () => {
    const answer = { status: 201, body: { id: 'shr_2', resource_id: 'res_1', scopes: ['view'], grantee: { domain: 'bar.example' }, conditions: { ask: true } } };
    const shared = await run(['share', 'res_1', 'view', '--domain', 'bar.example', '--ask', '--acr', 'otp', '--until', '2027-02-01T00:00:00Z'], answer);
    expect(shared).toMatchObject({ code: 0, stdout: 'shr_2  res_1  view  with everybody at bar.example, after asking\n' });
    expect(JSON.parse(shared.request?.body ?? '')).toEqual({
      resource_id: 'res_1',
      scopes: ['view'],
      grantee: { domain: 'bar.example' },
      expires_at: '2027-02-01T00:00:00Z',
      conditions: { acr_values: ['otp'], ask: true },
    });
    world.reset();
    const open = await run(['share', 'res_1', 'view', '--anyone', '--unidentified'], { status: 201, body: { ...answer.body, grantee: { anyone: true, unidentified: true }, conditions: {} } });
    expect(JSON.parse(open.request?.body ?? '')).toEqual({ resource_id: 'res_1', scopes: ['view'], grantee: { anyone: true, unidentified: true } });
    expect(open.stdout).toBe('shr_2  res_1  view  with anyone, unidentified too\n');
    world.reset();
    expect(await run(['unshare', 'shr_2'], { status: 204 })).toMatchObject({ code: 0, request: expect.objectContaining({ method: 'DELETE' }) });
  });

  it('names a resource by its URL, too, and says when none of theirs has it', async () => {
    world.overrides.set('/as-ro/owner/resources', () => ({ status: 200, body: { resources: [{ _id: 'res_1', uri: 'https://rs.example/1' }, { _id: 'res_2', uri: 'https://rs.example/2' }] } }));
    const answer = { status: 201, body: { id: 'shr_2', resource_id: 'res_2', scopes: ['view'], grantee: { email: 'eve@bar.example' }, conditions: {} } };
    expect((await run(['share', 'https://rs.example/2', 'view', '--with', 'eve@bar.example'], answer)).code).toBe(0);
    const sent = world.requests.find(({ url }) => url.pathname === '/as-ro/owner/shares');
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ resource_id: 'res_2' });
    expect(await run(['share', 'https://rs.example/3', 'view', '--with', 'eve@bar.example'], answer)).toMatchObject({ code: 1, stderr: expect.stringContaining('None of your resources') });
  });

  it.each([
    [{ status: 404, body: { error: 'not_found', error_description: 'gone \u001b[31m' } }, 7, 'answered 404: not_found: gone \\u001b[31m'],
    [{ status: 401, body: 'no' }, 7, 'answered 401.'],
    [{ status: 200, body: 'no JSON' }, 6, 'malformed_answer'],
  ])('says what the server refused: %j', async (answer, code, words) => {
    const outcome = await run(['shares'], answer);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(words);
  });

  it('needs to know which server is theirs, and follows none of its redirects with the token', async () => {
    const surroundings = await fakeSurroundings();
    const flags = ['--as', 'bob@globex.example', '--identity-provider', `${world.base}/idp`, '--as-rqp', `${world.base}/as-rqp`, '--client-id', 'demo'];
    expect(await runUma(['shares', ...flags], surroundings)).toBe(1);
    expect(surroundings.written.stderr()).toContain('--as-ro');
    expect(await runUma(['shares', ...flags, '--as-ro', 'http://as.acme.example'], surroundings)).toBe(1);
    expect((await run(['shares'], { status: 307, headers: { location: `${world.base}/elsewhere` } })).code).toBe(6);
    expect(world.paths).not.toContain('/elsewhere');
  });

  it('signs in anew when the kept sign-in has no ID token that lasts', async () => {
    const surroundings = await demo({ openBrowser: (url) => void fetch(url), clock: { now: () => Math.floor(Date.now() / 1000) } });
    world.overrides.set('/as-ro/owner/shares', () => ({ status: 200, body: { shares: [] } }));
    await runUma(['login', ...BOB, '--browser'], surroundings);
    expect(await runUma(['shares', ...BOB, '--browser'], surroundings)).toBe(0);
    expect(requestsOf('/idp/authorize')).toHaveLength(1);
    const later = { ...surroundings, clock: { now: () => Math.floor(Date.now() / 1000) + 400 } };
    // The access token lasts for 900 seconds, the ID token for 300: it takes another sign-in, whose ID token this clock finds too old as well.
    expect(await runUma(['shares', ...BOB, '--browser'], later)).toBe(2);
    expect(requestsOf('/idp/authorize')).toHaveLength(2);
  });
});
