import { RequestRefusal } from './request-refusal.ts';

// What needs no change: visible ASCII but "%", with spaces inside only.
const PLAIN = /^[\x21-\x24\x26-\x7e]+(?: +[\x21-\x24\x26-\x7e]+)*$/;

/**
 * Writes a text as a header value that an upstream can read in one way only: printable ASCII stays, everything else
 * is percent-encoded as UTF-8. `%` is encoded too, or the e-mail addresses `é@x` and `%C3%A9@x` would arrive alike; so
 * are spaces at either end, which HTTP parsers trim. The upstream percent-decodes the value.
 *
 * @param text any text without control characters
 * @returns visible ASCII and inner spaces only
 * @throws RequestRefusal 400 for control characters (CR and LF among them) and for lone surrogates
 */
export function identityValue(text: string): string {
  if (PLAIN.test(text)) return text;
  if (/[\u0000-\u001f\u007f-\u009f\p{Surrogate}]/u.test(text)) throw new RequestRefusal(400, 'identity_value');
  return text.replace(/[^\u0020-\u007e]+|%|^ +| +$/gu, encodeURIComponent);
}
