import { describe, expect, it } from '@jest/globals';
import { ecKey, fakeStrangers, StandingClock } from '../test/fakes.ts';
import { keysOfSet, RemoteKeySets } from './remote-key-sets.ts';

const URL_A = 'https://client.example/jwks';
const limits = { global: { burst: 3, perMinute: 1 }, perCaller: { burst: 1, perMinute: 1 } };

describe('RemoteKeySets', () => {
  it('fetches a set once however many ask, and again for an unknown key id at most once a minute', async () => {
    const clock = new StandingClock();
    const strangers = fakeStrangers({ [URL_A]: { json: { keys: [ecKey('k1')] } } });
    const sets = new RemoteKeySets({ fetch: strangers, clock });
    const found = await Promise.all(Array.from({ length: 20 }, () => sets.at(URL_A, 'source').find('k1', 'ES256')));
    expect([strangers.asked.length, new Set(found.map((key) => key?.kid))]).toEqual([1, new Set(['k1'])]);
    for (let count = 0; count < 5; count += 1) expect(await sets.at(URL_A, 'source').find('k2', 'ES256')).toBeUndefined();
    expect(strangers.asked).toHaveLength(2);
    clock.advance(61);
    strangers.answers = { [URL_A]: { json: { keys: [ecKey('k2')] } } };
    expect((await sets.at(URL_A, 'source').find('k2', 'ES256'))?.kid).toBe('k2');
    expect(strangers.asked).toHaveLength(3);
  });

  it('A46 asks for sets that are not known on the budget of the caller, for known ones on none', async () => {
    const strangers = fakeStrangers(Object.fromEntries(['a', 'b', 'c'].map((name) => [`https://${name}.example/jwks`, { json: { keys: [ecKey('k1')] } }])));
    const sets = new RemoteKeySets({ fetch: strangers, clock: new StandingClock(), limits });
    const find = (name: string, caller: string) => sets.at(`https://${name}.example/jwks`, caller).find('k1', 'ES256');
    expect((await find('a', 'one'))?.kid).toBe('k1');
    await expect(find('b', 'one')).rejects.toMatchObject({ reason: 'discovery_budget' });
    expect((await find('a', 'one'))?.kid).toBe('k1');
    expect((await find('b', 'two'))?.kid).toBe('k1');
    expect(strangers.asked).toHaveLength(2);
  });
});

describe('keysOfSet', () => {
  it('finds a key by its id if it fits the algorithm, and none that is not fit to be used', async () => {
    const keys = keysOfSet({ keys: [ecKey('good'), ecKey('encryption', { use: 'enc' }), ecKey('private', { d: 'AAAA' })] });
    expect((await keys.find('good', 'ES256'))?.kid).toBe('good');
    for (const [kid, algorithm] of [['good', 'PS256'], ['encryption', 'ES256'], ['private', 'ES256'], ['other', 'ES256']] as const) expect(await keys.find(kid, algorithm)).toBeUndefined();
  });
});
