import type { ClientId } from '../model/ids.ts';
import type { Resource } from '../model/resource.ts';

/** What the resources looked for must have; every member that is present must hold. Texts are compared whole (F33). */
export interface ResourceCriteria {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** One of these. */
  readonly uris?: readonly string[] | undefined;
  /** Canonical e-mail address. */
  readonly owner?: string | undefined;
  readonly type?: string | undefined;
  readonly scope?: string | undefined;
  /**
   * Only what some share may open to this person (canonical e-mail address), whatever its times and conditions: a share for them, for their
   * domain, for anyone or for whoever comes; without an address only the last. It says nothing about whether one does.
   */
  readonly sharedWith?: { readonly email: string | undefined } | undefined;
}

/** Looks for resources of one resource server. */
export interface ResourceSearch {
  /**
   * Resources that this RS registered and that meet all criteria, oldest first.
   * @param page how many to leave out, and how many to give at most
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  search(resourceServer: ClientId, criteria: ResourceCriteria, page: { readonly offset: number; readonly limit: number }): Promise<readonly Resource[]>;
}
