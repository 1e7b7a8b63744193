import { canonicalTarget } from './canonical-target.ts';

/** One segment of a route pattern: fixed text (decoded), one named segment, or the named rest of the path. */
export type PatternSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string };

const PARAM = /^\{([A-Za-z_][A-Za-z0-9_]*)(\*?)\}$/;

/**
 * Reads a route pattern such as `/users/{owner}/notes/{id}` or `/files/{path*}`.
 *
 * @param pattern literals are written in canonical (percent-encoded) form; `{name}` stands for exactly one non-empty
 *   segment, `{name*}` at the end for one or more
 * @returns the segments, literals decoded
 * @throws Error (configuration) when a literal is not canonical, a name repeats, or `{name*}` is not last
 */
export function parseRoutePattern(pattern: string): readonly PatternSegment[] {
  if (!pattern.startsWith('/')) throw new Error(`route pattern ${quote(pattern)} does not start with "/"`);
  const texts = pattern.slice(1).split('/');
  const names = new Set<string>();
  return texts.map((text, index) => {
    const segment = parseSegment(text, pattern);
    if (segment.kind === 'literal') {
      if (text === '' && index !== texts.length - 1) throw new Error(`route pattern ${quote(pattern)} has an empty segment`);
      return segment;
    }
    if (names.has(segment.name)) throw new Error(`route pattern ${quote(pattern)} uses the name ${quote(segment.name)} twice`);
    names.add(segment.name);
    if (segment.kind === 'rest' && index !== texts.length - 1) {
      throw new Error(`route pattern ${quote(pattern)} goes on after {${segment.name}*}`);
    }
    return segment;
  });
}

/**
 * Tells whether some path is matched by both patterns.
 *
 * @param left segments from {@link parseRoutePattern}
 * @param right segments from {@link parseRoutePattern}
 * @returns true when at least one path matches both
 */
export function patternsOverlap(left: readonly PatternSegment[], right: readonly PatternSegment[]): boolean {
  for (let index = 0; ; index += 1) {
    const a = left[index];
    const b = right[index];
    if (a === undefined || b === undefined) return a === b;
    if (a.kind === 'literal' && b.kind === 'literal') {
      if (a.text !== b.text) return false;
    } else if ((a.kind === 'literal' && a.text === '') || (b.kind === 'literal' && b.text === '')) {
      return false;
    } else if (a.kind === 'rest' || b.kind === 'rest') {
      return true;
    }
  }
}

function parseSegment(text: string, pattern: string): PatternSegment {
  const [, name, star] = PARAM.exec(text) ?? [];
  if (name !== undefined) return { kind: star === '*' ? 'rest' : 'param', name };
  if (text === '') return { kind: 'literal', text: '' };
  if (!isCanonicalSegment(text)) {
    throw new Error(`route pattern ${quote(pattern)}: ${quote(text)} is neither a canonical segment nor {name} nor {name*}`);
  }
  return { kind: 'literal', text: decodeURIComponent(text) };
}

function isCanonicalSegment(text: string): boolean {
  try {
    return canonicalTarget(`/${text}`).path === `/${text}`;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
