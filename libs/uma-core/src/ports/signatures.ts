import type { JsonObject } from '../model/json.ts';

/** JWS algorithms this house signs and verifies with (protocol.md 1.7). `EdDSA` is Ed25519 only. */
export type SignatureAlgorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256';

/** A public JWK (RFC 7517). Implementations ignore members they do not know. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
}

/** Signs with one private key that never leaves the implementation. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string;
  /**
   * A JWS in compact serialization with the protected header `{alg, kid, typ}` in this order and the claims as JSON.
   * Guarantee: the result verifies under the public half by every implementation of `SignatureVerifier`.
   */
  sign(typ: string, claims: JsonObject): Promise<string>;
}

/** Verifies one signature. Knows nothing of claims. */
export interface SignatureVerifier {
  /**
   * Whether `signature` is a signature over `signingInput` under `key` and `algorithm`.
   * Guarantee: false (never an exception) for a wrong, malformed, zero or DER-encoded signature and for a key that does not fit the algorithm.
   */
  verify(algorithm: SignatureAlgorithm, key: PublicJwk, signingInput: string, signature: Uint8Array): Promise<boolean>;
}

/** Public keys of one issuer, by key id. */
export interface VerificationKeys {
  /**
   * The key with this id that may verify this algorithm, or undefined.
   * @throws DiscoveryFailure when the keys of a remote issuer cannot be had
   */
  find(keyId: string, algorithm: SignatureAlgorithm): Promise<PublicJwk | undefined>;
}
