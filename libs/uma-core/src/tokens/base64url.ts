const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NO_SEXTET = 255;
const SEXTETS = new Uint8Array(128).fill(NO_SEXTET);
for (let index = 0; index < ALPHABET.length; index += 1) SEXTETS[ALPHABET.charCodeAt(index)] = index;

const UTF8_ENCODER = new TextEncoder();
// RFC 7515 2: a byte order mark is not part of UTF-8 text here; it is kept, so that the JSON parser refuses it.
const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * RFC 7515 2 BASE64URL without padding.
 * @param bytes what to encode
 * @returns its one canonical spelling
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const available = Math.min(3, bytes.length - index);
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let sextet = 0; sextet <= available; sextet += 1) text += ALPHABET.charAt((group >> (18 - 6 * sextet)) & 63);
  }
  return text;
}

/**
 * Decodes canonical BASE64URL (RFC 7515 2; security.md M10).
 * @param text base64url text
 * @returns the bytes, or undefined for any spelling but the one that `encodeBase64Url` makes:
 *   padding, white space, the standard alphabet, an impossible length, or unused trailing bits that are not zero
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const remainder = text.length % 4;
  if (remainder === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let pending = 0;
  let pendingBits = 0;
  let written = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sextet = SEXTETS[text.charCodeAt(index)] ?? NO_SEXTET;
    if (sextet === NO_SEXTET) return undefined;
    pending = ((pending << 6) | sextet) & 0xffff;
    pendingBits += 6;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[written] = pending >> pendingBits;
    written += 1;
    pending &= (1 << pendingBits) - 1;
  }
  return pending === 0 ? bytes : undefined;
}

/** The UTF-8 octets of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return UTF8_ENCODER.encode(text);
}

/**
 * Decodes UTF-8 strictly.
 * @returns the text (a byte order mark stays in it), or undefined when the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8_DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}
