import type { JsonObject } from '../model/json.ts';
import { requireActor, type ActorExpectation } from './actor-claim.ts';
import { equalInConstantTime } from './ticket-hash.ts';
import { tokenFault } from './token-faults.ts';

/** What a token of the ticket-challenge dialect (seed 002) must say. */
export interface ChallengeExpectation {
  /** H(the whole ticket string). */
  readonly ticketChallenge: string;
  /** What the ticket's resource server may be called in `resource`. */
  readonly resourceServerNames: readonly string[];
}

/** What binds an identity claims token to its ticket. */
export interface BindingExpectation extends ActorExpectation {
  /** Only where the presenter may speak the ticket-challenge dialect. */
  readonly challenge?: ChallengeExpectation | undefined;
}

/**
 * Checks that an identity claims token was made for this ticket (protocol.md 1.8 C5): "select by claim present: act.sub → 003 rule,
 * ticket_challenge → 002 rule; never try both on one token". A token with both fails, whichever of them is right (A14).
 * @throws TokenFault (integrity) as `requireActor`, and `binding_mismatch` or `wrong_resource` for a ticket challenge
 */
export function requireTicketBinding(claims: JsonObject, expected: BindingExpectation): void {
  const { challenge } = expected;
  if (challenge === undefined || 'act' in claims || !('ticket_challenge' in claims)) {
    requireActor(claims, expected);
    return;
  }
  const { ticket_challenge: presented, resource } = claims;
  if (typeof presented !== 'string' || !equalInConstantTime(presented, challenge.ticketChallenge)) throw tokenFault('binding_mismatch');
  // Seed 002 step 6: "evaluate resource = "RS API"".
  if (resource !== undefined && !challenge.resourceServerNames.some((name) => name === resource)) throw tokenFault('wrong_resource');
}
