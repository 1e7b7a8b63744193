import { decodeBase64Url, decodeUtf8, type FaultClass, type JsonObject, parseStrictJson } from '@uma-federation/uma-core';
import { type ForgedPart, forgeJws } from '../../src/forge-jws.ts';
import type { PrivateJwk } from '../../src/public-jwk.ts';
import type { NamedVector, VectorInputs } from '../../src/token-vector.ts';

/** A good token that mutations start from, with what its verifier is told. */
export interface BaseToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly key: PrivateJwk;
  readonly verifyAt: number;
  readonly inputs: VectorInputs;
}

/** What one mutation changes. */
export interface Mutation {
  readonly name: string;
  readonly description: string;
  readonly attacks: readonly string[];
  readonly header?: ForgedPart;
  readonly claims?: ForgedPart;
  readonly key?: PrivateJwk;
  readonly signature?: (valid: Uint8Array) => Uint8Array;
  /** Changes the finished token text. */
  readonly text?: (token: string) => string;
  readonly verifyAt?: number;
  readonly inputs?: VectorInputs;
  /** `reason` of the fault; without it the token must be accepted. */
  readonly reason?: string;
  readonly faultClass?: FaultClass;
}

/** Header and claims of a token that a mint made. */
export function takeApart(token: string): { header: JsonObject; claims: JsonObject } {
  const [header, claims] = token.split('.', 2).map(readObject);
  return { header: header ?? {}, claims: claims ?? {} };
}

function readObject(part: string): JsonObject {
  return parseStrictJson(decodeUtf8(decodeBase64Url(part) ?? new Uint8Array()) ?? '') as JsonObject;
}

/** The claims without one member. */
export function without(claims: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([member]) => member !== name));
}

/** JSON text of the claims with more text in front of the first member. */
export function withTextInFront(claims: JsonObject, text: string): string {
  return `{${text},${JSON.stringify(claims).slice(1)}`;
}

/** The vector of a mutation; its name starts with `valid-` or `bad-`. */
export function toVector(base: BaseToken, mutation: Mutation): NamedVector {
  const { header = base.header, claims = base.claims, key = base.key, signature } = mutation;
  const token = forgeJws({ header, claims, key, signature });
  return {
    name: `${mutation.reason === undefined ? 'valid' : 'bad'}-${mutation.name}`,
    description: mutation.description,
    attacks: mutation.attacks,
    token: mutation.text?.(token) ?? token,
    verifyAt: mutation.verifyAt ?? base.verifyAt,
    inputs: { ...base.inputs, ...mutation.inputs },
    expect: mutation.reason === undefined ? { ok: true } : { reason: mutation.reason, faultClass: mutation.faultClass ?? 'integrity' },
  };
}
