import { countHeader } from '@uma-federation/nest-kit';
import {
  invalidDpopProof, TokenFault, verifyDpopProof,
  type DpopProof, type DpopRequest, type ReplayGuard, type VerifyDependencies,
} from '@uma-federation/uma-core';
import type { IncomingMessage } from 'node:http';

/** The request headers that a proof is read from. */
export type DpopHeaders = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** Checks DPoP proofs of requests, each once (RFC 9449; A76). */
export class DpopProofs {
  readonly #dependencies: VerifyDependencies;
  readonly #replays: ReplayGuard;

  constructor(dependencies: VerifyDependencies & { readonly replays: ReplayGuard }) {
    this.#dependencies = dependencies;
    this.#replays = dependencies.replays;
  }

  /**
   * The proof that came with a request, verified and seen for the first time.
   * Does not check: that the key is the one a token is bound to.
   * @param message the request's headers
   * @param target `url` is the endpoint's configured public URL, never made from the Host header (A86)
   * @returns undefined when the request has no `DPoP` header
   * @throws ProtocolError 400 `invalid_dpop_proof`; 503 when the replay guard does not answer
   */
  async check(message: DpopHeaders, target: DpopRequest): Promise<DpopProof | undefined> {
    const count = countHeader(message, 'dpop');
    if (count === 0) return undefined;
    // RFC 9449 4.3 check 1: "There is not more than one DPoP HTTP request header field."
    const header = message.headers['dpop'];
    if (count > 1 || typeof header !== 'string') throw invalidDpopProof('dpop_header_repeated');
    const proof = await this.#verify(header, target);
    if (!(await this.#replays.firstSeen('dpop', proof.thumbprint, proof.proofId, proof.expiresAt))) throw invalidDpopProof('dpop_proof_replayed');
    return proof;
  }

  async #verify(header: string, target: DpopRequest): Promise<DpopProof> {
    try {
      return await verifyDpopProof(header, target, this.#dependencies);
    } catch (error) {
      if (error instanceof TokenFault) throw invalidDpopProof(`dpop_${error.reason}`);
      throw error;
    }
  }
}
