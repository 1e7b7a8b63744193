import { genericGrantRequest } from 'openid-client';
import type { Settings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { findIdentityProvider } from './identity-provider.ts';
import { SignInError } from './sign-in-error.ts';
import { readSignIn, type SignedIn } from './signed-in.ts';

/**
 * Signs in with a password (RFC 6749 4.3), for scripts. RFC 9700 2.4: this grant MUST NOT be used; only the development identity
 * provider answers it.
 * @throws SignInError when the provider refuses
 */
export async function signInWithPassword(settings: Settings, password: string, surroundings: Surroundings): Promise<SignedIn> {
  const provider = await findIdentityProvider(settings, surroundings);
  const parameters = { username: settings.email, password, scope: 'openid email' };
  const tokens = await genericGrantRequest(provider, 'password', parameters).catch((cause: unknown) => {
    throw new SignInError(`The identity provider refused the password of ${settings.email}.`, { cause });
  });
  return readSignIn(tokens, settings.email, surroundings.clock.now());
}
