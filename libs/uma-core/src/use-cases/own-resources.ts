import type { ResourceServerRegistration } from '../model/client-registration.ts';
import type { ClientId, Issuer, ResourceId } from '../model/ids.ts';
import { issueTicketPair, type TicketIssuing, type TicketPair } from './request-permission.ts';

/** What an authorization server protects by UMA at itself: whoever can be identified gets at what is theirs. */
export interface OwnResources {
  /** In the place of a resource server's client id: the issuer, which no client may have as its id. */
  readonly clientId: ClientId;
  readonly registration: ResourceServerRegistration;
  /** Who answers for the server: RFC 2142 postmaster of its first domain. */
  readonly owner: string;
}

/** The resources of that kind. */
export type OwnResourceName = 'persisted-claims' | 'authorization-api';

/** @param domain an e-mail domain (A-label) that the server serves */
export function ownResourcesOf(issuer: Issuer, domain: string): OwnResources {
  return { clientId: issuer as string as ClientId, registration: { identifier: issuer, baseUris: [issuer] }, owner: `postmaster@${domain}` };
}

/** The id of an own resource; registered ones begin with `res_`. */
export function ownResourceId(name: OwnResourceName): ResourceId {
  return `own:${name}` as ResourceId;
}

/** A ticket for an own resource. @param resourceUri the URL that was requested (1.9 duty i) */
export function issueOwnTicket(name: OwnResourceName, resourceUri: string, own: OwnResources, deps: TicketIssuing): Promise<TicketPair> {
  const permissions = [{ resourceId: ownResourceId(name), scopes: ['use'] }];
  return issueTicketPair({ context: { permissions, resourceServer: own.clientId, owner: own.owner, resourceUri } }, deps);
}
