/** A parsed e-mail address. `address` is the canonical spelling: local part byte-exact, domain as lower-case A-label. */
export interface EmailAddress {
  readonly address: string;
  readonly localPart: string;
  readonly domain: string;
}

const LOCAL_PART = /^[A-Za-z0-9!#$&'*+\-=?^_`{|}~]+(\.[A-Za-z0-9!#$&'*+\-=?^_`{|}~]+)*$/;
const LDH_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SPECIAL_USE = new Set(['localhost', 'local', 'internal', 'localdomain', 'home', 'lan', 'onion', 'invalid']);
/** Single-script labels, and the script mixtures that Japanese, Korean and Chinese writing needs (UTS 39 5.2 "highly restrictive", without Latin mixtures). */
const LABEL_SCRIPTS = [
  /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Greek}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Hebrew}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Arabic}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Devanagari}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Thai}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Armenian}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Georgian}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Han}\p{Script=Bopomofo}\p{Script=Common}\p{Script=Inherited}]*$/u,
];
/** Characters that UTS 46 maps away or to something else: an address that needs them is not the address it looks like. */
const IGNORABLE_OR_FOLDED = /[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFF00-\uFFEF]/u;

/**
 * Parses an e-mail address strictly (protocol.md 6.2 step 1; A32 to A34).
 * @param text the address, for example the `sub` of an identity claims token
 * @returns the canonical address, or undefined when it is not one: exactly one `@`, dot-atom local part of 1 to 64 octets,
 *   domain of at least two LDH labels after UTS 46 mapping, no IP literal, no special-use name, no trailing dot, no label of mixed scripts
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  if (text.length > 320) return undefined;
  const parts = text.split('@');
  const [localPart, rawDomain] = parts;
  if (parts.length !== 2 || localPart === undefined || rawDomain === undefined) return undefined;
  if (localPart.length > 64 || !LOCAL_PART.test(localPart)) return undefined;
  const domain = parseDomain(rawDomain);
  return domain === undefined ? undefined : { address: `${localPart}@${domain}`, localPart, domain };
}

/**
 * Parses a domain name strictly to its lower-case A-label form.
 * @returns the A-label, or undefined when the text is not an acceptable e-mail domain
 */
export function parseDomain(text: string): string | undefined {
  if (text.length === 0 || text.length > 253 || IGNORABLE_OR_FOLDED.test(text)) return undefined;
  if (/[^\p{L}\p{M}\p{N}.-]/u.test(text)) return undefined;
  const ascii = toAscii(text);
  if (ascii === undefined) return undefined;
  const labels = ascii.split('.');
  const last = labels.at(-1);
  if (labels.length < 2 || last === undefined || SPECIAL_USE.has(last) || /^[0-9]+$|^0x/.test(last)) return undefined;
  if (!labels.every((label) => LDH_LABEL.test(label))) return undefined;
  // A label with hyphens in the third and fourth place is an A-label or reserved (RFC 5890 2.3.1).
  if (labels.some((label) => label.slice(2, 4) === '--' && !label.startsWith('xn--'))) return undefined;
  return text.toLowerCase() === ascii || hasSingleScriptLabels(text) ? ascii : undefined;
}

function toAscii(domain: string): string | undefined {
  try {
    // The WHATWG URL parser applies UTS 46 "domain to ASCII"; it refuses forbidden code points and invalid punycode.
    const { hostname } = new URL(`https://${domain}/`);
    return hostname.length > 0 && hostname.length <= 253 ? hostname : undefined;
  } catch {
    return undefined;
  }
}

function hasSingleScriptLabels(domain: string): boolean {
  return domain
    .normalize('NFC')
    .split('.')
    .every((label) => LABEL_SCRIPTS.some((script) => script.test(label)));
}
