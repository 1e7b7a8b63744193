import { authorizeAccess, CLOCK_SKEW_SECONDS, type Permission } from '@uma-federation/uma-core';
import type { AccessToken } from './access-token.ts';
import type { Credentials } from './read-credentials.ts';
import type { ResourceLookup } from './resource-directory.ts';
import type { RegisteredResource } from './resource-registration.ts';
import type { Verification } from './token-verification.ts';

/** What is known of a request to a protected route when it is decided. */
export interface Facts {
  readonly credentials: Credentials;
  readonly resource: ResourceLookup;
  /** Of the token, when there is one. */
  readonly verification?: Verification | undefined;
  readonly requirement: AccessRequirement;
  /** NumericDate. */
  readonly now: number;
}

/** What the route asks of a token. */
export interface AccessRequirement {
  readonly scopes: readonly string[];
  readonly acrValues?: readonly string[] | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

/** Why a token that was presented is not enough; absent for a request without one. */
export type ChallengeError = 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';

/** What is to be done with a request. `reason` is a stable id for the log. */
export type Decision =
  | { readonly kind: 'allow'; readonly token: AccessToken; readonly resource: RegisteredResource }
  /** 401 with a ticket for `permission`. */
  | { readonly kind: 'challenge'; readonly permission: Permission; readonly error?: ChallengeError | undefined; readonly reason: string }
  /** 401 without a ticket: the token may be good, its presentation was not. */
  | { readonly kind: 'dpop_refused'; readonly error: 'invalid_token' | 'invalid_dpop_proof'; readonly reason: string }
  /** 400. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** 404: nobody registered this resource. */
  | { readonly kind: 'unknown_resource' }
  /** 503: this step must not happen twice, and whether it has happened could not be found out. */
  | { readonly kind: 'undecided'; readonly reason: string; readonly retryAfterSeconds: number }
  /** 403 with Warning: AS-RO is needed and cannot be had. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/**
 * The decision table of protocol.md 3.5 for a protected route (UMA Grant 3.2, 3.5; RFC 6750 3; RFC 9449 7; RFC 9470 3). Pure.
 * Everything but `allow` keeps the request from the upstream.
 */
export function decide(facts: Facts): Decision {
  const { credentials, resource, verification, requirement } = facts;
  if (credentials.kind === 'malformed') return { kind: 'malformed', reason: credentials.reason };
  if (resource.kind === 'unknown') return { kind: 'unknown_resource' };
  if (resource.kind === 'unavailable') return { kind: 'unreachable', reason: 'resource_not_registered_yet' };
  const permission: Permission = { resourceId: resource.resource.id, scopes: requirement.scopes };
  if (credentials.kind === 'none') return { kind: 'challenge', permission, reason: 'no_token' };
  switch (verification?.kind) {
    case 'good':
      return withToken(verification.token, resource.resource, permission, facts);
    case 'invalid':
      return { kind: 'challenge', permission, error: 'invalid_token', reason: verification.reason };
    case 'wrong_binding':
      return { kind: 'dpop_refused', error: 'invalid_token', reason: verification.reason };
    case 'bad_proof':
      return { kind: 'dpop_refused', error: 'invalid_dpop_proof', reason: verification.reason };
    case 'proof_undecided':
      return { kind: 'undecided', reason: verification.reason, retryAfterSeconds: verification.retryAfterSeconds };
    default:
      return { kind: 'unreachable', reason: verification?.reason ?? 'not_verified' };
  }
}

function withToken(token: AccessToken, resource: RegisteredResource, permission: Permission, { requirement, now }: Facts): Decision {
  if (authorizeAccess(token, permission) !== 'permitted') {
    return { kind: 'challenge', permission, error: 'insufficient_scope', reason: 'permission_missing' };
  }
  if (requirement.acrValues !== undefined && !requirement.acrValues.includes(token.acr ?? '')) {
    return { kind: 'challenge', permission, error: 'insufficient_user_authentication', reason: 'acr_insufficient' };
  }
  const oldest = now - (requirement.maxAgeSeconds ?? Infinity) - CLOCK_SKEW_SECONDS;
  if ((token.authTime ?? -Infinity) < oldest) {
    return { kind: 'challenge', permission, error: 'insufficient_user_authentication', reason: 'authentication_too_old' };
  }
  return { kind: 'allow', token, resource };
}
