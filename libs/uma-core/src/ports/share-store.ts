import type { ResourceId, ShareId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';

/** The owners' shares. */
export interface ShareStore {
  /**
   * Adds the share and an audit entry. One statement checks that the resource exists, belongs to `share.owner` and has the scopes (F32, A26).
   * @returns false, with nothing written, when it does not
   */
  create(share: Share): Promise<boolean>;
  /** Shares of these resources, expired ones included. */
  findByResources(resourceIds: readonly ResourceId[]): Promise<readonly Share[]>;
  /** One owner's shares, oldest first. */
  listByOwner(owner: string): Promise<readonly Share[]>;
  /**
   * Removes the share if it belongs to `owner`, revokes the RPTs that rest on it and appends an audit entry, all or nothing (G67).
   * @returns false when there is none such
   */
  remove(id: ShareId, owner: string): Promise<boolean>;
}
