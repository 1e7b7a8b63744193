import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { DiscoveryFailure, keyFitsAlgorithm, type JsonValue, type PublicJwk, type SignatureAlgorithm } from '@uma-federation/uma-core';
import { z } from 'zod';

const MAX_KEYS = 100;
const ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'PS256', 'RS256'];
/** RFC 7518 6.2.2, 6.3.2, 6.4: a published key that carries one of these is no secret any more, or never was a public key. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const Jwks = z.object({ keys: z.array(z.unknown()) });
const Jwk = z.looseObject({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  kid: z.string().min(1).max(256),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
});

/**
 * The keys of a JWKS (RFC 7517 5) that may verify signatures, by key id (protocol.md 6.3, 8.2 A44). Ignored are: symmetric keys, keys
 * with private members, for encryption, without `verify` among `key_ops`, of an `alg`, type, curve or size that no algorithm of ours has,
 * invalid or small-order points, keys without `kid`, and every key whose `kid` occurs twice in the set.
 * @returns public members only; may be empty
 * @throws DiscoveryFailure `jwks_malformed`, or `jwks_too_many_keys` above 100
 */
export function usableKeys(json: JsonValue | undefined): ReadonlyMap<string, PublicJwk> {
  const set = Jwks.safeParse(json);
  if (!set.success) throw new DiscoveryFailure('jwks_malformed');
  if (set.data.keys.length > MAX_KEYS) throw new DiscoveryFailure('jwks_too_many_keys');
  const occurrences = new Map<unknown, number>();
  for (const key of set.data.keys) occurrences.set(kidOf(key), (occurrences.get(kidOf(key)) ?? 0) + 1);
  return new Map(
    set.data.keys
      .flatMap((key) => usableKey(key) ?? [])
      // Which of two keys a token means must not depend on their order.
      .filter((key) => occurrences.get(key.kid) === 1)
      .map((key) => [key.kid, key]),
  );
}

function usableKey(key: unknown): (PublicJwk & { kid: string }) | undefined {
  const parsed = Jwk.safeParse(key);
  if (!parsed.success || PRIVATE_MEMBERS.some((member) => Object.hasOwn(parsed.data, member))) return undefined;
  const { kty, kid, alg, use, key_ops: operations, crv, x, y, n, e } = parsed.data;
  if (operations !== undefined && !operations.includes('verify')) return undefined;
  const members = { kty, kid, alg, use, crv, x, y, n, e };
  if (!ALGORITHMS.some((algorithm) => keyFitsAlgorithm(members, algorithm)) || !isImportable(members)) return undefined;
  return members;
}

function isImportable(key: PublicJwk): boolean {
  try {
    createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function kidOf(key: unknown): unknown {
  return typeof key === 'object' && key !== null && 'kid' in key ? key.kid : undefined;
}
