import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AmbiguousTarget } from './ambiguous-target.ts';
import { canonicalTarget, type CanonicalTarget } from './canonical-target.ts';

interface Corpus {
  readonly refused: readonly { readonly target: string; readonly reason: string }[];
  readonly forwarded: readonly { readonly target: string; readonly canonical: string }[];
}
const corpus = JSON.parse(readFileSync(new URL('../test/corpus/targets.json', import.meta.url), 'utf8')) as Corpus;

function outcomeOf(target: string): CanonicalTarget | AmbiguousTarget {
  try {
    return canonicalTarget(target);
  } catch (error) {
    if (error instanceof AmbiguousTarget) return error;
    throw error;
  }
}

const nasty = ['.', '..', '/', '//', '%2e', '%2E', '%2f', '%5c', '%00', '%25', '%3b', ';', '\\', '%', '%c0%ae', '%c3%a9', '%e9', '%20', ' ', '?', '#', '%23', '%3f', 'a', 'Z', '~', '%7e', '%41', ':', '@', '%40', '\u00e9', '\n', '%0a', '*', 'http:', '%252e'];
const target = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...nasty), { maxLength: 12 }).map((parts) => `/${parts.join('')}`) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom('a', 'b.c', '%41', '%c3%a9', '~x', '%40', '@', '%7b', 'x%20y'), { maxLength: 6 }).map((parts) => `/${parts.join('/')}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.webPath() },
);
const accepted = target.map(outcomeOf).filter((outcome): outcome is CanonicalTarget => !(outcome instanceof AmbiguousTarget));

describe('A79 path normalisation bypass, the canonical target', () => {
  it.each(corpus.refused)('refuses $target because of $reason', ({ target: raw, reason }) => {
    const outcome = outcomeOf(raw);
    expect(outcome).toBeInstanceOf(AmbiguousTarget);
    expect(outcome).toMatchObject({ status: 400, reason });
  });

  it.each(corpus.forwarded)('turns $target into $canonical', ({ target: raw, canonical }) => {
    expect(canonicalTarget(raw).target).toBe(canonical);
  });

  it('answers every text with a canonical target or with 400, never with another error', () => {
    fc.assert(fc.property(target, (raw) => void outcomeOf(raw)), { numRuns: 5_000 });
  });

  it('is idempotent', () => {
    fc.assert(fc.property(accepted, (outcome) => expect(canonicalTarget(outcome.target)).toEqual(outcome)), { numRuns: 2_000 });
  });

  it('forwards exactly what it decided on: target is path and query, and the query is the client\'s', () => {
    fc.assert(
      fc.property(target, (raw) => {
        const outcome = outcomeOf(raw);
        if (outcome instanceof AmbiguousTarget) return;
        expect(outcome.target).toBe(outcome.path + outcome.query);
        expect(outcome.query).toBe(raw.includes('?') ? raw.slice(raw.indexOf('?')) : '');
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves nothing for a second decoding: no dot segment, no delimiter and no percent sign comes out of a segment', () => {
    fc.assert(
      fc.property(accepted, ({ path }) => {
        for (const segment of path.slice(1).split('/')) {
          const decoded = decodeURIComponent(segment);
          expect(decoded).not.toMatch(/[/\\%;?#\u0000-\u001f\u007f-\u009f]|^\.\.?$|[. ]$/);
        }
        expect(path).not.toContain('//');
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with an independent parser: the WHATWG URL parser finds nothing left to change', () => {
    fc.assert(fc.property(accepted, ({ path }) => expect(new URL(`http://h${path}`).pathname).toBe(path)), { numRuns: 2_000 });
  });

  it('reads two spellings of one path alike when they differ in unreserved characters only', () => {
    const character = fc.constantFrom(...'abzAZ019-_~');
    const spelled = fc.array(fc.tuple(character, fc.boolean()), { minLength: 1 });
    fc.assert(
      fc.property(spelled, (letters) => {
        const plain = letters.map(([letter]) => letter).join('');
        const mixed = letters.map(([letter, encode]) => (encode ? `%${letter.charCodeAt(0).toString(16)}` : letter)).join('');
        expect(canonicalTarget(`/${mixed}`).path).toBe(`/${plain}`);
      }),
    );
  });
});
