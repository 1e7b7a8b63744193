import type { JsonValue } from '@uma-federation/uma-core';
import type { NamedVector } from '../../src/token-vector.ts';
import { type BaseToken, type Mutation, toVector } from './base-token.ts';
import { resourceClaimsToken } from './base-tokens.ts';
import { changed, foreignClaims, missingClaims, timeMutations, wrongClaimTypes } from './claim-mutations.ts';
import { formatMutations } from './format-mutations.ts';
import { headerMutations, keyIdMutations } from './header-mutations.ts';
import { signatureMutations } from './signature-mutations.ts';

function resources(base: BaseToken): Mutation[] {
  const bad = (name: string, aud: JsonValue, reason = 'bad_resource_uri'): Mutation =>
    changed(base, `resource-${name}`, 'aud', aud, { reason, attacks: ['A56'] });
  const good = (name: string, aud: JsonValue, inputs = {}): Mutation => ({
    name: `resource-${name}`,
    description: `aud is ${JSON.stringify(aud)}`,
    attacks: ['A56'],
    claims: { ...base.claims, aud },
    inputs,
  });
  return [
    good('with-query', 'https://api.acme.example/notes?page=2'),
    good('with-port', 'https://api.acme.example:8443/notes'),
    good('in-array', ['https://api.acme.example/notes']),
    good('on-loopback', 'http://127.0.0.1:4130/notes', { allowLoopback: true }),
    bad('on-forbidden-loopback', 'http://127.0.0.1:4130/notes'),
    bad('http', 'http://api.acme.example/notes'),
    bad('fragment', 'https://api.acme.example/notes#7'),
    bad('relative', '/notes/7'),
    bad('userinfo', 'https://api.acme.example@evil.example/notes'),
    bad('ip-literal', 'https://10.0.0.1/notes'),
    bad('ip-decimal', 'https://167772161/notes'),
    bad('ipv6', 'https://[fd00::1]/notes'),
    bad('javascript', 'javascript:alert(1)'),
    bad('white-space', 'https://api.acme.example/a b'),
    bad('backslash', 'https://api.acme.example\\@evil.example/'),
    bad('two', ['https://api.acme.example/notes', 'https://api.acme.example/other'], 'bad_claims'),
    bad('empty-array', [], 'bad_claims'),
    bad('empty', '', 'bad_claims'),
    bad('number', 1, 'bad_claims'),
    bad('long', `https://api.acme.example/${'n'.repeat(2048)}`, 'bad_claims'),
  ];
}

function hashes(base: BaseToken): Mutation[] {
  const bad = (name: string, sub: JsonValue): Mutation => changed(base, `hash-${name}`, 'sub', sub, { attacks: ['A13'] });
  return [
    bad('padded', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU='),
    bad('standard-alphabet', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g/oiWV30s+gH9OU'),
    bad('hex', 'd97ed1c2fabc5d1abdcf8121daae7a5784f998da3483fa22595df4b3e807f4e5'),
    bad('short', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9O'),
    bad('array', ['2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU']),
    bad('empty', ''),
  ];
}

function issuers(base: BaseToken): Mutation[] {
  const bad = (name: string, iss: JsonValue, more: Partial<Mutation> = {}): Mutation =>
    changed(base, `issuer-${name}`, 'iss', iss, { reason: 'wrong_issuer', attacks: ['A37'], ...more });
  const unknown = { reason: 'unknown_key', faultClass: 'curable', attacks: ['A10', 'A31'] } as const;
  return [
    bad('http', 'http://as.acme.example'),
    bad('query', 'https://as.acme.example?x=1'),
    bad('fragment', 'https://as.acme.example#x'),
    bad('userinfo', 'https://as.acme.example@evil.example'),
    bad('ip-literal', 'https://127.0.0.1'),
    bad('loopback', 'http://127.0.0.1:4110'),
    bad('file', 'file:///etc/passwd'),
    bad('upper-case', 'https://AS.acme.example'),
    bad('default-port', 'https://as.acme.example:443'),
    bad('dot-segments', 'https://as.acme.example/a/../'),
    bad('number', 7, { reason: 'bad_claims' }),
    bad('foreign', 'https://as.evil.example', unknown),
    bad('suffix', 'https://as.acme.example.evil.example', unknown),
    bad('slash', 'https://as.acme.example/', unknown),
    {
      name: 'issuer-on-loopback',
      description: 'an issuer on loopback, where that is allowed',
      attacks: [],
      claims: { ...base.claims, iss: 'http://127.0.0.1:4110' },
      inputs: { issuer: 'http://127.0.0.1:4110', allowLoopback: true },
    },
  ];
}

/** All vectors of resource claims tokens. */
export async function resourceClaimsTokenVectors(): Promise<NamedVector[]> {
  const base = await resourceClaimsToken();
  const actor = (name: string, claim: string, value: JsonValue): Mutation =>
    changed(base, name, claim, value, { reason: 'act_not_allowed', attacks: ['A51'] });
  return [
    { name: 'plain', description: 'as acme mints it', attacks: [] },
    ...formatMutations(base),
    ...headerMutations(base),
    ...keyIdMutations(base),
    ...signatureMutations(base),
    ...missingClaims(base, ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti']),
    ...wrongClaimTypes(base, ['iat', 'nbf', 'exp']),
    ...foreignClaims(base),
    ...timeMutations(base, 300),
    ...resources(base),
    ...hashes(base),
    ...issuers(base),
    actor('act', 'act', { sub: 'somebody' }),
    actor('act-null', 'act', null),
    actor('may-act', 'may_act', { sub: 'somebody' }),
  ].map((mutation) => toVector(base, mutation));
}
