import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { ClientId, Issuer, ResourceId } from '../src/model/ids.ts';
import type { JsonObject } from '../src/model/json.ts';
import type { PublicJwk, VerificationKeys } from '../src/ports/signatures.ts';
import { encodeBase64Url } from '../src/tokens/base64url.ts';
import { JoseContextSealer } from '../src/tokens/jose-context-sealer.ts';
import { JoseSignatureVerifier, JoseSigner } from '../src/tokens/jose-signatures.ts';

export const NOW = 1_800_000_000;
export const ACME = 'https://as.acme.example' as Issuer;
export const GLOBEX = 'https://as.globex.example' as Issuer;
export const PROVIDER = 'https://id.globex.example';
export const API = 'https://api.acme.example';
export const CLIENT = 'client-1' as ClientId;
export const CONTEXT = {
  permissions: [{ resourceId: 'res_1' as ResourceId, scopes: ['view'] }],
  resourceServer: 'gateway' as ClientId,
  owner: 'alice@acme.example',
  resourceUri: `${API}/notes/1`,
};

/** One party with a key of its own: everything that mints and verifiers take. The time stands still until `at` says otherwise. */
export interface Party {
  readonly signer: JoseSigner;
  readonly keys: VerificationKeys;
  readonly signatures: JoseSignatureVerifier;
  readonly sealer: JoseContextSealer;
  readonly randomness: { bytes(count: number): Uint8Array };
  readonly clock: { now(): number };
  at(now: number): Party;
}

/** A party with a fresh ES256 key. */
export async function party(kid: string): Promise<Party> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const privateJwk: JWK = { ...(await exportJWK(privateKey)), kid, alg: 'ES256' };
  const { d: _d, ...publicJwk } = privateJwk;
  const fixed = {
    signer: await JoseSigner.fromJwk(privateJwk),
    keys: { find: async (keyId: string) => (keyId === kid ? (publicJwk as PublicJwk) : undefined) },
    signatures: new JoseSignatureVerifier(),
    sealer: new JoseContextSealer([new Uint8Array(32).fill(1)]),
    randomness: countingRandomness(),
  };
  const at = (now: number): Party => ({ ...fixed, clock: { now: () => now }, at });
  return at(NOW);
}

/** Bytes that are other ones with each call. */
export function countingRandomness(): Party['randomness'] {
  let calls = 0;
  return {
    bytes: (count: number) => {
      calls += 1;
      return new Uint8Array(count).fill(calls);
    },
  };
}

/** Signs any claims as any kind. */
export function sign(by: Party, typ: string, claims: JsonObject): Promise<string> {
  return by.signer.sign(typ, claims);
}

/** The header and claims of a token, unverified. */
export function readToken(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { header: header ?? {}, claims: claims ?? {} };
}

/** Text as base64url. */
export function base64url(text: string): string {
  return encodeBase64Url(new TextEncoder().encode(text));
}
