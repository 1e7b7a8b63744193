import { describe, expect, it } from '@jest/globals';
import { BoundedLabel } from './bounded-label.ts';

describe('BoundedLabel', () => {
  it.each(['ticket_used', 'note', 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'as-ro'])('keeps %s', (value) => {
    expect(new BoundedLabel().of(value)).toBe(value);
  });

  it.each(['', 'bob@globex.example', '/users/alice', 'a b', 'eyJhbGciOiJFUzI1NiJ9', 'a"} 1\nx{y="', 'x'.repeat(65), '1'])('makes "other" of %p', (value) => {
    expect(new BoundedLabel().of(value)).toBe('other');
  });

  it('makes "other" of everything after 200 values, and keeps those', () => {
    const label = new BoundedLabel();
    const values = Array.from({ length: 1_000 }, (_, index) => label.of(`v${index}`));
    expect(new Set(values).size).toBe(201);
    expect([label.of('v0'), label.of('v199'), label.of('v200')]).toEqual(['v0', 'v199', 'other']);
  });
});
