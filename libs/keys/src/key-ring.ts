import { type JsonObject, keyFitsAlgorithm, type PublicJwk, type SignatureAlgorithm, type Signer, type VerificationKeys } from '@uma-federation/uma-core';
import { NodeSigner } from './node-signer.ts';

/** The signing keys of one issuer: the current one signs, all verify and are published. */
export interface KeyRing {
  readonly signer: Signer;
  readonly verificationKeys: VerificationKeys;
  /** The JWK Set for `jwks_uri` (RFC 7517 5): public members only, current key first. */
  jwks(): { readonly keys: readonly PublicJwk[] };
}

/**
 * A key ring from private keys.
 * @param privateJwks each with `kid` and `alg`; the first signs, the others are previous keys whose tokens may still live
 * @throws TypeError when there is no key, one is unusable, or two have the same `kid` (A44)
 */
export function loadKeyRing(privateJwks: readonly JsonObject[]): KeyRing {
  const [current] = privateJwks;
  if (current === undefined) throw new TypeError('A key ring needs a signing key');
  const signer = NodeSigner.fromJwk(current);
  // A previous key that could not sign would not verify either: it is refused now, not when the first token fails.
  for (const previous of privateJwks.slice(1)) NodeSigner.fromJwk(previous);
  const publicJwks = privateJwks.map(toPublicJwk);
  const byKeyId = new Map(publicJwks.map((jwk) => [jwk.kid, jwk]));
  if (byKeyId.size !== publicJwks.length) throw new TypeError('Two keys of a key ring have the same kid');
  return {
    signer,
    verificationKeys: {
      async find(keyId: string, algorithm: SignatureAlgorithm): Promise<PublicJwk | undefined> {
        const key = byKeyId.get(keyId);
        return key !== undefined && keyFitsAlgorithm(key, algorithm) ? key : undefined;
      },
    },
    jwks: () => ({ keys: publicJwks }),
  };
}

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg'] as const;

/** Named members only: a private one cannot slip through because nobody thought of it. */
function toPublicJwk(privateJwk: JsonObject): PublicJwk {
  const members = PUBLIC_MEMBERS.filter((name) => privateJwk[name] !== undefined).map((name) => [name, privateJwk[name]]);
  return { ...Object.fromEntries(members), use: 'sig' } as PublicJwk;
}
