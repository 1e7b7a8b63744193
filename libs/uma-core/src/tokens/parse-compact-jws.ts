import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';
import type { PublicJwk, SignatureAlgorithm } from '../ports/signatures.ts';
import { decodeBase64Url, decodeUtf8 } from './base64url.ts';
import { MAX_TOKEN_BYTES, TOKEN_TYPES } from './claim-rules.ts';
import { parseStrictJson } from './strict-json.ts';
import { tokenFault, type TokenFaultReason } from './token-faults.ts';

/** A JWS in compact serialization, taken apart but not verified. */
export interface CompactJws {
  readonly header: { readonly alg: SignatureAlgorithm; readonly kid: string; readonly typ: string };
  readonly claims: JsonObject;
  /** What the signature is over: header and payload as they were sent (RFC 7515 5.1 step 5). */
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** A DPoP proof, taken apart but not verified: it carries its key instead of naming one (RFC 9449 4.2). */
export interface DpopJws extends Omit<CompactJws, 'header'> {
  readonly header: { readonly alg: SignatureAlgorithm; readonly typ: string; readonly jwk: PublicJwk };
}

const algorithm = z.enum(['ES256', 'EdDSA', 'PS256', 'RS256']);
/** A key id is only ever a map key (RFC 8725 3.10; A49). */
const keyId = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const typ = z.string().min(1).max(64);
/** A string of a public key; its length and meaning are checked by `keyFitsAlgorithm`. */
const keyText = z.string().min(1).max(2048).optional();

// No further header member is understood, and one that is not understood may change what the token means (A47, A48):
// `crit`, `b64`, `jku`, `x5u`, `jwk`, `x5c` and anything else make the token unacceptable.
const namedKeyHeader = z.strictObject({ alg: algorithm, kid: keyId, typ });
const subjectHeader = z.strictObject({ alg: algorithm, kid: keyId, typ: typ.default(TOKEN_TYPES.idToken) });
// RFC 9449 4.2: "jwk … MUST NOT contain a private key": only public members are known here.
const publicJwk = z.strictObject({
  kty: z.string().max(16),
  crv: keyText,
  x: keyText,
  y: keyText,
  n: keyText,
  e: keyText,
  kid: z.string().max(256).optional(),
  alg: z.string().max(16).optional(),
  use: z.string().max(16).optional(),
  key_ops: z.array(z.string().max(16)).max(8).optional(),
  ext: z.boolean().optional(),
});
const dpopHeader = z.strictObject({ alg: algorithm, typ, jwk: publicJwk });

/**
 * Takes a compact JWS apart, strictly and before any cryptography (protocol.md 1.7; RFC 7515 3.1, 5.2).
 * Does not check: the signature, the value of `typ`, any claim.
 * @param token at most 8 KiB; the header has exactly `alg`, `typ` and `kid`
 * @returns header, claims, signing input and signature
 * @throws TokenFault `malformed` (curable) for what is no compact JWS at all; `bad_json`, `alg_not_allowed`, `bad_kid`,
 *   `wrong_typ` or `bad_header` (integrity) for one that is not acceptable
 */
export function parseCompactJws(token: string): CompactJws {
  return takeApart(token, namedKeyHeader);
}

/**
 * The same for tokens of identity providers, which may leave `typ` out: it then reads as `JWT`, never as an access token.
 * @throws TokenFault as `parseCompactJws`
 */
export function parseSubjectJws(token: string): CompactJws {
  return takeApart(token, subjectHeader);
}

/**
 * The same for DPoP proofs: the header has exactly `alg`, `typ` and `jwk`, a public key (RFC 9449 4.2).
 * @throws TokenFault as `parseCompactJws`
 */
export function parseDpopJws(proof: string): DpopJws {
  return takeApart(proof, dpopHeader);
}

function takeApart<H>(token: string, headerSchema: z.ZodType<H>): Omit<CompactJws, 'header'> & { readonly header: H } {
  if (token.length > MAX_TOKEN_BYTES) throw tokenFault('malformed');
  const parts = token.split('.');
  const [header, payload, signature] = parts.map(decodeBase64Url);
  if (parts.length !== 3 || parts.includes('')) throw tokenFault('malformed');
  if (header === undefined || payload === undefined || signature === undefined) throw tokenFault('malformed');
  return {
    header: parseHeader(readObject(header), headerSchema),
    claims: readObject(payload),
    signingInput: token.slice(0, token.lastIndexOf('.')),
    signature,
  };
}

function readObject(bytes: Uint8Array): JsonObject {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw tokenFault('bad_json');
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw tokenFault('bad_json');
  return value as JsonObject;
}

function parseJson(text: string): unknown {
  try {
    return parseStrictJson(text, { maxDepth: 10 });
  } catch (cause) {
    throw tokenFault('bad_json', cause);
  }
}

const HEADER_FAULTS: ReadonlyMap<unknown, TokenFaultReason> = new Map([
  ['alg', 'alg_not_allowed'],
  ['kid', 'bad_kid'],
  ['typ', 'wrong_typ'],
]);

function parseHeader<H>(header: JsonObject, schema: z.ZodType<H>): H {
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  // A foreign member is the graver fault: it is named before what is wrong with the known ones.
  const issues = parsed.error.issues;
  const member = issues.some((issue) => issue.code === 'unrecognized_keys') ? undefined : issues[0]?.path[0];
  throw tokenFault(HEADER_FAULTS.get(member) ?? 'bad_header');
}
