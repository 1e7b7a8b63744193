import { describe, expect, it } from '@jest/globals';
import { readNote } from './note.ts';

const BODY = { title: 'Shopping', text: 'milk' };

describe('readNote', () => {
  it('takes id and owner from the path', () => {
    expect(readNote('alice', '1', BODY)).toEqual({ id: '1', owner: 'alice', ...BODY });
    expect(readNote('alice', '1', { ...BODY, id: '1', owner: 'alice' })).toEqual({ id: '1', owner: 'alice', ...BODY });
  });

  it.each<[string, unknown]>([
    ["somebody else's note", { ...BODY, owner: 'bob' }],
    ['another note', { ...BODY, id: '2' }],
    ['an unknown member', { ...BODY, colour: 'red' }],
    ['no title', { text: 'milk' }],
    ['a text that is none', { ...BODY, text: 1 }],
    ['no object', 'milk'],
    ['nothing', undefined],
  ])('refuses %s', (_case, body) => {
    expect(readNote('alice', '1', body)).toBeUndefined();
  });

  it.each(['', 'a/b', 'a b', 'x'.repeat(65)])('refuses the id %j', (id) => {
    expect(readNote('alice', id, BODY)).toBeUndefined();
  });
});
