import { PeerFailure } from '@uma-federation/federation';
import { DiscoveryFailure } from '@uma-federation/uma-core';
import { challengeAnswer, challengeBytes, tooManyAnswer, unreachableAnswer, type Answer } from './answer.ts';
import type { AsRoLink } from './as-ro-link.ts';
import type { ChallengeLimits } from './challenge-limits.ts';
import type { AccessRequirement, Decision } from './decide.ts';
import { legacyChallenge, needsTicket, type LegacyDialect, type LegacyRefusal } from './legacy-dialect.ts';
import type { TicketAnswer } from './permission-client.ts';
import type { Credentials } from './read-credentials.ts';
import type { ProtectedRoute } from './route.ts';

/** What is the same in all challenges. */
export interface ChallengerSettings {
  readonly publicUrl: string;
  readonly realm: string;
  /** URL of the protected resource metadata. */
  readonly resourceMetadata: string;
  readonly maxChallengeBytes: number;
}

/** The request that is challenged. */
export interface ChallengedRequest {
  readonly route: ProtectedRoute;
  /** The AS-RO of the route. */
  readonly link: AsRoLink;
  readonly credentials: Credentials;
  readonly requirement: AccessRequirement;
  /** Canonical path. */
  readonly path: string;
  /** Address of the client, for limits. */
  readonly source: string;
}

type ChallengeDecision = Extract<Decision, { kind: 'challenge' }>;
/** An answer, and why; a stable id for the log. */
type Challenged = { readonly answer: Answer; readonly reason: string };

/** Answers requests that lack permission, in the dialect of their route, with a ticket of the route's AS-RO. */
export class Challenger {
  readonly #settings: ChallengerSettings;
  readonly #limits: ChallengeLimits;
  readonly #hostId: string;

  constructor(settings: ChallengerSettings, limits: ChallengeLimits) {
    this.#settings = settings;
    this.#limits = limits;
    this.#hostId = new URL(settings.publicUrl).host;
  }

  /** The challenge; without a ticket that it needs there is none, and never a pass (UMA Grant 3.2.2; A92). */
  async challenge(decision: ChallengeDecision, request: ChallengedRequest): Promise<Challenged> {
    const { legacy } = request.route;
    if (legacy === undefined) return this.#withTicket(decision, request, (ticket) => this.#umaChallenge(ticket, decision, request));
    const refusal = decision.error === 'insufficient_scope' ? 'insufficient' : 'no_valid_token';
    if (!needsTicket(legacy, refusal)) return { answer: this.#legacyChallenge(legacy, refusal, undefined, request), reason: decision.reason };
    return this.#withTicket(decision, request, ({ ticket }) => this.#legacyChallenge(legacy, refusal, ticket, request));
  }

  async #withTicket(
    decision: ChallengeDecision,
    { link, route, path, source, requirement }: ChallengedRequest,
    answerWith: (ticket: TicketAnswer) => Answer,
  ): Promise<Challenged> {
    const wait = await this.#limits.take(source, route.id);
    if (wait !== undefined) return { answer: tooManyAnswer(wait), reason: 'too_many_challenges' };
    try {
      const answer = answerWith(await link.permissions.request(decision.permission, `${this.#settings.publicUrl}${path}`, requirement));
      if (challengeBytes(answer) <= this.#settings.maxChallengeBytes) return { answer, reason: decision.reason };
      return { answer: unreachableAnswer(), reason: 'challenge_too_large' };
    } catch (error) {
      return { answer: unreachableAnswer(), reason: ticketFailure(error, link) };
    }
  }

  #umaChallenge(ticket: TicketAnswer, { error }: ChallengeDecision, { link, credentials, requirement }: ChallengedRequest): Answer {
    const { realm, resourceMetadata } = this.#settings;
    const scheme = credentials.kind === 'token' ? credentials.scheme : 'Bearer';
    return challengeAnswer({ ticket, error, scheme, requirement }, { realm, asUri: link.issuer, resourceMetadata });
  }

  #legacyChallenge(dialect: LegacyDialect, refusal: LegacyRefusal, ticket: string | undefined, { link }: ChallengedRequest): Answer {
    return legacyChallenge(dialect, refusal, ticket, { realm: this.#settings.realm, asUri: link.issuer, hostId: this.#hostId });
  }
}

function ticketFailure(error: unknown, { directory }: AsRoLink): string {
  if (error instanceof RangeError) return 'ticket_unusable';
  if (error instanceof DiscoveryFailure) return error.reason;
  if (!(error instanceof PeerFailure)) throw error;
  // Perhaps the resource is gone or has other scopes; the next request shall know.
  if (error.reason === 'permission_refused') void directory.refreshIfDue();
  return error.reason;
}
