import { describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type JsonValue } from '@uma-federation/uma-core';
import { fakeStrangers, StandingClock } from '../test/fakes.ts';
import { ClientDocuments } from './client-documents.ts';

const APP = 'https://app.example/client';
const limits = { global: { burst: 3, perMinute: 1 }, perCaller: { burst: 1, perMinute: 1 } };

function read(json: JsonValue | undefined): JsonValue | undefined {
  if (json === 'unusable') throw new DiscoveryFailure('unusable');
  return json;
}

function documents(answers: Parameters<typeof fakeStrangers>[0]) {
  const [clock, strangers] = [new StandingClock(), fakeStrangers(answers)];
  return { clock, strangers, documents: new ClientDocuments({ fetch: strangers, clock, limits, read }) };
}

describe('ClientDocuments', () => {
  it('fetches a document once however many wait, and again when its time is over', async () => {
    const { clock, strangers, documents: store } = documents({ [APP]: { json: 1, headers: { 'cache-control': 'max-age=120' } } });
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => store.get(APP))))).toEqual(new Set([1]));
    clock.advance(119);
    await store.get(APP);
    expect(strangers.asked).toEqual([APP]);
    clock.advance(1);
    strangers.answers = { [APP]: { json: 2 } };
    expect(await store.get(APP)).toBe(2);
  });

  it.each([['max-age=0', 60], ['no-store', 60], ['max-age=99999', 600], ['', 600]])('bounds Cache-Control %p: %i s', async (header, seconds) => {
    const { clock, strangers, documents: store } = documents({ [APP]: { json: 1, headers: { 'cache-control': header } } });
    await store.get(APP);
    clock.advance(seconds - 1);
    await store.get(APP);
    expect(strangers.asked).toHaveLength(1);
    clock.advance(1);
    await store.get(APP);
    expect(strangers.asked).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof fakeStrangers>[0][string], string]>([
    ['an error', { status: 500 }, 'client_document_status'],
    ['no such document', { status: 404 }, 'client_document_status'],
    ['a redirect, which the guard does not follow', 'redirect_refused', 'redirect_refused'],
    ['a document that cannot be used', { json: 'unusable', headers: { 'cache-control': 'max-age=600' } }, 'unusable'],
  ])('keeps nothing of %s, and asks again after a pause', async (_what, answer, reason) => {
    const { clock, strangers, documents: store } = documents({ [APP]: answer });
    for (let count = 0; count < 3; count += 1) await expect(store.get(APP)).rejects.toMatchObject({ reason });
    expect(strangers.asked).toHaveLength(1);
    strangers.answers = { [APP]: { json: 1 } };
    clock.advance(60);
    expect(await store.get(APP)).toBe(1);
  });

  it('A46 asks for unknown documents on the budget of the caller and of all, for known ones on none', async () => {
    const { clock, strangers, documents: store } = documents(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`https://${name}.example/c`, { json: name }])));
    const get = (name: string, caller?: string) => store.get(`https://${name}.example/c`, caller);
    const refused = { reason: 'discovery_budget' };
    expect(await get('a', 'one')).toBe('a');
    await expect(get('b', 'one')).rejects.toMatchObject(refused);
    expect(await get('b', 'two')).toBe('b');
    expect(await get('c')).toBe('c');
    await expect(get('d', 'three')).rejects.toMatchObject(refused);
    clock.advance(600);
    strangers.asked.length = 0;
    expect(await Promise.all([get('a', 'one'), get('b', 'one'), get('c', 'one')])).toEqual(['a', 'b', 'c']);
    expect(strangers.asked).toHaveLength(3);
  });
});
