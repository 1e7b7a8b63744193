import type { ClientRegistry } from '../../ports/client-registry.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ResourceRegistry } from '../../ports/resource-registry.ts';
import type { Sha256 } from '../../ports/sha-256.ts';
import type { Uma1TokenState, Uma1TokenStore } from '../../ports/uma-1-token-store.ts';
import type { ActingResourceServer } from '../../use-cases/register-resource.ts';
import { registeredPermissions } from '../../use-cases/registered-permissions.ts';
import { uma1TokenHash } from './uma-1-token.ts';

/** What finding out about RPTs of UMA 1.0 needs. */
export interface Uma1Introspection {
  readonly uma1Tokens: Uma1TokenStore;
  readonly resources: ResourceRegistry;
  readonly clients: ClientRegistry;
  readonly clock: Clock;
  readonly sha256?: Sha256 | undefined;
}

/**
 * The state of an RPT of UMA 1.0 for the RS that received it (D05 3.3, D07 3.3, V101 3.4). A token that is not for an RS yet is live for each, with
 * no permission: seed 001 has the host register one then, and answer 403 with a ticket (L3).
 * @returns undefined for anything but a live token that this RS may ask about; only permissions of this RS otherwise, as it has them registered now
 * @throws ProtocolError 503 when a store does not answer
 */
export async function introspectUma1Token(token: string, server: ActingResourceServer, deps: Uma1Introspection): Promise<Uma1TokenState | undefined> {
  const tokenHash = await uma1TokenHash(token, deps.sha256);
  if (tokenHash === undefined) return undefined;
  if ((await deps.clients.find(server.clientId))?.dialects?.includes('uma-1') !== true) return undefined;
  const state = await deps.uma1Tokens.find(tokenHash, deps.clock.now());
  if (state === undefined || (state.resourceServer ?? server.clientId) !== server.clientId) return undefined;
  const permissions = await registeredPermissions(state.permissions, { resources: deps.resources, owner: server.owner });
  // A29: with the PAT of one owner there are no RPTs for what belongs to others.
  if (server.owner !== undefined && permissions.length === 0 && state.permissions.length > 0) return undefined;
  return { ...state, permissions };
}
