import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.ts';

const isOrdinary = (text: string): boolean => !/\p{Surrogate}|\0/u.test(text);
const ordinaryText = fc.string({ unit: 'binary' }).filter((text) => isOrdinary(text) && text !== '__proto__');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    ordinaryText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(ordinaryText, tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('strict JSON', () => {
  it('reads what JSON.stringify writes, in any layout', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads nothing that JSON.parse does not read', () => {
    const fragment = fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '"b"', '1', '-', '0', '.5', 'e9', 'true', 'nul', 'null', ' ', '\n', '\\', '"', "'", '/');
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        let strict: unknown;
        try {
          strict = parseStrictJson(text);
        } catch (error) {
          expect((error as Error).name).toBe('SyntaxError');
          return;
        }
        expect(strict).toEqual(JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['a duplicate member', '{"a":1,"a":1}'],
    ['a duplicate member, spelled with an escape', '{"a":1,"\\u0061":2}'],
    ['a duplicate member further down', '{"a":[{"b":1,"b":2}]}'],
    ['a duplicate of an inherited name', '{"toString":1,"toString":2}'],
    ['__proto__', '{"__proto__":{}}'],
    ['__proto__ spelled with an escape', '{"\\u005f_proto__":{}}'],
    ['a byte order mark', '\uFEFF{}'],
    ['an infinite number', '{"a":1e400}'],
    ['NaN', '{"a":NaN}'],
    ['Infinity', '[Infinity]'],
    ['a leading zero', '[01]'],
    ['a leading plus', '[+1]'],
    ['a bare fraction', '[.5]'],
    ['a hexadecimal number', '[0x10]'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a raw lone surrogate', '["\ud800"]'],
    ['a NUL', '["\\u0000"]'],
    ['a raw control character', '["\n"]'],
    ['an unknown escape', '["\\x41"]'],
    ['a trailing comma', '[1,]'],
    ['a comment', '[1/**/]'],
    ['two values', '{}{}'],
    ['nothing', ''],
    ['an unusual space', '\u00a0[]'],
    ['an open string', '["a'],
    ['an open object', '{"a":1'],
  ])('A54 refuses %s', (_what, text) => {
    expect(() => parseStrictJson(text)).toThrow('JSON: ');
  });

  it('A25 keeps a member named like an inherited one as data', () => {
    expect(Object.entries(parseStrictJson('{"constructor":1,"hasOwnProperty":2}') as object)).toEqual([
      ['constructor', 1],
      ['hasOwnProperty', 2],
    ]);
  });

  it('A51 stops at ten levels, the outermost being the first', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseStrictJson(nested(10))).toBeDefined();
    expect(() => parseStrictJson(nested(11))).toThrow('too deep');
    expect(() => parseStrictJson(nested(100_000))).toThrow('too deep');
    expect(() => parseStrictJson(nested(3), { maxDepth: 2 })).toThrow('too deep');
  });

  it('says where it stopped and nothing of the text', () => {
    expect(() => parseStrictJson('{"secret":tru}')).toThrow(new SyntaxError('JSON: unexpected text at position 10'));
  });
});

describe('a text that JSON.stringify could have written', () => {
  it.each<[string, string]>([
    ['duplicate members', '{"a":1,"a":1}'],
    ['duplicate members deep inside', '{"a":[{"b":1,"b":2}]}'],
    ['__proto__', '{"__proto__":{"a":1}}'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}'],
    ['a lone surrogate, escaped as JSON.stringify does', '{"a":"\\ud800"}'],
    ['a raw lone surrogate', '{"a":"\ud800"}'],
    ['a number out of range', '{"a":1e999}'],
    ['a structure that is too deep', `${'[['.repeat(6)}${']]'.repeat(6)}`],
  ])('is refused for %s, like any other', (_what, text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  });

  it('has the value that JSON.parse gives, and so has every other spelling of it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const compact = JSON.stringify(value);
        fc.pre(!compact.includes('__proto__') && !compact.includes('\\u') && !Object.is(value, -0));
        expect(parseStrictJson(compact)).toEqual(JSON.parse(compact));
        expect(parseStrictJson(JSON.stringify(value, undefined, 1))).toEqual(JSON.parse(compact));
      }),
    );
  });

  it('may hold more braces in its strings than the depth that is allowed', () => {
    expect(parseStrictJson('{"a":"[[[[[[[[[[[[[[{{{{{{{{{"}')).toEqual({ a: '[[[[[[[[[[[[[[{{{{{{{{{' });
  });
});
