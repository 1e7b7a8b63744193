import { describe, expect, it } from '@jest/globals';
import { PeerFailure } from '@uma-federation/federation';
import { FakeClock } from '@uma-federation/testing';
import type { Issuer, ProtectionApiRequest, TokenId } from '@uma-federation/uma-core';
import type { ProtectionApi } from './protection-api.ts';
import { RevokedTokens } from './revoked-tokens.ts';

const issuer = 'https://as.acme.example' as Issuer;
const token = (tokenId: string) => ({ issuer, tokenId: tokenId as TokenId });

/** An AS-RO whose feed answers with these pages, one a call; it notes the cursors. */
function feed(pages: readonly unknown[], status = 200) {
  const cursors: (string | undefined)[] = [];
  const rest = [...pages];
  const api = {
    call: async (request: ProtectionApiRequest) => {
      cursors.push(request.operation === 'revocation.read' ? request.cursor : request.operation);
      return { status, json: rest.shift() };
    },
  } as unknown as ProtectionApi;
  return { api, cursors };
}

describe('Revoked tokens', () => {
  it('are those that the feed tells, page after page, from where the last reading stopped [G67]', async () => {
    const { api, cursors } = feed([
      { revoked: [{ jti: 'a', exp: 1_800_000_500 }], cursor: '0.7', more: true },
      { revoked: [{ jti: 'b', exp: 1_800_000_500 }], cursor: '9.0', more: false },
      { revoked: [], cursor: '10.0', more: false },
    ]);
    const revoked = new RevokedTokens(api, new FakeClock(), 5);
    expect(revoked.isRevoked(token('a'))).toBe(false);
    await revoked.refresh();
    await revoked.refresh();
    expect(['a', 'b', 'c'].map((id) => revoked.isRevoked(token(id)))).toEqual([true, true, false]);
    expect(cursors).toEqual([undefined, '0.7', '9.0']);
  });

  it('stay revoked when the feed cannot be read, and are forgotten when they would have expired', async () => {
    const clock = new FakeClock();
    const { api } = feed([{ revoked: [{ jti: 'a', exp: clock.now() + 100 }], cursor: '1.0', more: false }, 'not a page', { revoked: [], cursor: '2.0', more: false }]);
    const revoked = new RevokedTokens(api, clock, 5);
    await revoked.refresh();
    await expect(revoked.refresh()).rejects.toMatchObject({ reason: 'revocation_feed_malformed' });
    expect(revoked.isRevoked(token('a'))).toBe(true);
    clock.advance(161);
    await revoked.refresh();
    expect(revoked.isRevoked(token('a'))).toBe(false);
  });

  it('are not looked for where AS-RO has no feed', async () => {
    const api = { call: () => Promise.reject(new PeerFailure('not_offered')) } as unknown as ProtectionApi;
    const revoked = new RevokedTokens(api, new FakeClock(), 5);
    expect(revoked.isStale()).toBe(true);
    await expect(revoked.refresh()).resolves.toBeUndefined();
    expect(revoked.isStale()).toBe(false);
  });

  it('are stale until the feed was read to its end, and when that began too long ago', async () => {
    const clock = new FakeClock();
    const { api } = feed([{ revoked: [], cursor: '1', more: true }, 'not a page', { revoked: [], cursor: '2', more: false }]);
    const revoked = new RevokedTokens(api, clock, 5);
    await expect(revoked.refresh()).rejects.toMatchObject({ reason: 'revocation_feed_malformed' });
    expect(revoked.isStale()).toBe(true);
    await revoked.refresh();
    clock.advance(4);
    expect(revoked.isStale()).toBe(false);
    clock.advance(1);
    expect(revoked.isStale()).toBe(true);
  });

  it('are never stale where that is wanted', () => {
    expect(new RevokedTokens(feed([]).api, new FakeClock(), 0).isStale()).toBe(false);
  });
});
