import type { Clock, DpopKey, Randomness } from '@uma-federation/uma-core';
import type { PersistedClaimsStore } from './persisted-claims.ts';
import type { ClientKey, SignClientAssertion } from './private-key-jwt.ts';
import type { TraceStep } from './trace.ts';
import type { NeedInfo, SubmittedRequest } from './uma-error.ts';
import type { Wait } from './wait.ts';

/** What proves the person to AS-RqP (RFC 8693 2.1 `subject_token`). */
export interface SubjectToken {
  readonly token: string;
  readonly type: 'access_token' | 'id_token' | 'jwt';
}

/** How this client is known at one authorization server. Without a secret and a key it is a public client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** How the secret travels; by default `client_secret_basic` where the server supports it. */
  readonly secretMethod?: 'client_secret_basic' | 'client_secret_post' | undefined;
  /** `private_key_jwt`; wins over a secret. */
  readonly key?: ClientKey | SignClientAssertion | undefined;
}

/** A resource server whose authorization server was configured beforehand (protocol.md 1.9 duty vi). */
export interface TrustedResourceServer {
  /** For example `https://rs.acme.example`. */
  readonly origin: string;
  /** The only issuer that this resource server may name. */
  readonly asUri: string;
  /** What the dialect of seed 002 calls it at AS-RqP: a logical name (protocol.md C6). */
  readonly name?: string | undefined;
}

/** Settings of `createUmaFetch`. */
export interface UmaFetchOptions {
  /**
   * The person's token at their AS-RqP, asked for at every exchange. After a `need_info` it is told what is missing,
   * so that it can sign the person in again (RFC 9470 step-up). The time it takes does not count against the deadline.
   */
  readonly subjectToken: (missing?: NeedInfo) => Promise<SubjectToken>;
  /** The person's AS-RqP and how this client is known there. */
  readonly requestingPartyServer: ClientCredentials & { readonly issuer: string };
  /** How this client is known at an AS-RO; undefined for one it does not deal with (then nothing is sent there). */
  readonly resourceOwnerClient: (asUri: string) => ClientCredentials | undefined;
  /** `true` (default): a fresh ES256 key that cannot leave the process; a key: that one; `false`: no DPoP. */
  readonly dpop?: boolean | DpopKey | undefined;
  readonly trustedResourceServers?: readonly TrustedResourceServer[] | undefined;
  /** URL prefixes that a resource server uses as identifier of everything below them (protocol.md 1.9 duty i). */
  readonly resourcePrefixes?: readonly string[] | undefined;
  /** The resource owner's e-mail address, if the caller knows it: AS-RqP then checks whom the claims go to. */
  readonly ownerEmail?: string | undefined;
  /** Opens a browser for `need_info` with `redirect_user`; without it such an answer is an `UmaError`. */
  readonly claimsGathering?: ClaimsGathering | undefined;
  /**
   * `first` (default): the person's claims go along with the first token request. `when-asked`: only after AS-RO has asked for them,
   * so that what is open to everybody is had without saying who asks.
   */
  readonly pushClaims?: 'first' | 'when-asked' | undefined;
  /** Where persisted claims tokens are kept, of this one person only. Default: in memory, as long as this fetch. `false`: none are kept. */
  readonly persistedClaims?: PersistedClaimsStore | false | undefined;
  /**
   * `resource` (default): an RPT serves the method and URL that it was granted for. `origin`: a request without one carries the newest
   * RPT of its origin, and the AS-RO may add to that one (UMA Grant 3.3.1 `rpt`).
   */
  readonly tokenReuse?: 'resource' | 'origin' | undefined;
  /** How long to wait in all for the owner's decision after `request_submitted`. Default 0: an `UmaError` with which `resume` goes on. */
  readonly ownerPatienceMs?: number | undefined;
  /** Told each time the client is about to wait for the owner. */
  readonly onSubmitted?: ((submitted: SubmittedRequest) => void) | undefined;
  /** How time passes. Default: the platform's timers. */
  readonly wait?: Wait | undefined;
  /**
   * `ticket-challenge`: the binding of seed 002 instead of the actor token, for clients that are marked for it at both authorization
   * servers. No resource claims token is involved, so only `trustedResourceServers` are dealt with (duty vi).
   */
  readonly dialect?: 'actor-token' | 'ticket-challenge' | undefined;
  /** `oauth`: a token exchange at AS-RO instead of the UMA grant (protocol.md 1.6): it grants or refuses, and asks for nothing more. */
  readonly profile?: 'uma' | 'oauth' | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly clock?: Clock | undefined;
  readonly randomness?: Randomness | undefined;
  /** Told every step of seed 003 with complete tokens: what prints it must shorten them. */
  readonly onStep?: ((step: TraceStep) => void) | undefined;
  /** For the whole of one call up to the response headers. Default 30,000. */
  readonly deadlineMs?: number | undefined;
  /** Greatest body of an answer other than the resource itself. Default 64 KiB. */
  readonly answerLimitBytes?: number | undefined;
}

/** How the person supplies claims in a browser (UMA Grant 3.3.2). */
export interface ClaimsGathering {
  /** A redirect URI that this client registered as one of its `claims_redirect_uris`. */
  readonly redirectUri: string;
  /** Sends the person to `url` and resolves to the complete URL they were redirected to. */
  readonly visit: (url: string) => Promise<string>;
}
