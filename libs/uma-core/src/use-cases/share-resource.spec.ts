import { describe, expect, it } from '@jest/globals';
import type { ResourceId, ShareId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';
import { shareResource, withdrawShare } from './share-resource.ts';

const ALICE = 'alice@acme.example';
const draft = { resourceId: 'res_1' as ResourceId, scopes: ['view'], grantee: { kind: 'anyone' }, conditions: {} } as const;

/** A store that says what the test wants, and remembers what it was given. */
function store(answer: boolean) {
  const created: Share[] = [];
  const removed: string[][] = [];
  const shares = {
    create: async (share: Share) => (created.push(share), answer),
    remove: async (id: ShareId, owner: string) => (removed.push([id, owner]), answer),
    findByResources: async () => [],
    listByOwner: async () => [],
  };
  return { created, removed, shares, clock: { now: () => 1000 }, randomness: { bytes: (count: number) => new Uint8Array(count).fill(255) } };
}

describe('Sharing', () => {
  it('creates a share under a fresh id, of the authenticated owner, now', async () => {
    const deps = store(true);
    const share = await shareResource(draft, ALICE, deps);
    expect(share).toEqual({ ...draft, id: `shr_${'_'.repeat(21)}w`, owner: ALICE, createdAt: 1000 });
    expect(deps.created).toEqual([share]);
  });

  it('A26 takes no owner or id from the draft [F32]', async () => {
    const deps = store(true);
    const share = await shareResource({ ...draft, owner: 'mallory@acme.example', id: 'shr_mine', createdAt: 1 } as unknown as typeof draft, ALICE, deps);
    expect(share).toMatchObject({ owner: ALICE, createdAt: 1000 });
    expect(share.id).not.toBe('shr_mine');
  });

  it('A26 is not found when the store finds the resource foreign or unknown, or the scope missing [F32]', async () => {
    await expect(shareResource(draft, ALICE, store(false))).rejects.toMatchObject({ status: 404, error: 'not_found' });
  });
});

describe('Taking a share back', () => {
  it('removes it for its owner only', async () => {
    const deps = store(true);
    await withdrawShare('shr_1' as ShareId, ALICE, deps);
    expect(deps.removed).toEqual([['shr_1', ALICE]]);
    await expect(withdrawShare('shr_1' as ShareId, ALICE, store(false))).rejects.toMatchObject({ status: 404, error: 'not_found' });
  });
});
