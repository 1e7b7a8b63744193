import { createHash } from 'node:crypto';

type Claims = Readonly<Record<string, unknown>>;

/** A token that a page names: the header's type and the claims, which are listed where it is seen first. */
export interface NamedToken {
  readonly name: string;
  readonly type: string;
  readonly claims: Claims;
}

const JWS = /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g;
const IDENTIFIERS: readonly (readonly [RegExp, string])[] = [
  [/upc_[A-Za-z0-9_-]{43}/g, 'PCT'],
  [/urr_[A-Za-z0-9_-]{43}/g, 'refresh token'],
  [/urp_[A-Za-z0-9_-]{43}/g, 'refresh token of the PAT'],
  [/uma1_[A-Za-z0-9_-]{43}/g, 'RPT'],
  [/dcr_[A-Za-z0-9_-]{22}/g, 'client'],
  [/rat_[A-Za-z0-9_-]{43}/g, 'registration access token'],
  [/res_[A-Za-z0-9_-]{22}/g, 'resource'],
  [/shr_[A-Za-z0-9_-]{22}/g, 'share'],
  [/req_[A-Za-z0-9_-]{22}/g, 'request'],
  [/pcl_[A-Za-z0-9_-]{22}/g, 'entry'],
  [/cns_[A-Za-z0-9_-]{22}/g, 'consent'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time'],
];

/** Gives what changes from run to run a name: so a page says the same each time, and a reader sees what belongs together. */
export class Names {
  readonly #fixed: readonly (readonly [text: string, name: string])[];
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #fresh: NamedToken[] = [];

  /** @param fixed texts of this run and what they are on the page; longer ones win */
  constructor(fixed: Readonly<Record<string, string>>) {
    this.#fixed = Object.entries(fixed).sort(([a], [b]) => b.length - a.length);
  }

  /** The text with names in the places of tokens, identifiers, hosts and times. */
  apply(text: string): string {
    let named = text.replaceAll(JWS, (token) => this.#token(token));
    for (const [secret, name] of this.#known) if (!secret.startsWith('eyJ')) named = named.replaceAll(secret, name);
    for (const [pattern, kind] of IDENTIFIERS) named = named.replaceAll(pattern, (value) => this.#name(value, kind));
    for (const [value, name] of this.#fixed) named = named.replaceAll(value, name);
    return named;
  }

  /** Tokens that have been seen for the first time since the last call. */
  takeFresh(): readonly NamedToken[] {
    return this.#fresh.splice(0);
  }

  #token(token: string): string {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims);
    if (header === undefined || claims === undefined) return token;
    const kind = kindOf(header, claims);
    const name = this.#name(token, kind);
    if (kind === 'ticket') {
      const nonce = this.#name(String(claims['sub']), 'nonce');
      this.#known.set(createHash('sha256').update(String(claims['sub'])).digest('base64url'), `‹hash of ${nonce.slice(1, -1)}›`);
      this.#known.set(createHash('sha256').update(token).digest('base64url'), `‹hash of ${name.slice(1, -1)}›`);
    }
    if (kind === 'DPoP proof') return name;
    // Identity providers make up their people's identifiers.
    if (['ID token', 'access token'].includes(kind)) this.#name(String(claims['sub']), 'identifier of the person');
    this.#fresh.push({ name, type: textOf(header['typ']) ?? 'JWT', claims: this.#claims(claims) });
    return name;
  }

  #claims(claims: Claims): Claims {
    const issuedAt = Number(claims['iat'] ?? 0);
    const relative = (value: unknown): unknown => {
      const seconds = Math.round((Number(value) - issuedAt) / 10) * 10;
      return seconds === 0 ? 'now' : `now ${seconds < 0 ? '-' : '+'} ${Math.abs(seconds)} s`;
    };
    const shown = (name: string, value: unknown): unknown => {
      if (['iat', 'nbf', 'exp', 'auth_time'].includes(name)) return relative(value);
      if (name === 'jti') return '‹unique›';
      if (name === 'ctx') return '‹encrypted for AS-RO itself›';
      if (name === 'jkt') return '‹thumbprint of the client’s key›';
      if (Array.isArray(value)) return value.map((item) => shown('', item));
      if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(key, member)]));
      return typeof value === 'string' ? this.apply(value) : value;
    };
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, shown(name, value)]));
  }

  #name(value: string, kind: string): string {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = kind === 'time' ? '‹time›' : `‹${kind} ${count}›`;
    this.#known.set(value, name);
    return name;
  }
}

function kindOf(header: Claims, claims: Claims): string {
  switch (header['typ']) {
    case 'uma-ticket+jwt':
      return 'ticket';
    case 'uma-resource-claims+jwt':
      return 'resource claims token';
    case 'uma-identity-claims+jwt':
      return 'identity claims token';
    case 'dpop+jwt':
      return 'DPoP proof';
    case 'client-authentication+jwt':
      return 'client assertion';
    case 'at+jwt':
      if (Array.isArray(claims['permissions'])) return 'RPT';
      return textOf(claims['scope'])?.includes('uma_protection') === true ? 'PAT' : 'access token';
    default:
      return 'ID token';
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
