import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { issueUma1Token } from './issue-uma-1-token.ts';
import { uma1TokenHash } from './uma-1-token.ts';
import type { NewUma1Token } from '../../ports/uma-1-token-store.ts';
import type { Uma1Party } from './uma-1-party.ts';

describe('An RPT of UMA 1.0', () => {
  it('is 256 random bits, of which only the hash is kept', async () => {
    const asked: number[] = [];
    const kept: NewUma1Token[] = [];
    const party = { tokenId: 'aat', clientId: 'old-app', email: 'bob@bar.example', expiresAt: 2000 } as Uma1Party;
    const { token, hash } = await issueUma1Token(party, 'ended', {
      randomness: { bytes: (count) => new Uint8Array(count).fill(asked.push(count)) },
      clock: { now: () => 1000 },
      uma1TokenLifetimeSeconds: 3600,
      uma1Tokens: { issue: async (issued) => void kept.push(issued), authorize: async () => 'token_unknown', find: async () => undefined },
    });
    expect(asked).toEqual([32]);
    expect(token).toBe(`uma1_${Buffer.alloc(32, 1).toString('base64url')}`);
    expect(hash).toBe(createHash('sha256').update(token).digest('base64url'));
    expect(await uma1TokenHash(token)).toBe(hash);
    expect(kept).toEqual([{ tokenHash: hash, aat: 'aat', clientId: 'old-app', requestingParty: 'bob@bar.example', issuedAt: 1000, expiresAt: 4600 }]);
  });

  it.each(['', 'uma1_', `uma1_${'A'.repeat(42)}`, `uma1_${'A'.repeat(44)}`, `UMA1_${'A'.repeat(43)}`, `uma1_${'A'.repeat(42)}=`, ` uma1_${'A'.repeat(43)}`, `uma1_${'A'.repeat(43)}\n`, 'eyJhbGciOiJFUzI1NiJ9.e30.AA'])(
    'is not %j, which is never looked for',
    async (text) => {
      expect(await uma1TokenHash(text)).toBeUndefined();
    },
  );
});
