import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';

/**
 * Makes the provider's private keys: ES256 for its own clients and access tokens, RS256 because OpenID Connect Core 15.1
 * makes it mandatory. Give them back as `keys` in the configuration and tokens survive a restart.
 * @returns a private JSON Web Key Set
 */
export async function generateSigningKeys(): Promise<{ keys: JWK[] }> {
  return { keys: await Promise.all(['ES256', 'RS256'].map(generate)) };
}

/**
 * Names the algorithm of each key.
 * @throws Error when there is no ES256 or no RS256 key
 */
export function checkSigningKeys(set: { readonly keys: readonly JWK[] }): { keys: JWK[] } {
  const keys = set.keys.map((key) => ({ ...key, alg: key.alg ?? (key.kty === 'RSA' ? 'RS256' : 'ES256'), use: 'sig' }));
  for (const alg of ['ES256', 'RS256']) {
    if (!keys.some((key) => key.alg === alg)) throw new Error(`The identity provider's keys lack one for ${alg}.`);
  }
  return { keys };
}

async function generate(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig' };
}
