/** What a value may look like: no address, path, token or sentence does. */
const IDENTIFIER = /^(?!eyJ)[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const MAX_VALUES = 200;
const OTHER = 'other';

/**
 * The values of one label, kept few and harmless: a second net below the rule that label values come from code and configuration only.
 * Each value is a time series; a value that a client could choose would be a leak and a way to exhaust memory.
 */
export class BoundedLabel {
  readonly #known = new Set<string>();

  /** The value itself, or `other` when it is no identifier or the 201st one. */
  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MAX_VALUES || !IDENTIFIER.test(value)) return OTHER;
    this.#known.add(value);
    return value;
  }
}
