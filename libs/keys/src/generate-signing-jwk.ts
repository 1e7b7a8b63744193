import { generateKeyPairSync } from 'node:crypto';
import { type JsonObject, jwkThumbprint, type PublicJwk } from '@uma-federation/uma-core';

/**
 * A fresh ES256 signing key (security.md section 4 rule 10).
 * @returns a private JWK with `alg`, `use` and, as `kid`, its RFC 7638 thumbprint
 */
export async function generateSigningJwk(): Promise<JsonObject> {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as PublicJwk & { d: string };
  return { ...jwk, kid: await jwkThumbprint(jwk), alg: 'ES256', use: 'sig' } as JsonObject;
}
