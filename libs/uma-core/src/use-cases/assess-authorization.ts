import { invalidScope } from '../errors/refusals.ts';
import type { ClientRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ResourceId, ShareId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import type { Resource } from '../model/resource.ts';
import type { Share } from '../model/share.ts';
import { evaluate, type DecisionReason, type NeededClaim, type PolicyDecision } from '../policy/evaluate.ts';
import type { AskedPermission } from '../model/authorization-request.ts';

/** The result of the authorization assessment calculation. */
export interface Assessment {
  /** CandidateGrantedScopes, resources without any granted scope left out. */
  readonly granted: readonly Permission[];
  /** Whether everything that was requested is granted. */
  readonly complete: boolean;
  readonly shares: readonly ShareId[];
  /** The earliest end of a share that the grant rests on (NumericDate). */
  readonly sharesEnd?: number | undefined;
  readonly needed: readonly NeededClaim[];
  /** What the owner has to be asked about. */
  readonly asked: readonly AskedPermission[];
  readonly reasons: readonly DecisionReason[];
}

/** What is assessed. */
export interface AssessmentInput {
  /** The ticket's permissions. */
  readonly permissions: readonly Permission[];
  /** The registered resources behind them, as they are now. */
  readonly resources: readonly Resource[];
  readonly shares: readonly Share[];
  readonly client: ClientRegistration;
  /** The `scope` parameter of this request. */
  readonly requestedScopes: readonly string[];
  readonly identity?: IdentityClaims | undefined;
  readonly now: number;
}

/**
 * The authorization assessment calculation (UMA Grant 3.3.4; protocol.md 2.8). Pure.
 * RequestedScopes(r) = TicketScopes(r) ∪ (RegisteredScopes ∩ RequestedScopes), limited to the scopes that r has.
 * @throws ProtocolError `invalid_scope` when a requested scope is not pre-registered for the client or not available for any resource of the ticket
 */
export function assessAuthorization(input: AssessmentInput): Assessment {
  assertScopesAvailable(input);
  const resources = new Map(input.resources.map((resource) => [resource.id, resource]));
  const assessed = input.permissions.map((permission) => assessResource(permission, resources.get(permission.resourceId), input));
  const used = assessed.flatMap(({ used: shares }) => shares);
  const ends = used.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
  return {
    granted: assessed.flatMap(({ granted }) => (granted === undefined ? [] : [granted])),
    complete: assessed.every(({ complete }) => complete),
    shares: [...new Set(used.map(({ id }) => id))],
    sharesEnd: ends.length === 0 ? undefined : Math.min(...ends),
    asked: assessed.flatMap(({ asked }) => asked),
    needed: [...new Map(assessed.flatMap(({ needed }) => needed).map((claim) => [JSON.stringify(claim), claim])).values()],
    reasons: assessed.flatMap(({ reasons }) => reasons),
  };
}

interface ResourceAssessment {
  readonly granted: Permission | undefined;
  readonly complete: boolean;
  readonly used: readonly Share[];
  readonly asked: readonly AskedPermission[];
  readonly needed: readonly NeededClaim[];
  readonly reasons: readonly DecisionReason[];
}

function assessResource({ resourceId, scopes }: Permission, resource: Resource | undefined, input: AssessmentInput): ResourceAssessment {
  if (resource === undefined) return { granted: undefined, complete: false, used: [], asked: [], needed: [], reasons: [{ reason: 'no_share' }] };
  const shares = input.shares.filter((share) => share.resourceId === resourceId);
  const wanted = requestedScopesOf(scopes, resource, input);
  const facts = { now: input.now, identity: input.identity };
  const decisions = (wanted.length === 0 ? [undefined] : wanted).map((scope) => ({ scope, decision: evaluate(shares, scope, facts) }));
  const permits = decisions.flatMap(({ scope, decision }) => (decision.outcome === 'permit' ? [{ scope, share: decision.share }] : []));
  return {
    granted: permits.length === 0 ? undefined : { resourceId, scopes: permits.flatMap(({ scope }) => (scope === undefined ? [] : [scope])) },
    complete: permits.length === decisions.length,
    used: permits.map(({ share }) => share),
    asked: askedOf(resourceId, decisions),
    needed: decisions.flatMap(({ decision }) => (decision.outcome === 'need' ? decision.needed : [])),
    reasons: decisions.flatMap(({ decision }) => decision.reasons),
  };
}

/** One entry per share that wants its owner asked. */
function askedOf(resourceId: ResourceId, decisions: readonly { readonly scope: string | undefined; readonly decision: PolicyDecision }[]): readonly AskedPermission[] {
  const byShare = new Map<ShareId, { share: Share; scopes: string[] }>();
  for (const { scope, decision } of decisions) {
    if (decision.outcome !== 'ask') continue;
    const entry = byShare.get(decision.share.id) ?? { share: decision.share, scopes: [] };
    if (scope !== undefined) entry.scopes.push(scope);
    byShare.set(decision.share.id, entry);
  }
  return [...byShare.values()].map(({ share, scopes }) => {
    const { ask: _ask, ...conditions } = share.conditions;
    return { resourceId, scopes: scopes.length === 0 ? share.scopes : scopes, conditions, expiresAt: share.expiresAt };
  });
}

function requestedScopesOf(ticketScopes: readonly string[], resource: Resource, { client, requestedScopes }: AssessmentInput): readonly string[] {
  const added = requestedScopes.filter((scope) => client.scopes.includes(scope));
  return [...new Set([...ticketScopes, ...added])].filter((scope) => resource.scopes.includes(scope));
}

/** UMA Grant 3.3.6: invalid_scope when a requested scope is available for no resource of the ticket, or is not pre-registered for the client (A22). */
function assertScopesAvailable({ requestedScopes, client, resources }: AssessmentInput): void {
  const available = (scope: string): boolean => resources.some((resource: { id: ResourceId; scopes: readonly string[] }) => resource.scopes.includes(scope));
  if (!requestedScopes.every((scope) => client.scopes.includes(scope) && available(scope))) throw invalidScope('scope_not_available');
}
