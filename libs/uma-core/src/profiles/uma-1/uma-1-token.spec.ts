import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { newUma1Token, uma1TokenHash } from './uma-1-token.ts';

describe('An RPT of UMA 1.0', () => {
  it('is 256 random bits, of which the hash is kept', async () => {
    const asked: number[] = [];
    const bytes = (count: number): Uint8Array => new Uint8Array(count).fill(asked.push(count));
    const { token, tokenHash } = await newUma1Token({ randomness: { bytes } });
    expect(asked).toEqual([32]);
    expect(token).toBe(`uma1_${Buffer.alloc(32, 1).toString('base64url')}`);
    expect(tokenHash).toBe(createHash('sha256').update(token).digest('base64url'));
    expect(await uma1TokenHash(token)).toBe(tokenHash);
  });

  it.each(['', 'uma1_', `uma1_${'A'.repeat(42)}`, `uma1_${'A'.repeat(44)}`, `UMA1_${'A'.repeat(43)}`, `uma1_${'A'.repeat(42)}=`, ` uma1_${'A'.repeat(43)}`, `uma1_${'A'.repeat(43)}\n`, 'eyJhbGciOiJFUzI1NiJ9.e30.AA'])(
    'is not %j, which is never looked for',
    async (text) => {
      expect(await uma1TokenHash(text)).toBeUndefined();
    },
  );
});
