import { authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import type { Settings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { findIdentityProvider } from './identity-provider.ts';
import { LoopbackReceiver } from './loopback-receiver.ts';
import { SignInError } from './sign-in-error.ts';
import { readSignIn, type SignedIn } from './signed-in.ts';

/** How long a person may take. */
const PATIENCE_MS = 5 * 60 * 1000;

/** What a sign-in must fulfil (RFC 9470). */
export interface SignInDemand {
  /** Authentication context classes, best first. */
  readonly acrValues: readonly string[];
  readonly maxAgeSeconds?: number | undefined;
}

/** How the browser is used. */
export interface BrowserSignIn {
  readonly open: boolean;
  readonly demand?: SignInDemand | undefined;
}

/**
 * Signs in with the system's browser: authorization code with PKCE, `state`, `nonce`, and the issuer checked in the redirect
 * (RFC 8252, RFC 7636, RFC 9207, OpenID Connect Core 3.1).
 * @param how `open` false: only print the URL; `demand`: level and age of the sign-in (RFC 9470 4)
 * @throws SignInError when the person does not come back in time, refuses, or is somebody else
 */
export async function signInWithBrowser(settings: Settings, { open, demand }: BrowserSignIn, surroundings: Surroundings): Promise<SignedIn> {
  const provider = await findIdentityProvider(settings, surroundings);
  const maxAge = demand?.maxAgeSeconds;
  const receiver = await LoopbackReceiver.start(settings.redirectUri);
  try {
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const url = buildAuthorizationUrl(provider, {
      redirect_uri: receiver.redirectUri,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      login_hint: settings.email,
      ...(demand === undefined || demand.acrValues.length === 0 ? {} : { acr_values: demand.acrValues.join(' ') }),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
    });
    const redirected = receiver.receive(state, PATIENCE_MS);
    surroundings.stderr.write(`Sign in as ${settings.email}:\n${url.href}\n`);
    if (open) surroundings.openBrowser(url.href);
    const current = await redirected;
    if (current === undefined) throw new SignInError('Nobody came back from the identity provider within five minutes.');
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, ...(maxAge === undefined ? {} : { maxAge }) };
    const tokens = await authorizationCodeGrant(provider, current, checks).catch((cause: unknown) => {
      throw new SignInError(`The identity provider did not sign ${settings.email} in.`, { cause });
    });
    return readSignIn(tokens, settings.email, surroundings.clock.now());
  } finally {
    receiver.stop();
  }
}
