import type { TraceStep, TracedRequest, TracedResponse } from '@uma-federation/uma-client';
import { parseChallenges } from '@uma-federation/uma-core';
import type { JsonValue } from '@uma-federation/uma-core';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import { isSecretMember, looksSecret, redactText, redactValue, shorten, showSecret } from './redact.ts';

const REQUEST_HEADERS = ['authorization', 'dpop', 'content-type'];
const RESPONSE_HEADERS = ['www-authenticate', 'dpop-nonce', 'location', 'warning', 'content-type'];
const WIDTH = 100;
const INDENT = '     ';
const TIMES = new Set(['iat', 'nbf', 'exp', 'auth_time']);
/** Shorter values would be found in harmless text as well. */
const SHORTEST_REMEMBERED = 8;

/**
 * Prints the steps of one flow for the terminal: title, request line or status, interesting headers, and form or body members, one
 * per line of at most 100 columns. No token is ever complete: tokens are shortened and JWTs decoded besides; of secrets only the
 * length is shown. A token that was seen once is shortened wherever it turns up again, in an error description for example.
 */
export class TracePrinter {
  readonly #paint: Paint;
  readonly #known = new Set<string>();
  readonly #decoded = new Set<string>();

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** @returns the lines of one step */
  print({ number, title, request, response }: TraceStep): string {
    for (const secret of secretsOf(request, response)) if (secret.length >= SHORTEST_REMEMBERED) this.#known.add(secret);
    const lines = [this.#paint('title', `${String(number).padStart(2)}. ${title}`)];
    if (request !== undefined) lines.push(...this.#request(request));
    if (response !== undefined) lines.push(...this.#response(response));
    if (request === undefined && response === undefined) lines.push(`${INDENT}${this.#paint('quiet', 'between these two; the client does not see it')}`);
    return `${lines.join('\n')}\n\n`;
  }

  #request({ method, url, headers, form, json }: TracedRequest): string[] {
    return [
      cut(`${INDENT}${printable(method)} ${printable(redactText(url, this.#known))}`),
      ...this.#headers(headers, REQUEST_HEADERS),
      ...Object.entries({ ...form, ...json }).flatMap(([name, value]) => this.#member(name, value, INDENT)),
    ];
  }

  #response({ status, headers, body }: TracedResponse): string[] {
    return [
      `${INDENT}${this.#paint(status < 400 ? 'good' : 'bad', String(status))}`,
      ...this.#headers(headers, RESPONSE_HEADERS),
      ...Object.entries(body ?? {}).flatMap(([name, value]) => this.#member(name, value, INDENT)),
    ];
  }

  #headers(headers: Readonly<Record<string, string>>, names: readonly string[]): string[] {
    return names.flatMap((name) => {
      const value = headers[name];
      if (value === undefined) return [];
      if (name === 'www-authenticate') return this.#challenges(value);
      if (name === 'authorization') return this.#credentials(value);
      return name === 'dpop' ? this.#token(name, value, INDENT) : [this.#line(name, value, INDENT)];
    });
  }

  #challenges(value: string): string[] {
    const challenges = parseChallenges(value);
    if (challenges === undefined) return [this.#line('www-authenticate', '(malformed)', INDENT)];
    return challenges.flatMap(({ scheme, parameters }) => [
      this.#line('www-authenticate', scheme, INDENT),
      ...[...parameters].flatMap(([name, text]) => this.#member(name, text, `${INDENT}  `)),
    ]);
  }

  #credentials(value: string): string[] {
    const { scheme, credentials } = splitCredentials(value);
    // Basic credentials are an encoded secret: nothing of them is shown.
    if (/^basic$/i.test(scheme)) return [this.#line('authorization', `${scheme} (${credentials.length} characters)`, INDENT)];
    return this.#token('authorization', credentials, INDENT, `${scheme} `);
  }

  #member(name: string, value: JsonValue, indent: string): string[] {
    if (typeof value !== 'string') return [this.#line(name, JSON.stringify(redactValue(value, this.#known)), indent)];
    return isSecretMember(name) || looksSecret(value) ? this.#token(name, value, indent) : [this.#line(name, value, indent)];
  }

  /** A token: shortened, and when it is a JWT its `typ` and claims below, once. */
  #token(name: string, token: string, indent: string, prefix = ''): string[] {
    const shown = `${prefix}${isSecretMember(name) ? showSecret(name, token) : shorten(token)}`;
    const decoded = decode(token);
    if (decoded === undefined) return [this.#line(name, shown, indent)];
    if (this.#decoded.has(token)) return [this.#line(name, `${shown}, as above`, indent)];
    this.#decoded.add(token);
    const below = `${indent}    `;
    const claims = Object.entries(decoded.claims).map(([claim, value]) => this.#line(claim, this.#claim(claim, value), below));
    return [this.#line(name, shown, indent), this.#line('typ', decoded.typ, below), ...claims];
  }

  #claim(name: string, value: JsonValue): string {
    const redacted = redactValue(value, this.#known);
    if (typeof redacted === 'number' && TIMES.has(name)) return `${redacted} (${timeOf(redacted)})`;
    return typeof redacted === 'string' ? redacted : JSON.stringify(redacted);
  }

  #line(name: string, value: string, indent: string): string {
    const label = `${printable(redactText(name, this.#known))}:`;
    const plain = cut(`${indent}${label} ${printable(redactText(value, this.#known))}`);
    const head = `${indent}${label}`;
    return plain.startsWith(head) ? `${indent}${this.#paint('name', label)}${plain.slice(head.length)}` : plain;
  }
}

/** Tokens and secrets that a step names as such. */
function secretsOf(request: TracedRequest | undefined, response: TracedResponse | undefined): string[] {
  const members = { ...request?.form, ...request?.json, ...response?.body };
  const named = Object.entries(members).flatMap(([name, value]) => (typeof value === 'string' && isSecretMember(name) ? [value] : []));
  const challenged = (parseChallenges(response?.headers['www-authenticate'] ?? '') ?? []).flatMap(({ parameters }) =>
    [...parameters].flatMap(([name, value]) => (isSecretMember(name) ? [value] : [])),
  );
  const authorization = request?.headers['authorization'];
  return [...named, ...challenged, ...(authorization === undefined ? [] : [splitCredentials(authorization).credentials])];
}

function splitCredentials(value: string): { scheme: string; credentials: string } {
  const space = value.indexOf(' ');
  return space === -1 ? { scheme: '', credentials: value } : { scheme: value.slice(0, space), credentials: value.slice(space + 1) };
}

function decode(token: string): { typ: string; claims: Record<string, JsonValue> } | undefined {
  try {
    return { typ: decodeProtectedHeader(token).typ ?? '(none)', claims: decodeJwt<Record<string, JsonValue>>(token) };
  } catch {
    return undefined;
  }
}

/** A NumericDate (RFC 7519 2) for people; what no calendar has is not shown as a date. */
function timeOf(seconds: number): string {
  return Math.abs(seconds) > 253_402_300_799 ? 'no date' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** At most 100 columns. */
function cut(text: string): string {
  const characters = [...text];
  return characters.length <= WIDTH ? text : `${characters.slice(0, WIDTH - 1).join('')}…`;
}
