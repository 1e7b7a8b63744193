import {
  decodeBase64Url,
  type Issuer,
  JoseContextSealer,
  type SignatureVerifier,
  TokenFault,
  type VerifyDependencies,
  verifyDpopProof,
  verifyIdentityClaimsToken,
  verifyPermissionTicket,
  verifyRequestingPartyToken,
  verifyResourceClaimsToken,
} from '@uma-federation/uma-core';
import { FakeClock } from './fake-clock.ts';
import { keysById } from './public-jwk.ts';
import type { TokenVector, VectorInputs, VectorKind, VectorOutcome } from './token-vector.ts';

type Verify = (token: string, inputs: VectorInputs, dependencies: VerifyDependencies) => Promise<unknown>;

const VERIFIERS: Readonly<Record<VectorKind, Verify>> = {
  'permission-ticket': (token, inputs, dependencies) =>
    verifyPermissionTicket(
      token,
      { issuer: inputs.issuer as Issuer, keys: keysById(inputs.keys ?? []) },
      { ...dependencies, sealer: sealer(inputs) },
    ),
  'resource-claims-token': (token, inputs, dependencies) =>
    verifyResourceClaimsToken(
      token,
      {
        keysOf: (issuer) => keysById(issuer === inputs.issuer ? (inputs.keys ?? []) : []),
        issuerRules: { allowLoopback: inputs.allowLoopback ?? false },
      },
      dependencies,
    ),
  'identity-claims-token': (token, inputs, dependencies) =>
    verifyIdentityClaimsToken(
      token,
      {
        issuer: inputs.issuer as Issuer,
        audience: inputs.audience as Issuer,
        ticketHash: inputs.ticketHash ?? '',
        ownerUris: inputs.ownerUris,
        challenge: inputs.challenge,
        keys: keysById(inputs.keys ?? []),
      },
      dependencies,
    ),
  'requesting-party-token': (token, inputs, dependencies) =>
    verifyRequestingPartyToken(
      token,
      { issuer: inputs.issuer as Issuer, audience: inputs.audience ?? '', keys: keysById(inputs.keys ?? []) },
      dependencies,
    ),
  'dpop-proof': (token, inputs, dependencies) =>
    verifyDpopProof(token, { method: inputs.method ?? '', url: inputs.url ?? '', accessToken: inputs.accessToken }, dependencies),
};

function sealer(inputs: VectorInputs): JoseContextSealer {
  return new JoseContextSealer((inputs.contextKeys ?? []).map((key) => decodeBase64Url(key) ?? new Uint8Array()));
}

/**
 * Runs one vector through the verifier of its kind.
 * @param signatures the implementation under test: all must agree on every vector
 * @returns what the verifier answered; any error but a `TokenFault` is thrown on
 */
export async function verifyVector(kind: VectorKind, vector: TokenVector, signatures: SignatureVerifier): Promise<VectorOutcome> {
  try {
    await VERIFIERS[kind](vector.token, vector.inputs, { signatures, clock: new FakeClock(vector.verifyAt) });
    return { ok: true };
  } catch (error) {
    if (error instanceof TokenFault) return { reason: error.reason, faultClass: error.faultClass };
    throw error;
  }
}
