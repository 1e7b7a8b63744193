import type { JsonObject, JsonValue } from '../model/json.ts';

/** How much of JSON is accepted. */
export interface StrictJsonRules {
  /** Levels of objects and arrays; the outermost is the first. */
  readonly maxDepth: number;
}

const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
 
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
/** RFC 7493 2.1 forbids lone surrogates; a NUL fits in no text column of a database. */
const UNUSABLE = /\p{Surrogate}|\0/u;
const LITERALS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Parses JSON the way RFC 7493 (I-JSON) asks, and no other way (protocol.md 1.7; A51, A54; security.md M11).
 * @param text the JSON text, without byte order mark
 * @param rules the depth limit (default 10)
 * @returns the value
 * @throws SyntaxError for anything that is not RFC 8259 JSON, and for duplicate members at any depth, a member `__proto__`,
 *   numbers that are not finite, lone surrogates, NUL characters, and structures deeper than the limit; the message holds no input
 */
export function parseStrictJson(text: string, rules: StrictJsonRules = { maxDepth: 10 }): JsonValue {
  return parseCanonical(text, rules.maxDepth) ?? new JsonReader(text, rules.maxDepth).document();
}

/**
 * The value of a text that is exactly what `JSON.stringify` would have made of it, as most tokens are: a duplicate member, a number out of
 * range or a lone surrogate would not come back the same. Escapes, `__proto__` and depth, which may, are left to the reader.
 * @returns undefined when the reader has to look
 */
function parseCanonical(text: string, maxDepth: number): JsonValue | undefined {
  if (text.includes('\\') || text.includes('"__proto__"') || countOpenings(text, maxDepth) > maxDepth) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return value !== null && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Braces and brackets that open, those in strings too: no structure is deeper than that. Stops above the limit. */
function countOpenings(text: string, limit: number): number {
  let count = 0;
  for (let index = 0; index < text.length && count <= limit; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x7b || unit === 0x5b) count += 1;
  }
  return count;
}

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #position = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): JsonValue {
    const value = this.#value(1);
    this.#skipWhiteSpace();
    if (this.#position !== this.#text.length) throw this.#fault('unexpected text');
    return value;
  }

  #value(depth: number): JsonValue {
    this.#skipWhiteSpace();
    const start = this.#text[this.#position];
    if (start === '"') return this.#string();
    if (start === '{' || start === '[') {
      if (depth > this.#maxDepth) throw this.#fault('too deep');
      this.#position += 1;
      return start === '{' ? this.#object(depth) : this.#array(depth);
    }
    for (const [literal, value] of LITERALS) {
      if (this.#text.startsWith(literal, this.#position)) {
        this.#position += literal.length;
        return value;
      }
    }
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const members: Record<string, JsonValue> = {};
    if (this.#accept('}')) return members;
    do {
      this.#skipWhiteSpace();
      const name = this.#string();
      if (name === '__proto__') throw this.#fault('forbidden member');
      if (Object.hasOwn(members, name)) throw this.#fault('duplicate member');
      this.#expect(':');
      members[name] = this.#value(depth + 1);
    } while (this.#accept(','));
    this.#expect('}');
    return members;
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    if (this.#accept(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#accept(','));
    this.#expect(']');
    return items;
  }

  #string(): string {
    const literal = this.#match(STRING);
    const text = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
    if (UNUSABLE.test(text)) throw this.#fault('unusable character');
    return text;
  }

  #number(): number {
    const value = Number(this.#match(NUMBER));
    if (!Number.isFinite(value)) throw this.#fault('number out of range');
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#fault('unexpected text');
    this.#position += found.length;
    return found;
  }

  #accept(punctuation: string): boolean {
    this.#skipWhiteSpace();
    if (this.#text[this.#position] !== punctuation) return false;
    this.#position += 1;
    return true;
  }

  #expect(punctuation: string): void {
    if (!this.#accept(punctuation)) throw this.#fault('unexpected text');
  }

  #skipWhiteSpace(): void {
    WHITE_SPACE.lastIndex = this.#position;
    this.#position += WHITE_SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #fault(problem: string): SyntaxError {
    return new SyntaxError(`JSON: ${problem} at position ${this.#position}`);
  }
}
