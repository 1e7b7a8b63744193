import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runUma } from '../src/run-uma.ts';
import type { Surroundings } from '../src/surroundings.ts';
import { fakeSurroundings, type FakeSurroundings } from './fake-surroundings.ts';
import { CLIENT_SECRET, FakeWorld, NOTE, type FakeAnswer } from './fake-world.ts';

let world: FakeWorld;
beforeAll(async () => {
  world = await FakeWorld.start();
});
beforeEach(() => world.reset());
afterAll(() => world.stop());

const noteUrl = () => `${world.base}/rs/notes/1`;
const answer = (path: string, given: FakeAnswer) => world.overrides.set(path, () => given);

/** Surroundings with the world's manifest where `uma` looks for it. */
async function demo(changed: Partial<Surroundings> = {}, stdin = ''): Promise<FakeSurroundings> {
  const surroundings = await fakeSurroundings(changed, stdin);
  await mkdir(join(surroundings.workingFolder, '.federation'));
  await writeFile(join(surroundings.workingFolder, '.federation', 'manifest.json'), JSON.stringify(world.manifest()));
  return surroundings;
}

/** A browser that follows the provider's redirect. */
const browser = (url: string) => void fetch(url);

describe('uma get', () => {
  it('prints the body to stdout, and nothing else, with a person of the manifest', async () => {
    const surroundings = await demo();
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example'], surroundings)).toBe(0);
    expect(surroundings.written.stdout()).toBe(NOTE);
    expect(surroundings.written.stderr()).toBe('Development only: signing bob@globex.example in with a password.\n');
  });

  it('signs nobody in when the resource needs no token', async () => {
    answer('/rs/open', { status: 200, body: 'open' });
    const surroundings = await demo();
    expect(await runUma(['get', `${world.base}/rs/open`, '--as', 'bob@globex.example'], surroundings)).toBe(0);
    expect(world.paths).toEqual(['/rs/open']);
    expect(surroundings.written.stderr()).toBe('');
  });

  it('traces the ten steps to stderr without one complete token or secret', async () => {
    const surroundings = await demo();
    await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--trace'], surroundings);
    const trace = surroundings.written.stderr();
    expect(trace.match(/^ ?\d+\. /gm)).toEqual([' 1. ', ' 2. ', ' 3. ', ' 4. ', ' 5. ', ' 6. ', ' 7. ', ' 8. ', ' 9. ', '10. ']);
    expect(world.tokens.length).toBeGreaterThanOrEqual(6);
    for (const token of world.tokens) expect(trace).not.toContain(token);
    for (const part of world.tokens.flatMap((token) => token.split('.'))) expect(trace).not.toContain(part);
    expect(trace).not.toContain(CLIENT_SECRET);
    expect(trace).not.toContain(btoa(`demo:${CLIENT_SECRET}`));
    expect(trace).toContain('typ: uma-resource-claims+jwt');
    expect(surroundings.written.stdout()).toBe(NOTE);
    for (const line of trace.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
  });

  it('sends method, headers and data again after the challenge, and writes the body to a file', async () => {
    const surroundings = await demo();
    const file = join(surroundings.workingFolder, 'out.txt');
    const words = ['get', noteUrl(), '--as', 'bob@globex.example', '-X', 'put', '-d', 'new text', '-H', 'X-Mine: 1', '-o', file];
    expect(await runUma(words, surroundings)).toBe(0);
    const sent = world.requests.filter(({ url }) => url.pathname === '/rs/notes/1');
    expect(sent.map(({ method, body, headers }) => [method, body, headers['x-mine']])).toEqual(Array(2).fill(['PUT', 'new text', '1']));
    expect(surroundings.written.stdout()).toBe('');
    expect(await readFile(file, 'utf8')).toBe(NOTE);
  });

  it('sends a file as data and tells AS-RqP the owner when it is known', async () => {
    const surroundings = await demo();
    const file = join(surroundings.workingFolder, 'in.bin');
    await writeFile(file, 'from a file');
    await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--data', `@${file}`, '--owner', 'alice@acme.example'], surroundings);
    expect(world.requests.at(-1)).toMatchObject({ method: 'POST', body: 'from a file' });
    expect(world.requests.find(({ url }) => url.pathname === '/as-rqp/token')?.form.get('resource')).toBe('mailto:alice@acme.example');
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--owner', 'alice'], surroundings)).toBe(1);
  });

  it('takes the password from stdin or a file instead of the manifest', async () => {
    const byStdin = await demo({}, 'wrong\n');
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--password-stdin'], byStdin)).toBe(2);
    const byFile = await demo();
    const file = join(byFile.workingFolder, 'password');
    await writeFile(file, 'pw-bob\n');
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--password-file', file], byFile)).toBe(0);
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--password-stdin'], await demo())).toBe(1);
  });
});

describe('The exit code of uma get', () => {
  const get = async (words: string[] = []) => {
    const surroundings = await demo();
    const code = await runUma(['get', noteUrl(), '--as', 'bob@globex.example', ...words], surroundings);
    return { code, stderr: surroundings.written.stderr(), stdout: surroundings.written.stdout() };
  };

  it('is 2 when the sign-in fails, with the provider\'s words made harmless', async () => {
    const surroundings = await demo({}, 'wrong');
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--password-stdin'], surroundings)).toBe(2);
    expect(surroundings.written.stderr()).toContain('It said: invalid_grant: wrong \\u001b[31mpassword');
  });

  it('is 2 when somebody else signs in', async () => {
    world.signsIn = 'mallory@globex.example';
    const { code, stderr } = await get();
    expect(code).toBe(2);
    expect(stderr).toContain('mallory@globex.example signed in instead of bob@globex.example');
    expect(world.paths).not.toContain('/as-rqp/token');
  });

  it('is 3 when AS-RO denies, and when the resource server does', async () => {
    answer('/as-ro/token', { status: 403, body: { error: 'request_denied' } });
    expect(await get()).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('Ask the owner to share it with you') });
    answer('/rs/notes/1', { status: 403, body: 'no' });
    expect(await get()).toMatchObject({ code: 3, stdout: 'no' });
  });

  it('is 4 when more information is needed, and says which', async () => {
    answer('/as-ro/token', { status: 403, body: { error: 'need_info', ticket: 'next', required_claims: [{ friendly_name: 'A step-up' }], acr_values: 'otp', redirect_user: 'https://as.example/claims' } });
    const { code, stderr } = await get();
    expect(code).toBe(4);
    expect(stderr).toMatch(/needed: A step-up\n.*sign-in level: otp\n.*see https:\/\/as\.example\/claims/);
    answer('/as-ro/token', { status: 403, body: { error: 'request_submitted', ticket: 'next', interval: 9 } });
    expect(await get()).toMatchObject({ code: 4, stderr: expect.stringContaining('Try again in 9 seconds or later') });
  });

  it('is 4, not 3, when the same sign-in cannot supply what is missing: one fresh exchange and no more', async () => {
    world.overrides.set('/as-ro/token', () => world.needInfo(noteUrl()));
    expect((await get()).code).toBe(4);
    expect(world.paths.filter((path) => path === '/idp/token')).toHaveLength(1);
    expect(world.paths.filter((path) => path === '/as-rqp/token')).toHaveLength(2);
    expect(world.paths.filter((path) => path === '/as-ro/token')).toHaveLength(2);
  });

  it('is 5 when a client duty ends it, with no request to an authorization server', async () => {
    answer('/rs/notes/1', { status: 401, headers: { 'www-authenticate': `UMA as_uri="${world.base}/as-ro", ticket="t", resource_claims_token="x"` } });
    const { code, stderr } = await get();
    expect(code).toBe(5);
    expect(stderr).toContain('No token was sent');
    expect(world.paths).toEqual(['/rs/notes/1']);
  });

  it('is 6 when a server cannot be reached or the resource server has no authorization server', async () => {
    answer('/as-ro/token', { status: 500, body: 'oops' });
    expect((await get()).code).toBe(6);
    answer('/rs/notes/1', { status: 403, headers: { warning: '199 - "UMA Authorization Server Unreachable"' } });
    expect((await get()).code).toBe(6);
    const surroundings = await demo();
    const gone = await FakeWorld.start();
    const { base } = gone;
    await gone.stop();
    expect(await runUma(['get', base, '--as', 'bob@globex.example'], surroundings)).toBe(6);
    expect(surroundings.written.stderr()).toBe('uma: the resource server cannot be reached.\n');
  });

  it('is 7 for another status of the resource, whose body is still printed', async () => {
    answer('/rs/notes/1', { status: 404, body: 'nothing here' });
    expect(await get()).toMatchObject({ code: 7, stdout: 'nothing here', stderr: 'The resource server answered 404.\n' });
  });

  it('is 1 for a usage error and for a person that nothing is known about', async () => {
    const surroundings = await demo();
    expect(await runUma(['get'], surroundings)).toBe(1);
    expect(await runUma(['fly'], surroundings)).toBe(1);
    expect(await runUma(['get', noteUrl()], surroundings)).toBe(1);
    expect(surroundings.written.stderr()).toContain('one of alice@acme.example, bob@globex.example');
    expect(await runUma(['get', noteUrl(), '--as', 'carol@elsewhere.example'], surroundings)).toBe(1);
  });
});

