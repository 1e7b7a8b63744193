import { beforeAll, describe, expect, it } from '@jest/globals';
import { base64url, party, type Party, sign } from '../../test/token-support.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { parseCompactJws, parseDpopJws, parseSubjectJws } from './parse-compact-jws.ts';

const HEADER = { alg: 'ES256', kid: 'k', typ: 'at+jwt' };
const forge = (header: unknown, claims: unknown): string => [header, claims].map((part) => base64url(JSON.stringify(part))).join('.') + '.AAAA';

function faultOf(parse: () => unknown): { reason: string; faultClass: string } | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!(error instanceof TokenFault)) throw error;
    return { reason: error.reason, faultClass: error.faultClass };
  }
}

describe('a compact JWS', () => {
  let issuer: Party;
  beforeAll(async () => {
    issuer = await party('k');
  });

  it('is taken apart into header, claims, signing input and signature', async () => {
    const token = await sign(issuer, 'at+jwt', { iss: 'x', n: [1, { a: null }] });
    const jws = parseCompactJws(token);
    expect(jws.header).toEqual(HEADER);
    expect(jws.claims).toEqual({ iss: 'x', n: [1, { a: null }] });
    expect(token.startsWith(`${jws.signingInput}.`)).toBe(true);
    expect(jws.signature).toHaveLength(64);
  });

  it('A54 is a format fault, which a fresh token cures, when it is no compact JWS at all', () => {
    for (const text of ['', 'x', 'a.b', 'a.b.c.d', '..', `${forge(HEADER, {})}=`, ` ${forge(HEADER, {})}`, 'x'.repeat(8193)]) {
      expect(faultOf(() => parseCompactJws(text))).toEqual({ reason: 'malformed', faultClass: 'curable' });
    }
  });

  it('A54 may have 8192 octets and not one more', () => {
    const signatures = ['AA', 'AAA', 'AAAA'];
    const tokens = Array.from({ length: 40 }, (_, n) => forge(HEADER, { padding: 'x'.repeat(6060 + n) }).slice(0, -4)).flatMap((start) =>
      signatures.map((signature) => start + signature),
    );
    expect(tokens.map(({ length }) => length)).toEqual(expect.arrayContaining([8192, 8193]));
    for (const token of tokens) expect(faultOf(() => parseCompactJws(token))?.reason).toBe(token.length <= 8192 ? undefined : 'malformed');
  });

  it('names a foreign header member before anything else that is wrong with the header [A48]', () => {
    expect(faultOf(() => parseCompactJws(forge({ alg: 'none', jku: 'https://as.evil.example' }, {})))?.reason).toBe('bad_header');
  });

  it('A51 refuses actors nested as deep as the size allows in less than 50 ms', () => {
    const bomb = (claims: string): string => [JSON.stringify(HEADER), claims].map(base64url).join('.') + '.AAAA';
    for (const claims of [`${'{"act":'.repeat(700)}1${'}'.repeat(700)}`, '['.repeat(6000), `{"act":"${'x'.repeat(5900)}"}`, '{"a":1,'.repeat(800)]) {
      const start = performance.now();
      faultOf(() => parseCompactJws(bomb(claims)));
      expect(performance.now() - start).toBeLessThan(50);
    }
    expect(faultOf(() => parseCompactJws(bomb('{"act":'.repeat(700))))?.reason).toBe('bad_json');
  });
});

describe('a token of an identity provider', () => {
  it('may leave typ out and is then read as JWT, never as an access token [A50]', () => {
    expect(parseSubjectJws(forge({ alg: 'ES256', kid: 'k' }, {})).header.typ).toBe('JWT');
    expect(parseSubjectJws(forge(HEADER, {})).header.typ).toBe('at+jwt');
    expect(faultOf(() => parseSubjectJws(forge({ alg: 'ES256' }, {})))?.reason).toBe('bad_kid');
    expect(faultOf(() => parseSubjectJws(forge({ alg: 'ES256', kid: 'k', x5t: 'AA' }, {})))?.reason).toBe('bad_header');
  });
});

describe('a DPoP proof', () => {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' };

  it('carries its public key, and no key id beside it [RFC 9449 4.2]', () => {
    expect(parseDpopJws(forge({ alg: 'ES256', typ: 'dpop+jwt', jwk }, {})).header.jwk).toEqual(jwk);
    expect(faultOf(() => parseDpopJws(forge({ alg: 'ES256', typ: 'dpop+jwt', jwk, kid: 'k' }, {})))?.reason).toBe('bad_header');
    expect(faultOf(() => parseDpopJws(forge({ alg: 'ES256', typ: 'dpop+jwt' }, {})))?.reason).toBe('bad_header');
  });

  it('carries no private member [RFC 9449 4.2]', () => {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) {
      expect(faultOf(() => parseDpopJws(forge({ alg: 'ES256', typ: 'dpop+jwt', jwk: { ...jwk, [member]: 'AA' } }, {})))?.reason).toBe('bad_header');
    }
  });
});
