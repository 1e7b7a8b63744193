import { beforeEach, describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type SignatureAlgorithm } from '@uma-federation/uma-core';
import { StandingClock, ecKey, fakeStrangers, type FakeStrangers } from '../test/fakes.ts';
import { RemoteKeys } from './remote-keys.ts';

const JWKS = 'https://as.bar.example/jwks';
const jwks = (...kids: string[]) => ({ json: { keys: kids.map((kid) => ecKey(kid)) } });

describe('RemoteKeys', () => {
  let clock: StandingClock;
  let strangers: FakeStrangers;
  let keys: RemoteKeys;
  beforeEach(() => {
    clock = new StandingClock();
    strangers = fakeStrangers({ [JWKS]: jwks('a') });
    keys = new RemoteKeys(strangers, clock);
  });
  const find = (kid: string, algorithm: SignatureAlgorithm = 'ES256'): ReturnType<RemoteKeys['find']> => keys.find(kid, algorithm, async () => JWKS);
  const reasonOf = async (answer: Promise<unknown>): Promise<string> => {
    const outcome = await answer.catch((error: unknown) => error);
    return outcome instanceof DiscoveryFailure ? outcome.reason : `no refusal: ${String(outcome)}`;
  };

  it('fetches the set once for any number of concurrent callers', async () => {
    const found = await Promise.all(Array.from({ length: 100 }, () => find('a')));
    expect(found.every((key) => key?.kid === 'a')).toBe(true);
    expect(strangers.asked).toEqual([JWKS]);
  });

  it('gives a key only for the algorithm it fits', async () => {
    expect(await find('a', 'EdDSA')).toBeUndefined();
    expect(await find('a', 'RS256')).toBeUndefined();
    expect((await find('a'))?.kid).toBe('a');
  });

  it.each([
    [undefined, 600],
    ['max-age=120', 120],
    ['max-age=3600', 3600],
    ['max-age=86400', 3600],
    ['no-store', 60],
  ])('keeps a set with Cache-Control %j for %d seconds', async (cacheControl, seconds) => {
    strangers.answers = { [JWKS]: { ...jwks('a'), headers: cacheControl === undefined ? {} : { 'cache-control': cacheControl } } };
    await find('a');
    clock.advance(seconds - 1);
    await find('a');
    expect(strangers.asked).toHaveLength(1);
    clock.advance(1);
    await find('a');
    expect(strangers.asked).toHaveLength(2);
  });

  it('forgets a key that the issuer withdrew when the set is fetched again', async () => {
    await find('a');
    strangers.answers = { [JWKS]: jwks('b') };
    clock.advance(600);
    expect(await find('a')).toBeUndefined();
  });

  it('finds a key that was published after the set was fetched', async () => {
    await find('a');
    strangers.answers = { [JWKS]: jwks('a', 'b') };
    expect((await find('b'))?.kid).toBe('b');
    expect(strangers.asked).toHaveLength(2);
  });

  it('does not ask again within 60 s after a failure', async () => {
    strangers.answers = { [JWKS]: 'timeout' };
    expect(await reasonOf(find('a'))).toBe('timeout');
    strangers.answers = { [JWKS]: jwks('a') };
    clock.advance(59);
    expect(await reasonOf(find('a'))).toBe('timeout');
    expect(strangers.asked).toHaveLength(1);
    clock.advance(1);
    expect((await find('a'))?.kid).toBe('a');
  });

  it('refuses any status but 200, and uses no stale set', async () => {
    await find('a');
    strangers.answers = { [JWKS]: { status: 503 } };
    clock.advance(600);
    expect(await reasonOf(find('a'))).toBe('jwks_status');
    expect(await reasonOf(find('a'))).toBe('jwks_status');
    expect(strangers.asked).toHaveLength(2);
  });

  describe('A44 JWKS poisoning: unknown key ids', () => {
    it('makes one extra fetch for 10,000 unknown key ids, and one more per 60 s', async () => {
      await find('a');
      await Promise.all(Array.from({ length: 10_000 }, (_, index) => find(`unknown-${index}`)));
      for (let index = 0; index < 100; index += 1) await find(`later-${index}`);
      expect(strangers.asked).toHaveLength(2);
      clock.advance(59);
      await find('unknown');
      expect(strangers.asked).toHaveLength(2);
      clock.advance(1);
      await Promise.all(Array.from({ length: 1000 }, (_, index) => find(`unknown-${index}`)));
      expect(strangers.asked).toHaveLength(3);
    });

    it('makes no second fetch for a caller whose metadata came only after the refetch was done', async () => {
      await find('a');
      let comeLate: (url: string) => void = () => undefined;
      const late = keys.find('unknown-1', 'ES256', () => new Promise((resolve) => (comeLate = resolve)));
      await find('unknown-2');
      comeLate(JWKS);
      expect(await late).toBeUndefined();
      expect(strangers.asked).toHaveLength(2);
    });

    it('does not fetch twice when the very first key id is unknown', async () => {
      expect(await find('unknown')).toBeUndefined();
      expect(strangers.asked).toHaveLength(1);
    });

    it('keeps the known keys when a refetch for an unknown one fails', async () => {
      await find('a');
      strangers.answers = { [JWKS]: 'timeout' };
      expect(await reasonOf(find('unknown'))).toBe('timeout');
      expect((await find('a'))?.kid).toBe('a');
      expect(await find('unknown')).toBeUndefined();
      expect(strangers.asked).toHaveLength(2);
    });
  });
});
