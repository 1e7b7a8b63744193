/** What kind of failure a code is: `duty` failures are security aborts, before which no token was sent to the doubtful party. */
export type UmaErrorCategory = 'duty' | 'refusal' | 'peer' | 'use';

const CODES = {
  resource_mismatch: ['duty', 'The challenge is not for the resource that was asked for.'],
  issuer_mismatch: ['duty', 'The challenge, its token or the metadata name different authorization servers.'],
  audience_mismatch: ['duty', 'The identity claims token is not for the authorization server that asked for it.'],
  copies_disagree: ['duty', 'The header and the body of the challenge disagree.'],
  challenge_stripped: ['duty', 'The challenge carries no resource claims token and the resource server is not a configured one.'],
  challenge_malformed: ['duty', 'The challenge is malformed or given twice.'],
  insecure_url: ['duty', 'A server is named by a URL that is not https.'],
  unexpected_token: ['duty', 'An answer carries another kind of token than the protocol has in this place.'],
  ticket_unchanged: ['duty', 'The authorization server answered with a ticket that was used before.'],
  interaction_mismatch: ['duty', 'The redirect back does not belong to the interaction that was started.'],
  interaction_refused: ['refusal', 'The interaction at the authorization server ended with an error.'],
  request_denied: ['refusal', 'The authorization server denies the access.'],
  need_info: ['refusal', 'The authorization server needs more information about the requesting party.'],
  request_submitted: ['refusal', 'The resource owner has been asked; the decision is pending.'],
  ticket_refused: ['refusal', 'The authorization server does not know the ticket, or it has expired.'],
  exchange_refused: ['refusal', "The requesting party's authorization server refused the token exchange."],
  grant_refused: ['refusal', "The resource owner's authorization server refused the ticket."],
  revocation_refused: ['refusal', 'The authorization server offers no revocation, or refused it; the token is forgotten here.'],
  rate_limited: ['peer', 'The authorization server asks for fewer requests.'],
  peer_unreachable: ['peer', 'A server could not be reached.'],
  malformed_answer: ['peer', 'A server sent an answer that is not what the protocol asks for.'],
  answer_too_large: ['peer', 'A server sent an answer that is too large.'],
  deadline_exceeded: ['peer', 'The servers did not answer in time.'],
  body_not_replayable: ['use', 'The body can be sent only once, but a request without a token comes first.'],
  client_unknown: ['use', 'There are no client credentials for this authorization server.'],
} as const satisfies Record<string, readonly [UmaErrorCategory, string]>;

/** Stable ids of everything that can go wrong in `createUmaFetch`. */
export type UmaErrorCode = keyof typeof CODES;

/** One claim that AS-RO misses (UMA Grant 3.3.6 `required_claims`; every member is OPTIONAL there). */
export interface RequiredClaim {
  readonly name?: string | undefined;
  readonly friendlyName?: string | undefined;
  readonly claimType?: string | undefined;
  readonly claimTokenFormat?: readonly string[] | undefined;
  readonly issuer?: readonly string[] | undefined;
}

/** A `need_info` answer as data. The ticket may be used once, by whoever can supply the claims. */
export interface NeedInfo {
  readonly issuer: string;
  readonly ticket: string;
  readonly requiredClaims: readonly RequiredClaim[];
  /** Where the person can supply the claims in a browser. */
  readonly redirectUser?: string | undefined;
  readonly resourceClaimsToken?: string | undefined;
  /** RFC 9470: authentication context classes, best first. */
  readonly acrValues: readonly string[];
  /** RFC 9470: greatest acceptable age of the sign-in. */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * A `request_submitted` answer as data, and what `resume` needs to go on with it: plain JSON, with no secret but the ticket.
 * The ticket may be used once, by the same client with the same DPoP key.
 */
export interface SubmittedRequest {
  readonly issuer: string;
  readonly ticket: string;
  /** UMA Grant 3.3.6: how long the client SHOULD wait before it asks again (G40). */
  readonly intervalSeconds?: number | undefined;
  /** The URL that was requested; `resume` takes no other. */
  readonly url: string;
  /** Duty (vii): the resource server that is being called. */
  readonly resource: string;
  /** NumericDate before which the client must not ask again. */
  readonly earliestAt: number;
  /** Whether AS-RqP has verified that resource server and AS-RO belong together; if not, the answer must name the resource server (A1). */
  readonly verified: boolean;
}

/** What an `UmaError` carries besides its code. Nothing here is a token but the tickets in `needInfo` and `submitted`. */
export interface UmaErrorFacts {
  /** The step of seed 003, 1 to 10, in which it happened. */
  readonly step?: number | undefined;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** `error` member of the answer (RFC 6749 5.2). */
  readonly oauthError?: string | undefined;
  readonly needInfo?: NeedInfo | undefined;
  readonly submitted?: SubmittedRequest | undefined;
  /** `Retry-After` of a 429 (RFC 9110 10.2.3). */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** Why a protected resource could not be had. The message is constant per code and free of tokens. */
export class UmaError extends Error {
  readonly code: UmaErrorCode;
  readonly category: UmaErrorCategory;
  readonly step: number | undefined;
  readonly status: number | undefined;
  readonly oauthError: string | undefined;
  readonly needInfo: NeedInfo | undefined;
  readonly submitted: SubmittedRequest | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: UmaErrorCode, facts: UmaErrorFacts = {}) {
    const [category, description] = CODES[code];
    super(`${code}: ${description}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'UmaError';
    this.code = code;
    this.category = category;
    this.step = facts.step;
    this.status = facts.status;
    this.oauthError = facts.oauthError;
    this.needInfo = facts.needInfo;
    this.submitted = facts.submitted;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }

  /** The same error with the step in which it happened, if it does not know. */
  at(step: number): UmaError {
    if (this.step !== undefined) return this;
    const { code, status, oauthError, needInfo, submitted, retryAfterSeconds, cause } = this;
    return new UmaError(code, { step, status, oauthError, needInfo, submitted, retryAfterSeconds, cause });
  }
}
