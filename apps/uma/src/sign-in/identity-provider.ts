import { ClientSecretBasic, None, allowInsecureRequests, customFetch, discovery, type Configuration } from 'openid-client';
import { isLoopbackUrl } from '@uma-federation/uma-core';
import type { Settings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { SignInError } from './sign-in-error.ts';

const TIMEOUT_SECONDS = 15;

/**
 * Finds the person's identity provider (OpenID Connect Discovery 4; `issuer` is checked there). http is allowed on loopback only.
 * @throws SignInError when it cannot be reached or its metadata are not acceptable
 */
export async function findIdentityProvider({ identityProvider, client }: Settings, surroundings: Surroundings): Promise<Configuration> {
  const issuer = new URL(identityProvider);
  const authentication = client.clientSecret === undefined ? None() : ClientSecretBasic(client.clientSecret);
  try {
    return await discovery(issuer, client.clientId, undefined, authentication, {
      execute: isLoopbackUrl(issuer) ? [allowInsecureRequests] : [],
      timeout: TIMEOUT_SECONDS,
      [customFetch]: (url, options) => surroundings.fetch(url, options as RequestInit),
    });
  } catch (cause) {
    throw new SignInError(`The identity provider ${identityProvider} cannot be reached or is not acceptable.`, { cause });
  }
}
