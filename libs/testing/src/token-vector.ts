import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FaultClass, PublicJwk } from '@uma-federation/uma-core';

/** The kinds of token that have vectors: one folder each under `libs/testing/vectors`. */
export const VECTOR_KINDS = ['permission-ticket', 'resource-claims-token', 'identity-claims-token', 'requesting-party-token', 'dpop-proof'] as const;
export type VectorKind = (typeof VECTOR_KINDS)[number];

/** What the verifier is told besides the token. Each kind uses the members that it needs. */
export interface VectorInputs {
  /** Public keys of the issuer, found by `kid`. */
  readonly keys?: readonly PublicJwk[];
  readonly issuer?: string;
  readonly audience?: string;
  readonly ticketHash?: string;
  readonly ownerUris?: readonly string[];
  /** What a ticket challenge must be, where the presenter may speak that dialect (seed 002). */
  readonly challenge?: { readonly ticketChallenge: string; readonly resourceServerNames: readonly string[] };
  /** Whether http on loopback is acceptable for issuers and resources. */
  readonly allowLoopback?: boolean;
  /** Keys (base64url) that open ticket contexts, newest first. */
  readonly contextKeys?: readonly string[];
  /** The HTTP request of a DPoP proof. */
  readonly method?: string;
  readonly url?: string;
  readonly accessToken?: string;
}

/** What the verifier must answer. */
export type VectorOutcome = { readonly ok: true } | { readonly reason: string; readonly faultClass: FaultClass };

/** One token, and what a verifier must make of it. */
export interface TokenVector {
  readonly description: string;
  /** Attacks of protocol.md section 8 that the vector is an example of. */
  readonly attacks: readonly string[];
  readonly token: string;
  /** NumericDate of the verification. */
  readonly verifyAt: number;
  readonly inputs: VectorInputs;
  readonly expect: VectorOutcome;
}

/** A vector and the name of its file without `.json`. */
export interface NamedVector extends TokenVector {
  readonly name: string;
}

/** All vectors of a kind, by name. */
export function loadVectors(kind: VectorKind): readonly NamedVector[] {
  const folder = fileURLToPath(new URL(`../vectors/${kind}/`, import.meta.url));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.json'.length), ...(JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as TokenVector) }));
}
