import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authorizationRequest, signIn } from './support/authorization.ts';
import { Browser } from './support/browser.ts';
import type { Stop } from './support/browser.ts';
import { BOB, startProvider } from './support/running-provider.ts';
import type { RunningProvider } from './support/running-provider.ts';

const BOB_SIGNS_IN = { email: BOB.email, password: BOB.password };

describe('the pages of the development identity provider', () => {
  let provider: RunningProvider;
  let pages: Record<string, Stop>;
  beforeAll(async () => {
    provider = await startProvider({ displayName: 'Globex <sign-in>' });
    const browser = new Browser();
    pages = {
      home: await browser.open(`${provider.issuer}/`),
      'sign-in': await browser.open(authorizationRequest(provider.issuer).url),
      error: await browser.open(authorizationRequest(provider.issuer, { client_id: 'nobody' }).url),
      expired: await browser.open(`${provider.issuer}/interaction/unknown`),
      consent: await signIn(browser, authorizationRequest(provider.issuer, { prompt: 'login consent' }).url, BOB_SIGNS_IN),
    };
  });
  afterAll(() => provider.close());

  it.each(['home', 'sign-in', 'error', 'expired', 'consent'])('say on the %s page that this is not for production', (name) => {
    expect(pages[name]?.html).toContain('Development identity provider. Never for production.');
  });

  it.each(['home', 'sign-in', 'error', 'expired', 'consent'])('load nothing, run nothing and cannot be framed: the %s page', (name) => {
    const page = pages[name];
    const policy = page?.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page?.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page?.headers.get('cache-control')).toContain('no-store');
    expect(page?.html).not.toMatch(/<script|src=|@import|url\(|\son\w+=/i);
  });

  it('answer what cannot be sent to an application with a status and a page', () => {
    expect(pages['error']?.status).toBe(400);
    expect(pages['expired']?.status).toBe(400);
  });

  it('escape what came over the wire and what was configured', async () => {
    const hint = '"><script>alert(1)</script>';
    const page = await new Browser().open(authorizationRequest(provider.issuer, { login_hint: hint }).url);
    expect(page.html).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(page.html).not.toContain('<script>');
    expect(page.html).toContain('Globex &lt;sign-in&gt;');
  });

  it('take a form only from the browser that began', async () => {
    const page = await new Browser().open(authorizationRequest(provider.issuer).url);
    const stolen = await new Browser().submit(page, { do: 'sign-in', email: BOB.email, password: BOB.password });
    expect({ status: stolen.status, started: stolen.html.includes('it began in another browser') }).toEqual({ status: 400, started: true });
  });

  it('take a form only for the sign-in that its path names', async () => {
    const browser = new Browser();
    await browser.open(authorizationRequest(provider.issuer).url);
    const response = await fetch(`${provider.issuer}/interaction/another`, {
      method: 'POST',
      headers: { cookie: browser.allCookies() },
      body: new URLSearchParams({ do: 'sign-in', ...BOB_SIGNS_IN }),
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
  });

  it('take no form that is too large', async () => {
    const browser = new Browser();
    const page = await browser.open(authorizationRequest(provider.issuer).url);
    expect((await browser.submit(page, { email: 'x'.repeat(20_000) })).status).toBe(400);
  });

  it('state the development code where a code is asked for', async () => {
    const page = await new Browser().open(authorizationRequest(provider.issuer, { acr_values: 'urn:uma-federation:acr:otp' }).url);
    expect(page.html).toContain('the code is <code>000000</code>');
    expect(pages['sign-in']?.html).not.toContain('000000');
  });
});
