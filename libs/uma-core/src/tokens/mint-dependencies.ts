import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Sha256 } from '../ports/sha-256.ts';
import type { SignatureVerifier, Signer } from '../ports/signatures.ts';

/** What every mint needs. */
export interface MintDependencies {
  readonly signer: Signer;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly sha256?: Sha256 | undefined;
}

/** What every verifier needs. */
export interface VerifyDependencies {
  readonly signatures: SignatureVerifier;
  readonly clock: Clock;
  readonly sha256?: Sha256 | undefined;
}
