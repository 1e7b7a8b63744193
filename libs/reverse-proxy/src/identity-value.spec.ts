import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusal } from '../test/support/refusal.ts';
import { identityValue } from './identity-value.ts';

describe('identity value', () => {
  it.each([
    ['bob@globex.example', 'bob@globex.example'],
    ['Bob O\'Neil, "the" <b>', 'Bob O\'Neil, "the" <b>'],
    ['jürgen@exämple.example', 'j%C3%BCrgen@ex%C3%A4mple.example'],
    ['100%@x', '100%25@x'],
    [' a b ', '%20a b%20'],
    ['😀', '%F0%9F%98%80'],
    ['', ''],
  ])('writes %p as %p', (text, value) => {
    expect(identityValue(text)).toBe(value);
  });

  it('gives different texts different values, which decoding turns back [A83]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\u0000-\u001f\u007f-\u009f]/.test(text));
        const value = identityValue(text);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(value.trim()).toBe(value);
        expect(decodeURIComponent(value)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['a\r\nX-RqP-Email: eve', 'a\nb', 'a\u0000', '\t', '\u007f', '\u0085', '\ud800', 'x\udc00y'])('refuses %j [A83]', (text) => {
    expect(() => identityValue(text)).toThrow(refusal(400, 'identity_value'));
  });
});
