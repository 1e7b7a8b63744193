import { invalidRequest } from '../errors/refusals.ts';

/** The parameters of an `application/x-www-form-urlencoded` body, in the order sent. Names are case sensitive (G10). */
export class FormParameters {
  readonly #pairs: readonly (readonly [name: string, value: string])[];

  constructor(pairs: Iterable<readonly [string, string]>) {
    this.#pairs = [...pairs];
  }

  /**
   * The value of a parameter that may occur once; an empty value counts as absent (RFC 6749 3.1, 3.2).
   * @throws ProtocolError `invalid_request` when it occurs more than once (A68)
   */
  single(name: string): string | undefined {
    const values = this.all(name);
    if (values.length > 1) throw invalidRequest('parameter_repeated', name);
    return values[0] === '' ? undefined : values[0];
  }

  /**
   * The value of a parameter that must occur exactly once.
   * @throws ProtocolError `invalid_request` when it is missing, empty or repeated
   */
  required(name: string): string {
    const value = this.single(name);
    if (value === undefined) throw invalidRequest('parameter_missing', name);
    return value;
  }

  /** All values of a repeatable parameter (`resource`, `audience` of RFC 8693 2.1). */
  all(name: string): string[] {
    return this.#pairs.filter(([candidate]) => candidate === name).map(([, value]) => value);
  }

  /** The distinct names that occur. */
  names(): string[] {
    return [...new Set(this.#pairs.map(([name]) => name))];
  }
}

/**
 * Parses a form body. Raw `#`, `,` and spaces are taken as they are.
 * @param body the undecoded body
 * @throws ProtocolError `invalid_request` when there are more than 64 parameters
 */
export function parseForm(body: string): FormParameters {
  const pairs = [...new URLSearchParams(body)];
  if (pairs.length > 64) throw invalidRequest('too_many_parameters');
  return new FormParameters(pairs);
}