describe('Signing in with the browser', () => {
  it('uses the native client with PKCE, state and nonce, and keeps the token with mode 0600', async () => {
    const surroundings = await demo({ openBrowser: browser });
    expect(await runUma(['login', '--as', 'bob@globex.example', '--browser'], surroundings)).toBe(0);
    const { searchParams } = world.requests.find(({ url }) => url.pathname === '/idp/authorize')?.url ?? new URL(world.base);
    expect(Object.fromEntries(searchParams)).toMatchObject({ client_id: 'demo-native', code_challenge_method: 'S256', response_type: 'code', login_hint: 'bob@globex.example' });
    expect(searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(searchParams.get('state')?.length).toBeGreaterThan(30);
    expect(searchParams.get('nonce')?.length).toBeGreaterThan(30);
    expect(world.requests.at(-1)?.form.get('code_verifier')?.length).toBeGreaterThan(40);
    expect((await stat(join(surroundings.configFolder, 'tokens.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(surroundings.configFolder)).mode & 0o777).toBe(0o700);
  });

  it('happens once: whoami knows the person, get uses the kept token, logout forgets it', async () => {
    const surroundings = await demo({ openBrowser: browser });
    await runUma(['login', '--as', 'bob@globex.example', '--browser'], surroundings);
    expect(await runUma(['whoami'], surroundings)).toBe(0);
    expect(surroundings.written.stdout()).toBe(`bob@globex.example at ${world.base}/idp, 15 minutes left\n`);
    world.requests.length = 0;
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--browser'], surroundings)).toBe(0);
    expect(world.paths.filter((path) => path.startsWith('/idp'))).toEqual([]);
    expect(world.requests.find(({ url }) => url.pathname === '/as-rqp/token')?.form.get('client_id')).toBe('demo-native');
    expect(await runUma(['logout'], surroundings)).toBe(0);
    expect(await runUma(['whoami'], surroundings)).toBe(2);
  });

  it('prints the URL instead with --no-browser', async () => {
    const surroundings = await demo();
    const running = runUma(['login', '--as', 'bob@globex.example', '--no-browser'], surroundings);
    const url = await new Promise<string>((resolve) => {
      const look = () => {
        const found = /^http.*authorize.*$/m.exec(surroundings.written.stderr())?.[0];
        if (found === undefined) setImmediate(look);
        else resolve(found);
      };
      look();
    });
    browser(url);
    expect(await running).toBe(0);
  });

  it('happens again, with the level and age that AS-RO demands, once', async () => {
    world.overrides.set('/as-ro/token', () => world.needInfo(noteUrl()));
    const surroundings = await demo({ openBrowser: browser });
    expect(await runUma(['get', noteUrl(), '--as', 'bob@globex.example', '--browser'], surroundings)).toBe(4);
    const asked = world.requests.filter(({ url }) => url.pathname === '/idp/authorize').map(({ url }) => url.searchParams);
    expect(asked.map((parameters) => [parameters.get('acr_values'), parameters.get('max_age')])).toEqual([[null, null], ['otp', '300']]);
    expect(surroundings.written.stderr()).toContain('stronger or fresher sign-in');
  });

  it('does not keep a sign-in with a password', async () => {
    const surroundings = await demo();
    expect(await runUma(['login', '--as', 'bob@globex.example'], surroundings)).toBe(0);
    expect(surroundings.written.stderr()).toContain('Development only');
    expect(await runUma(['whoami'], surroundings)).toBe(2);
  });

  it('is refused when the redirect names another issuer', async () => {
    const mixedUp = (url: string) => {
      const { searchParams } = new URL(url);
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '', iss: 'https://evil.example' }).toString();
      void fetch(back);
    };
    const surroundings = await demo({ openBrowser: mixedUp });
    expect(await runUma(['login', '--as', 'bob@globex.example', '--browser'], surroundings)).toBe(2);
    expect(world.paths).not.toContain('/idp/token');
  });
});

describe('uma discover', () => {
  it('shows both authorization servers of the domain', async () => {
    const surroundings = await demo();
    expect(await runUma(['discover', 'bob@globex.example'], surroundings)).toBe(0);
    const report = surroundings.written.stdout();
    expect(report).toContain(`issuer          ${world.base}/as-rqp\n`);
    expect(report).toContain(`issuer          ${world.base}/as-ro\n`);
    expect(report).toContain(`token_endpoint  ${world.base}/as-ro/token`);
    expect(report).toContain('acct%3Abob%40globex.example');
  });

  it('says when metadata name another issuer or nothing is there', async () => {
    answer('/.well-known/oauth-authorization-server/as-rqp', { status: 200, body: { issuer: 'https://evil.example' } });
    const surroundings = await demo();
    expect(await runUma(['discover', 'bob@globex.example'], surroundings)).toBe(6);
    expect(surroundings.written.stdout()).toContain('WRONG');
    answer('/.well-known/webfinger', { status: 404 });
    expect(await runUma(['discover', 'bob@globex.example'], surroundings)).toBe(6);
    expect(await runUma(['discover', 'bob'], surroundings)).toBe(1);
  });
});

describe('uma help', () => {
  it('names every exit code', async () => {
    const surroundings = await fakeSurroundings();
    expect(await runUma([], surroundings)).toBe(0);
    for (const code of ['0 done', '1 usage', '2 sign-in', '3 denied', '4 more', '5 aborted', '6 a server', '7 another', '70 a fault']) {
      expect(surroundings.written.stdout()).toContain(code);
    }
  });
});
