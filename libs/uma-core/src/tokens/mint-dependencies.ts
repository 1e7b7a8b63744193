import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { SignatureVerifier, Signer } from '../ports/signatures.ts';

/** What minting a token needs. */
export interface MintDependencies {
  readonly signer: Signer;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** What verifying a token needs besides keys. */
export interface VerifyDependencies {
  readonly signatures: SignatureVerifier;
  readonly clock: Clock;
}
