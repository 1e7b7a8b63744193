import { createHash, randomBytes } from 'node:crypto';
import type { Browser } from './browser.ts';
import type { Stop } from './browser.ts';
import { CALLBACK } from './running-provider.ts';

/** An authorization request with PKCE, and what is needed to redeem its code. */
export interface AuthorizationRequest {
  readonly url: string;
  readonly verifier: string;
}

/** Builds the URL of an authorization request for the web client; `changes` add and replace parameters. */
export function authorizationRequest(issuer: string, changes: Record<string, string> = {}): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = new URLSearchParams({
    client_id: 'web',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'the state',
    nonce: 'the nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  return { url: `${issuer}/authorize?${parameters.toString()}`, verifier };
}

/** Signs in on the page that the request leads to. */
export async function signIn(browser: Browser, url: string, values: Record<string, string>): Promise<Stop> {
  return browser.submit(await browser.open(url), { do: 'sign-in', ...values });
}

/** The parameters of the redirect back to the client. */
export function answer(stop: Stop): Record<string, string> {
  if (!stop.url.startsWith(CALLBACK)) throw new Error(`the browser stopped at ${stop.url} with ${stop.status}: ${stop.html}`);
  return Object.fromEntries(new URL(stop.url).searchParams);
}
