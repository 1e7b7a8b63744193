import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { JsonObject } from '../model/json.ts';
import type { PublicJwk } from '../ports/signatures.ts';
import { encodeUtf8 } from './base64url.ts';
import { TOKEN_TYPES } from './claim-rules.ts';
import { jwkThumbprint } from './jwk-thumbprint.ts';

/** A client's ES256 key for DPoP proofs. */
export interface DpopKey {
  readonly publicJwk: PublicJwk;
  /** RFC 7638 thumbprint: what `cnf.jkt` of bound tokens holds. */
  readonly thumbprint: string;
  /** A proof with the header `{alg, typ, jwk}` (RFC 9449 4.2) and these claims. */
  sign(claims: JsonObject): Promise<string>;
}

/** A fresh key whose private half cannot leave the runtime. */
export async function generateDpopKey(): Promise<DpopKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return dpopKey(await exportJWK(publicKey), privateKey);
}

/**
 * A key that was kept as a private JWK.
 * @throws Error of jose when it is no EC P-256 key
 */
export async function importDpopKey(privateJwk: JWK): Promise<DpopKey> {
  const privateKey = (await importJWK(privateJwk, 'ES256')) as CryptoKey;
  return dpopKey(privateJwk, privateKey);
}

async function dpopKey(jwk: JWK, privateKey: CryptoKey): Promise<DpopKey> {
  const publicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' };
  return {
    publicJwk,
    thumbprint: await jwkThumbprint(publicJwk),
    sign: (claims) =>
      new CompactSign(encodeUtf8(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'ES256', typ: TOKEN_TYPES.dpop, jwk: publicJwk })
        .sign(privateKey),
  };
}
