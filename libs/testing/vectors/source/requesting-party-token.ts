import type { JsonValue } from '@uma-federation/uma-core';
import type { NamedVector } from '../../src/token-vector.ts';
import { type BaseToken, type Mutation, toVector, without } from './base-token.ts';
import { ACME, NOW, requestingPartyToken, RESOURCE_SERVER } from './base-tokens.ts';
import { changed, foreignClaims, missingClaims, timeMutations, wrongClaimTypes } from './claim-mutations.ts';
import { formatMutations } from './format-mutations.ts';
import { headerMutations, keyIdMutations } from './header-mutations.ts';
import { signatureMutations } from './signature-mutations.ts';

function permissions(base: BaseToken): Mutation[] {
  const bad = (name: string, value: JsonValue): Mutation => changed(base, `permissions-${name}`, 'permissions', value, { attacks: ['A3'] });
  const good = (name: string, description: string, value: JsonValue): Mutation => ({
    name: `permissions-${name}`,
    description,
    attacks: [],
    claims: { ...base.claims, permissions: value },
  });
  return [
    good('several', 'two resources', [
      { resource_id: 'res_1', resource_scopes: ['view', 'https://acme.example/scopes/edit'] },
      { resource_id: 'res_2', resource_scopes: [] },
    ]),
    good('with-times', 'a permission with times of its own', [
      { resource_id: 'res_1', resource_scopes: ['view'], iat: NOW, nbf: NOW, exp: NOW + 60 },
    ]),
    bad('empty', []),
    bad('object', { resource_id: 'res_1', resource_scopes: ['view'] }),
    bad('string', 'res_1'),
    bad('without-id', [{ resource_scopes: ['view'] }]),
    bad('without-scopes', [{ resource_id: 'res_1' }]),
    bad('scope-string', [{ resource_id: 'res_1', resource_scopes: 'view' }]),
    bad('scope-number', [{ resource_id: 'res_1', resource_scopes: [1] }]),
    bad('scope-with-space', [{ resource_id: 'res_1', resource_scopes: ['view edit'] }]),
    bad('foreign-member', [{ resource_id: 'res_1', resource_scopes: ['view'], admin: true }]),
    bad('exp-string', [{ resource_id: 'res_1', resource_scopes: ['view'], exp: 'never' }]),
  ];
}

function audiences(base: BaseToken): Mutation[] {
  const bad = (name: string, aud: JsonValue, reason = 'wrong_audience'): Mutation =>
    changed(base, `audience-${name}`, 'aud', aud, { reason, attacks: ['A56'] });
  return [
    bad('of-another-server', 'https://api.other.example'),
    bad('in-array', [RESOURCE_SERVER], 'bad_claims'),
    bad('and-another', [RESOURCE_SERVER, 'https://api.other.example'], 'bad_claims'),
    bad('empty-array', [], 'bad_claims'),
    bad('empty', '', 'bad_claims'),
    bad('slash', `${RESOURCE_SERVER}/`),
    bad('prefix', `${RESOURCE_SERVER}.evil.example`),
    bad('path', `${RESOURCE_SERVER}/users`),
    bad('case', 'https://API.acme.example'),
    bad('issuer', ACME),
  ];
}

function otherClaims(base: BaseToken): Mutation[] {
  return [
    changed(base, 'scope', 'scope', 'uma_protection', { attacks: ['A50'], description: 'an RPT has no scope' }),
    {
      name: 'protection-api-token',
      description: 'a PAT: scope instead of permissions',
      attacks: ['A4', 'A50'],
      claims: { ...without(base.claims, 'permissions'), aud: ACME, scope: 'uma_protection' },
      reason: 'bad_claims',
    },
    changed(base, 'act', 'act', { sub: 'somebody' }, { attacks: ['A51'] }),
    changed(base, 'issuer-foreign', 'iss', 'https://as.evil.example', { reason: 'wrong_issuer', attacks: ['A10'] }),
    changed(base, 'issuer-slash', 'iss', `${ACME}/`, { reason: 'wrong_issuer', attacks: ['A31'] }),
    changed(base, 'client-id-number', 'client_id', 1),
    changed(base, 'sub-array', 'sub', ['bob@globex.example']),
    changed(base, 'acr-array', 'acr', ['2']),
    changed(base, 'cnf-short', 'cnf', { jkt: 'AAAA' }),
    changed(base, 'cnf-jwk', 'cnf', { jwk: { kty: 'EC' } }),
    changed(base, 'claims-string', 'claims', 'x', { attacks: ['A25'] }),
    { name: 'with-claims', description: 'claims of the requesting party, in their namespace', attacks: ['A25'], claims: { ...base.claims, claims: { time: 0, ip: '127.0.0.1' } } },
    { name: 'bearer', description: 'not bound to a key', attacks: [], claims: without(base.claims, 'cnf') },
    { name: 'typ-application', description: 'typ application/at+jwt (RFC 9068 4)', attacks: [], header: { ...base.header, typ: 'application/at+jwt' } },
  ];
}

/** All vectors of requesting party tokens. */
export async function requestingPartyTokenVectors(): Promise<NamedVector[]> {
  const base = await requestingPartyToken();
  return [
    { name: 'bound', description: 'as acme mints it for a client with a DPoP key', attacks: [] },
    ...formatMutations(base),
    ...headerMutations(base),
    ...keyIdMutations(base),
    ...signatureMutations(base),
    ...missingClaims(base, ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti', 'permissions']),
    ...wrongClaimTypes(base, ['iat', 'nbf', 'exp']),
    ...foreignClaims(base),
    ...timeMutations(base, 600),
    ...permissions(base),
    ...audiences(base),
    ...otherClaims(base),
  ].map((mutation) => toVector(base, mutation));
}
