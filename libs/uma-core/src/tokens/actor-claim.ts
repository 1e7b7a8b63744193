import { z } from 'zod';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { TICKET_HASH_PATTERN } from './claim-rules.ts';
import { issuerText } from './claim-schemas.ts';
import { equalInConstantTime } from './ticket-hash.ts';
import { tokenFault } from './token-faults.ts';

/** Levels of `act` that are looked at (protocol.md 5.5; A51). */
const MAX_ACTORS = 3;

/** RFC 8693 4.1: the outermost `act` is the current actor. Seed 003: `act.sub` is the ticket's hash. */
const currentActor = z.object({
  sub: z.string().regex(TICKET_HASH_PATTERN),
  iss: issuerText.optional(),
  aud: z.string().min(1).max(512).optional(),
});

/** What the current actor of an identity claims token must be. */
export interface ActorExpectation {
  readonly ownIssuer: string;
  readonly ownerUris: readonly string[];
  readonly ticketHash: string;
}

/**
 * Checks the actor claim of an identity claims token (seed 003 step 7; protocol.md 1.7, 5.5; A13, A14, A51, A52).
 * Nested actors are history (RFC 8693 4.1): their form is checked, their content is never used.
 * @throws TokenFault (integrity) `missing_act`, `bad_act`, `mixed_binding`, `wrong_actor_issuer`, `wrong_actor_audience` or `binding_mismatch`
 */
export function requireActor(claims: JsonObject, expected: ActorExpectation): void {
  if (!('act' in claims)) throw tokenFault('missing_act');
  // Protocol.md 1.8 C5: one binding per token, "never try both".
  if ('ticket_challenge' in claims) throw tokenFault('mixed_binding');
  const actor = currentActor.safeParse(claims['act']);
  if (!actor.success || !isActorChain(claims['act'], MAX_ACTORS)) throw tokenFault('bad_act');
  const { iss, aud, sub } = actor.data;
  if (iss !== undefined && iss !== expected.ownIssuer) throw tokenFault('wrong_actor_issuer');
  if (aud !== undefined && !expected.ownerUris.includes(aud)) throw tokenFault('wrong_actor_audience');
  if (!equalInConstantTime(sub, expected.ticketHash)) throw tokenFault('binding_mismatch');
}

/**
 * The actors of a subject token, so that they fit below a new one (RFC 8693 4.1; protocol.md 5.5). Of each only what identifies it is kept:
 * "Claims within the act claim pertain only to the identity of the actor".
 * @returns undefined when they are no chain, or one that would be too deep below another actor
 */
export function formerActors(act: JsonObject): JsonObject | undefined {
  return isActorChain(act, MAX_ACTORS - 1) ? identitiesOf(act) : undefined;
}

function identitiesOf(act: JsonObject): JsonObject {
  const identity = ['sub', 'iss', 'client_id'].flatMap((name) => (typeof act[name] === 'string' ? [[name, act[name]] as const] : []));
  const inner = act['act'];
  return { ...Object.fromEntries(identity), ...(inner === undefined ? {} : { act: identitiesOf(inner as JsonObject) }) };
}

/**
 * Whether `act` is a JSON object whose nested `act` members are objects too, at most `levels` deep (RFC 8693 4.1).
 */
export function isActorChain(act: JsonValue | undefined, levels: number): boolean {
  if (levels === 0 || typeof act !== 'object' || act === null || Array.isArray(act)) return false;
  const inner = (act as JsonObject)['act'];
  return inner === undefined || isActorChain(inner, levels - 1);
}
