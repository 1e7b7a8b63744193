import { notFound } from '../errors/refusals.ts';
import type { ShareId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { ShareStore } from '../ports/share-store.ts';
import { encodeBase64Url } from '../tokens/base64url.ts';
import type { ShareDraft } from '../wire/share-document.ts';

/** What sharing needs. */
export interface Sharing {
  readonly shares: ShareStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/**
 * An owner shares scopes of one of their resources.
 * @param owner canonical e-mail address of the authenticated owner
 * @throws ProtocolError `not_found` when the resource is not this owner's or lacks a scope: foreign and unknown look the same (A26, F32)
 */
export async function shareResource(draft: ShareDraft, owner: string, deps: Sharing): Promise<Share> {
  const id = `shr_${encodeBase64Url(deps.randomness.bytes(16))}` as ShareId;
  const share: Share = { ...draft, id, owner, createdAt: deps.clock.now() };
  if (!(await deps.shares.create(share))) throw notFound('resource_or_scope_unknown_to_this_owner');
  return share;
}

/**
 * An owner takes a share back: RPTs that rest on it end with it (G67).
 * @throws ProtocolError `not_found` when it is not this owner's
 */
export async function withdrawShare(id: ShareId, owner: string, deps: Pick<Sharing, 'shares'>): Promise<void> {
  if (!(await deps.shares.remove(id, owner))) throw notFound('share_unknown_to_this_owner');
}
