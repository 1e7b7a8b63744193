import { AmbiguousTarget } from './ambiguous-target.ts';

declare const canonical: unique symbol;

/** The path of a canonical target: the only spelling that is decided on and the only one that is forwarded. */
export type CanonicalPath = string & { readonly [canonical]: 'path' };

/** A request target in its one canonical form; only {@link canonicalTarget} makes one. */
export interface CanonicalTarget {
  readonly [canonical]: 'target';
  readonly path: CanonicalPath;
  /** Empty, or byte for byte what the client sent, with its leading `?`. */
  readonly query: string;
  /** `path` followed by `query`: exactly what goes upstream. */
  readonly target: string;
}

// RFC 3986 3.3: pchar = unreserved / pct-encoded / sub-delims / ":" / "@"; the sub-delim ";" is refused apart.
const PLAIN_SEGMENT = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;
const PCHAR = /[A-Za-z0-9\-._~!$&'()*+,=:@]/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/;
const LONE_PERCENT = /%(?![0-9A-Fa-f]{2})/;
// A backend that decodes twice, or before it splits, would see another path (Traefik's seven: / \ NUL % ; # ?).
const ENCODED_DELIMITERS = new Set([0x2f, 0x5c, 0x00, 0x25, 0x3b, 0x23, 0x3f]);
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Brings a request target into the one canonical form of RFC 3986 6.2.2 (unreserved characters decoded, hex in
 * capitals), or refuses it. Idempotent: the canonical form of a canonical form is itself.
 * Letter case is kept (paths are case sensitive) and a reserved character keeps the spelling it came in.
 *
 * @param rawTarget the request target as it stood on the request line (`IncomingMessage.url`)
 * @returns path, query and the exact target to forward
 * @throws AmbiguousTarget (400) for anything but origin-form, and for every target with more than one reading [A79]
 */
export function canonicalTarget(rawTarget: string): CanonicalTarget {
  refuseOtherForms(rawTarget);
  refuseForbiddenCharacters(rawTarget);
  const mark = rawTarget.indexOf('?');
  const rawPath = mark === -1 ? rawTarget : rawTarget.slice(0, mark);
  const query = mark === -1 ? '' : rawTarget.slice(mark);
  if (LONE_PERCENT.test(query)) throw new AmbiguousTarget('invalid_percent_encoding');

  const path = canonicalPath(rawPath) as CanonicalPath;
  return Object.freeze({ path, query, target: path + query }) as CanonicalTarget;
}

/** RFC 9112 3.2: of the four forms of a request target a gateway with a fixed upstream needs origin-form only [A91]. */
function refuseOtherForms(target: string): void {
  if (target.startsWith('/')) return;
  if (target === '') throw new AmbiguousTarget('empty_target');
  if (target === '*') throw new AmbiguousTarget('asterisk_form');
  throw new AmbiguousTarget(SCHEME.test(target) ? 'absolute_form' : 'authority_form');
}

function refuseForbiddenCharacters(target: string): void {
  for (let index = 0; index < target.length; index += 1) {
    const code = target.charCodeAt(index);
    if (code > 0x7e) throw new AmbiguousTarget(code === 0x7f ? 'control_character' : 'non_ascii');
    if (code < 0x20) throw new AmbiguousTarget('control_character');
    if (code === 0x20) throw new AmbiguousTarget('invalid_character');
    if (code === 0x23) throw new AmbiguousTarget('fragment');
  }
}

function canonicalPath(rawPath: string): string {
  const segments = rawPath.split('/');
  const last = segments.length - 1;
  let path = '';
  for (let index = 1; index <= last; index += 1) {
    const segment = canonicalSegment(segments[index] ?? '');
    // "/a/" ends in an empty segment and is a path of its own; "//" is a name that backends collapse.
    if (segment === '' && index !== last) throw new AmbiguousTarget('empty_segment');
    refuseDeceptiveSegment(segment);
    path += `/${segment}`;
  }
  return path;
}

function canonicalSegment(raw: string): string {
  if (PLAIN_SEGMENT.test(raw)) return raw;
  let segment = '';
  const octets: number[] = [];
  for (let index = 0; index < raw.length; index += 1) {
    const character = raw.charAt(index);
    if (character === '%') {
      const octet = octetAt(raw, index);
      octets.push(octet);
      segment += canonicalOctet(octet);
      index += 2;
    } else {
      refuseUnlessPchar(character);
      octets.push(character.charCodeAt(0));
      segment += character;
    }
  }
  refuseUnlessUtf8(octets);
  return segment;
}

function octetAt(raw: string, percent: number): number {
  const digits = raw.slice(percent + 1, percent + 3);
  if (!HEX_PAIR.test(digits)) throw new AmbiguousTarget('invalid_percent_encoding');
  const octet = Number.parseInt(digits, 16);
  if (ENCODED_DELIMITERS.has(octet)) throw new AmbiguousTarget('encoded_delimiter');
  if (octet < 0x20 || octet === 0x7f) throw new AmbiguousTarget('encoded_control_character');
  return octet;
}

function canonicalOctet(octet: number): string {
  const character = String.fromCharCode(octet);
  if (octet < 0x80 && UNRESERVED.test(character)) return character;
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

function refuseUnlessPchar(character: string): void {
  if (PCHAR.test(character)) return;
  if (character === '\\') throw new AmbiguousTarget('backslash');
  // Backends that know path parameters drop them, so "/admin;x=1" is "/admin" there.
  if (character === ';') throw new AmbiguousTarget('path_parameter');
  throw new AmbiguousTarget('invalid_character');
}

/** Overlong and otherwise invalid UTF-8 has as many readings as there are decoders; C1 controls count as controls. */
function refuseUnlessUtf8(octets: readonly number[]): void {
  if (octets.every((octet) => octet < 0x80)) return;
  let text: string;
  try {
    text = UTF8.decode(Uint8Array.from(octets));
  } catch {
    throw new AmbiguousTarget('invalid_utf8');
  }
  if (/[\u0080-\u009f]/.test(text)) throw new AmbiguousTarget('encoded_control_character');
}

function refuseDeceptiveSegment(segment: string): void {
  if (segment === '.' || segment === '..') throw new AmbiguousTarget('dot_segment');
  // Windows file names lose trailing dots and spaces: "/admin." and "/admin%20" are "/admin" there.
  if (segment.endsWith('.') || segment.endsWith('%20')) throw new AmbiguousTarget('trailing_dot_or_space');
}
