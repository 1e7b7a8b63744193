import { describe, expect, it } from '@jest/globals';
import { scramVerifier } from './scram-verifier.ts';

describe('SCRAM verifier', () => {
  it('has the form that PostgreSQL keeps, and another salt each time', () => {
    const [first, second] = [scramVerifier('pencil'), scramVerifier('pencil')];
    expect(first).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
    expect(second).not.toBe(first);
  });

  it.each(['', 'naïve', 'tab\t', 'new\nline'])('refuses %j, of which SASLprep might make something else', (password) => {
    expect(() => scramVerifier(password)).toThrow(RangeError);
  });
});
