import { isLoopbackUrl } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';

/**
 * Reads a URL that an authorization server's metadata or answer names.
 * @param issuer the server's issuer identifier, already accepted
 * @returns the URL: https, or, when the issuer itself is on loopback, http or https on loopback
 * @throws UmaError `insecure_url` for anything else, for user information and for a fragment (RFC 6749 3.2)
 */
export function endpointUrl(text: string | undefined, issuer: string): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') throw new UmaError('insecure_url');
  const secure = url.protocol === 'https:' && !isLoopbackUrl(url);
  if (!secure && !(isLoopbackUrl(url) && isLoopbackUrl(new URL(issuer)))) throw new UmaError('insecure_url');
  return url;
}
