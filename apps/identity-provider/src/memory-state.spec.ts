import { describe, expect, it } from '@jest/globals';
import { memoryState } from './memory-state.ts';

describe('memoryState', () => {
  it('forgets a record after its time and the minute of grace', async () => {
    let nowMs = 0;
    const codes = memoryState(() => nowMs)('AuthorizationCode');
    await codes.upsert('a', { uid: 'u' }, 60);
    nowMs = 119_999;
    expect(await codes.find('a')).toEqual({ uid: 'u' });
    nowMs = 120_000;
    expect(await codes.find('a')).toBeUndefined();
    expect(await codes.findByUid('u')).toBeUndefined();
  });

  it('keeps a record without a lifetime', async () => {
    let nowMs = 0;
    const clients = memoryState(() => nowMs)('Client');
    await clients.upsert('a', { name: 'a' });
    nowMs = Number.MAX_SAFE_INTEGER;
    expect(await clients.find('a')).toEqual({ name: 'a' });
  });

  it('keeps kinds, and providers, apart', async () => {
    const state = memoryState();
    await state('Session').upsert('a', {}, 60);
    expect(await state('Grant').find('a')).toBeUndefined();
    expect(await memoryState()('Session').find('a')).toBeUndefined();
    expect(await state('Session').find('a')).toEqual({});
  });

  it('marks what is consumed and drops what is destroyed', async () => {
    const codes = memoryState(() => 5_999)('AuthorizationCode');
    await codes.upsert('a', {}, 60);
    await codes.consume('a');
    expect(await codes.find('a')).toEqual({ consumed: 5 });
    await codes.destroy('a');
    expect(await codes.find('a')).toBeUndefined();
  });

  it('revokes everything of a grant, whatever its kind, and nothing else', async () => {
    const state = memoryState();
    await state('AccessToken').upsert('a', { grantId: 'g' }, 60);
    await state('RefreshToken').upsert('r', { grantId: 'g' }, 60);
    await state('AccessToken').upsert('b', { grantId: 'h' }, 60);
    await state('AccessToken').revokeByGrantId('g');
    expect(await state('AccessToken').find('a')).toBeUndefined();
    expect(await state('RefreshToken').find('r')).toBeUndefined();
    expect(await state('AccessToken').find('b')).toEqual({ grantId: 'h' });
  });

  it('finds sessions by their uid', async () => {
    const sessions = memoryState()('Session');
    await sessions.upsert('a', { uid: 'u' }, 60);
    expect(await sessions.findByUid('u')).toEqual({ uid: 'u' });
    expect(await sessions.findByUid('v')).toBeUndefined();
  });

  it('drops the oldest when there are too many', async () => {
    const clients = memoryState()('Client');
    for (let index = 0; index <= 100_000; index += 1) await clients.upsert(String(index), {});
    expect(await clients.find('0')).toBeUndefined();
    expect(await clients.find('1')).toEqual({});
    expect(await clients.find('100000')).toEqual({});
  });
});
