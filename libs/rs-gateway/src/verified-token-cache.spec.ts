import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@uma-federation/testing';
import type { RequestingPartyToken } from '@uma-federation/uma-core';
import { VerifiedTokenCache, verifiedTokenKeys } from './verified-token-cache.ts';

describe('The cache of verified tokens', () => {
  const token = (expiresAt: number) => ({ expiresAt }) as RequestingPartyToken;

  it('remembers for 30 s, and not beyond the end of the token', () => {
    const clock = new FakeClock(1_000);
    const cache = new VerifiedTokenCache(10, clock);
    cache.put('a', token(2_000));
    cache.put('b', token(960));
    expect([cache.find('a')?.expiresAt, cache.find('b')?.expiresAt]).toEqual([2_000, 960]);
    clock.advance(20);
    expect([cache.find('a')?.expiresAt, cache.find('b')]).toEqual([2_000, undefined]);
    clock.advance(10);
    expect(cache.find('a')).toBeUndefined();
  });

  it('remembers nothing across a clock that went back', () => {
    const clock = new FakeClock(1_000);
    const cache = new VerifiedTokenCache(10, clock);
    cache.put('a', token(2_000));
    clock.advance(-1);
    expect(cache.find('a')).toBeUndefined();
  });

  it('forgets the least used beyond its size, and of size 0 remembers none', () => {
    const clock = new FakeClock(1_000);
    const cache = new VerifiedTokenCache(1, clock);
    cache.put('a', token(2_000));
    cache.put('b', token(2_000));
    expect([cache.find('a'), cache.find('b')?.expiresAt]).toEqual([undefined, 2_000]);
    const none = new VerifiedTokenCache(0, clock);
    none.put('a', token(2_000));
    expect(none.find('a')).toBeUndefined();
  });

  it('has a key of its own for each token, issuer, audience and kind', () => {
    const parts = { token: 't', issuer: 'i', audience: 'a', typ: 'at+jwt' };
    const keys = [parts, { ...parts, token: 'u' }, { ...parts, issuer: 'j' }, { ...parts, audience: 'b' }, { ...parts, typ: 'JWT' }, { ...parts, typ: '', token: 'at+jwtt' }].map(
      ({ token: text, ...purpose }) => verifiedTokenKeys(purpose)(text),
    );
    expect(new Set(keys).size).toBe(6);
    expect(verifiedTokenKeys({ issuer: 'i', audience: 'a', typ: 'at+jwt' })('t')).toBe(keys[0]);
  });
});
