import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@uma-federation/testing';
import type { Issuer, TokenId } from '@uma-federation/uma-core';
import type { ProtectionApi } from './protection-api.ts';
import { RevokedTokens } from './revoked-tokens.ts';

const issuer = 'https://as.acme.example' as Issuer;
const token = (tokenId: string) => ({ issuer, tokenId: tokenId as TokenId });

/** An AS-RO whose feed answers with these pages, one a call; it notes the cursors. */
function feed(pages: readonly unknown[], status = 200) {
  const urls: (string | undefined)[] = [];
  const rest = [...pages];
  const api = {
    sendIfThere: async ({ url }: { url: (endpoints: { revocationFeed?: string }) => string | undefined }) => {
      urls.push(url({ revocationFeed: `${issuer}/revocations` }));
      return { status, headers: {}, json: rest.shift() };
    },
  } as unknown as ProtectionApi;
  return { api, urls };
}

describe('Revoked tokens', () => {
  it('are those that the feed tells, page after page, from where the last reading stopped [G67]', async () => {
    const { api, urls } = feed([
      { revoked: [{ jti: 'a', exp: 1_800_000_500 }], cursor: '0.7', more: true },
      { revoked: [{ jti: 'b', exp: 1_800_000_500 }], cursor: '9.0', more: false },
      { revoked: [], cursor: '10.0', more: false },
    ]);
    const revoked = new RevokedTokens(api, new FakeClock());
    expect(revoked.isRevoked(token('a'))).toBe(false);
    await revoked.refresh();
    await revoked.refresh();
    expect(['a', 'b', 'c'].map((id) => revoked.isRevoked(token(id)))).toEqual([true, true, false]);
    expect(urls).toEqual([`${issuer}/revocations`, `${issuer}/revocations?cursor=0.7`, `${issuer}/revocations?cursor=9.0`]);
  });

  it('stay revoked when the feed cannot be read, and are forgotten when they would have expired', async () => {
    const clock = new FakeClock();
    const { api } = feed([{ revoked: [{ jti: 'a', exp: clock.now() + 100 }], cursor: '1.0', more: false }, 'not a page', { revoked: [], cursor: '2.0', more: false }]);
    const revoked = new RevokedTokens(api, clock);
    await revoked.refresh();
    await expect(revoked.refresh()).rejects.toMatchObject({ reason: 'revocation_feed_malformed' });
    expect(revoked.isRevoked(token('a'))).toBe(true);
    clock.advance(161);
    await revoked.refresh();
    expect(revoked.isRevoked(token('a'))).toBe(false);
  });

  it('are not looked for where AS-RO has no feed', async () => {
    const api = { sendIfThere: async () => undefined } as unknown as ProtectionApi;
    const revoked = new RevokedTokens(api, new FakeClock());
    await expect(revoked.refresh()).resolves.toBeUndefined();
  });
});
