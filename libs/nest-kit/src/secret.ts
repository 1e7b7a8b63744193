import { inspect } from 'node:util';
import { z } from 'zod';

const REDACTED = '[redacted]';

/** A configured secret. Printing, logging or serialising it gives `[redacted]`; only `reveal` gives the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret text, for the one place that uses it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/**
 * Configuration field of a secret: a text, or a `Secret` that was made already.
 * @param rules `minLength` in characters, 1 when absent
 */
export function secret(rules: { readonly minLength?: number } = {}) {
  const { minLength = 1 } = rules;
  return z
    .union([z.instanceof(Secret), z.string().transform((text) => new Secret(text))])
    .refine((value) => value.reveal().length >= minLength, { error: `a secret of at least ${minLength} characters is needed` });
}
