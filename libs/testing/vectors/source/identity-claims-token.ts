import { encodeBase64Url, encodeUtf8, type JsonObject, type JsonValue } from '@uma-federation/uma-core';
import type { NamedVector } from '../../src/token-vector.ts';
import { type BaseToken, type Mutation, toVector, without, withTextInFront } from './base-token.ts';
import { ACME, BOB, GLOBEX, identityClaimsToken, NONCE, OWNER } from './base-tokens.ts';
import { changed, missingClaims, timeMutations, wrongClaimTypes } from './claim-mutations.ts';
import { formatMutations } from './format-mutations.ts';
import { headerMutations, keyIdMutations } from './header-mutations.ts';
import { signatureMutations } from './signature-mutations.ts';

const HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';

/** A13: the wrong variants of protocol.md 1.4. */
function hashes(base: BaseToken): Mutation[] {
  const bad = (name: string, sub: JsonValue, reason = 'bad_act'): Mutation =>
    changed(base, `hash-${name}`, 'act', { sub, iss: ACME }, { reason, attacks: ['A13'] });
  return [
    bad('of-decoded-nonce', 'RqQh8aYgM_nbihdI8VyFySQQjWsvJSNRnm5j5nDOtUU', 'binding_mismatch'),
    bad('of-ticket-string', 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c', 'binding_mismatch'),
    bad('of-empty-string', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU', 'binding_mismatch'),
    bad('one-character-off', `${HASH.slice(0, -1)}V`, 'binding_mismatch'),
    bad('padded', `${HASH}=`),
    bad('standard-alphabet', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g/oiWV30s+gH9OU'),
    bad('standard-alphabet-padded', '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g/oiWV30s+gH9OU='),
    bad('hex', 'd97ed1c2fabc5d1abdcf8121daae7a5784f998da3483fa22595df4b3e807f4e5'),
    bad('array', [HASH]),
    bad('empty', ''),
    bad('nonce-itself', NONCE),
  ];
}

function actors(base: BaseToken): Mutation[] {
  const good = (name: string, description: string, act: JsonObject, inputs = {}): Mutation => ({
    name: `act-${name}`,
    description,
    attacks: ['A52'],
    claims: { ...base.claims, act },
    inputs,
  });
  const bad = (name: string, act: JsonValue, reason: string, attack = 'A51'): Mutation =>
    changed(base, `act-${name}`, 'act', act, { reason, attacks: [attack] });
  const right = { sub: HASH, iss: ACME };
  return [
    good('without-iss', 'plain seed 003: only act.sub', { sub: HASH }),
    good('with-mailto', 'act.aud names the owner', { ...right, aud: `mailto:${OWNER}` }),
    good('with-acct', 'act.aud names the owner as acct URI', { ...right, aud: `acct:${OWNER}` }),
    good('with-history', 'two earlier actors, never used', { ...right, act: { sub: 'x', act: { sub: 'y' } } }),
    bad('four-levels', { ...right, act: { sub: 'x', act: { sub: 'y', act: { sub: 'z' } } } }, 'bad_act'),
    bad('nested-string', { ...right, act: 'x' }, 'bad_act'),
    bad('nested-array', { ...right, act: [right] }, 'bad_act'),
    bad('nested-null', { ...right, act: null }, 'bad_act'),
    bad('inner-right-outer-wrong', { sub: `${HASH.slice(0, -1)}V`, act: right }, 'binding_mismatch', 'A52'),
    bad('inner-right-outer-absent', { act: right }, 'bad_act', 'A52'),
    bad('string', HASH, 'bad_act'),
    bad('array', [right], 'bad_act'),
    bad('null', null, 'bad_act'),
    bad('empty', {}, 'bad_act'),
    bad('issuer-foreign', { sub: HASH, iss: 'https://as.evil.example' }, 'wrong_actor_issuer', 'A6'),
    bad('issuer-slash', { sub: HASH, iss: `${ACME}/` }, 'wrong_actor_issuer', 'A6'),
    bad('issuer-number', { sub: HASH, iss: 1 }, 'bad_act'),
    bad('audience-of-other-owner', { ...right, aud: 'mailto:mallory@acme.example' }, 'wrong_actor_audience', 'A12'),
    bad('audience-array', { ...right, aud: [`mailto:${OWNER}`] }, 'bad_act'),
    { name: 'act-missing', description: 'no act', attacks: ['A13'], claims: without(base.claims, 'act'), reason: 'missing_act' },
    changed(base, 'mixed-binding', 'ticket_challenge', HASH, { reason: 'mixed_binding', attacks: ['A14'] }),
    changed(base, 'mixed-binding-act-wrong', 'ticket_challenge', HASH, {
      claims: { ...base.claims, ticket_challenge: HASH, act: { sub: `${HASH.slice(0, -1)}V` } },
      reason: 'mixed_binding',
      attacks: ['A14'],
    }),
    {
      name: 'act-duplicate-member',
      description: 'two act.sub',
      attacks: ['A14', 'A54'],
      claims: withTextInFront(without(base.claims, 'act'), `"act":{"sub":"${HASH}","sub":"x"}`),
      reason: 'bad_json',
    },
    { name: 'other-ticket', description: 'bound to another ticket', attacks: ['A7'], inputs: { ticketHash: 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c' }, reason: 'binding_mismatch' },
  ];
}

/** Seed 002: the token carries the hash of the whole ticket string (protocol.md 1.4) instead of an actor. */
function challenges(base: BaseToken): Mutation[] {
  const challenge = 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c';
  const inputs = { challenge: { ticketChallenge: challenge, resourceServerNames: ['https://rs.acme.example', 'RS API'] } };
  const challenged = (name: string, description: string, ticket_challenge: JsonValue, more: Partial<Mutation> = {}, claims: JsonObject = {}): Mutation => ({
    name: `challenge-${name}`,
    description,
    attacks: ['A13'],
    claims: { ...without(base.claims, 'act'), ticket_challenge, ...claims },
    inputs,
    ...more,
  });
  const mismatch = { reason: 'binding_mismatch' };
  return [
    challenged('of-the-ticket', 'the hash of the ticket string 016f84e8-f9b9-11e0-bd6f-0021cc6004de', challenge),
    challenged('with-name', 'and the name of the resource server', challenge, {}, { resource: 'RS API' }),
    challenged('with-identifier', 'and the identifier of the resource server', challenge, {}, { resource: 'https://rs.acme.example' }),
    { name: 'challenge-not-used', description: 'an actor from a client that may speak both', attacks: ['A14'], inputs },
    challenged('of-the-nonce', 'the hash that seed 003 takes', HASH, mismatch),
    challenged('padded', 'with padding', `${challenge}=`, mismatch),
    challenged('standard-alphabet', 'in the standard alphabet', challenge.replaceAll('-', '+').replaceAll('_', '/'), mismatch),
    challenged('hex', 'in hexadecimal', '3e7decc1422135489816925da4bebbbae55d8dc6c8d423d1b26d3867e43beff7', mismatch),
    challenged('array', 'an array', [challenge], mismatch),
    challenged('empty', 'empty', '', mismatch),
    challenged('resource-of-another', 'names another resource server', challenge, { reason: 'wrong_resource', attacks: ['A1'] }, { resource: 'https://rs.evil.example' }),
    challenged('resource-array', 'names several resource servers', challenge, { reason: 'wrong_resource', attacks: ['A1'] }, { resource: ['RS API'] }),
    challenged('of-an-unmarked-client', 'from a client that may not speak the dialect', challenge, { inputs: {}, reason: 'missing_act', attacks: ['A14'] }),
    challenged('and-actor', 'both bindings, both right', challenge, { reason: 'mixed_binding', attacks: ['A14'] }, { act: base.claims['act'] as JsonObject }),
    challenged('and-wrong-actor', 'both bindings, the actor wrong', challenge, { reason: 'mixed_binding', attacks: ['A14'] }, { act: { sub: challenge } }),
    challenged('wrong-and-actor', 'both bindings, the challenge wrong', HASH, { reason: 'mixed_binding', attacks: ['A14'] }, { act: base.claims['act'] as JsonObject }),
  ];
}

function audiences(base: BaseToken): Mutation[] {
  const bad = (name: string, aud: JsonValue, reason = 'wrong_audience', attack = 'A56'): Mutation =>
    changed(base, `audience-${name}`, 'aud', aud, { reason, attacks: [attack] });
  return [
    { name: 'audience-in-array', description: 'aud is an array of exactly the own issuer', attacks: ['A56'], claims: { ...base.claims, aud: [ACME] } },
    bad('of-another-server', 'https://as.other.example', 'wrong_audience', 'A6'),
    bad('and-another', [ACME, 'https://as.other.example'], 'bad_claims'),
    bad('twice', [ACME, ACME], 'bad_claims'),
    bad('empty-array', [], 'bad_claims'),
    bad('empty', '', 'bad_claims'),
    bad('nested', [[ACME]], 'bad_claims'),
    bad('object', { [ACME]: true }, 'bad_claims'),
    bad('slash', `${ACME}/`),
    bad('prefix', `${ACME}.evil.example`),
    bad('case', 'https://AS.acme.example'),
    bad('token-endpoint', `${ACME}/token`),
    bad('port', `${ACME}:443`),
  ];
}

function people(base: BaseToken): Mutation[] {
  const email = (name: string, sub: string, attack = 'A34', reason = 'bad_email'): Mutation => ({
    name: `email-${name}`,
    description: `sub is ${JSON.stringify(sub)}`,
    attacks: [attack],
    claims: { ...base.claims, sub, email: sub },
    reason,
  });
  return [
    email('two-at', 'bob@globex.example@evil.example', 'A32'),
    email('quoted', '"a@globex.example"@evil.example', 'A32'),
    email('no-domain', 'bob@', 'A32'),
    email('ip-literal', 'bob@[127.0.0.1]', 'A37'),
    email('mixed-script', 'bob@gl\u043ebex.example', 'A33'),
    email('full-width', 'bob@\uff47lobex.example', 'A33'),
    email('soft-hyphen', 'bob@glo\u00adbex.example', 'A33'),
    email('zero-width', 'bob@glo\u200dbex.example', 'A33'),
    email('crlf', 'bob@globex.example\r\nBcc: x'),
    email('comment', 'bob(x)@globex.example'),
    email('long-local-part', `${'b'.repeat(65)}@globex.example`),
    email('trailing-dot', 'bob@globex.example.'),
    { name: 'email-absent', description: 'sub alone is enough', attacks: [], claims: without(base.claims, 'email') },
    changed(base, 'email-differs', 'email', 'alice@globex.example', { reason: 'email_mismatch', attacks: ['A30'] }),
    changed(base, 'email-local-case', 'email', 'Bob@globex.example', { reason: 'email_mismatch', attacks: ['A34'] }),
    changed(base, 'email-not-verified', 'email_verified', false, { reason: 'email_unverified', faultClass: 'curable', attacks: ['A35'] }),
    { name: 'email-verified-absent', description: 'no email_verified', attacks: ['A35'], claims: without(base.claims, 'email_verified'), reason: 'email_unverified', faultClass: 'curable' },
    changed(base, 'email-verified-string', 'email_verified', 'true', { attacks: ['A35'] }),
    changed(base, 'email-verified-number', 'email_verified', 1, { attacks: ['A35'] }),
    changed(base, 'issuer-foreign', 'iss', 'https://as.evil.example', { reason: 'wrong_issuer', attacks: ['A30'] }),
    changed(base, 'issuer-suffix', 'iss', 'https://as.globex.example.evil.example', { reason: 'wrong_issuer', attacks: ['A31'] }),
    changed(base, 'issuer-slash', 'iss', `${GLOBEX}/`, { reason: 'wrong_issuer', attacks: ['A31'] }),
    changed(base, 'issuer-case', 'iss', 'https://AS.globex.example', { reason: 'wrong_issuer', attacks: ['A31'] }),
    changed(base, 'issuer-is-audience', 'iss', ACME, { reason: 'wrong_issuer', attacks: ['A30'] }),
  ];
}

function otherClaims(base: BaseToken): Mutation[] {
  return [
    { name: 'foreign-claims', description: 'claims the profile does not know, with names of server facts', attacks: ['A25'], claims: { ...base.claims, time: 0, ip: '127.0.0.1', roles: ['x'] } },
    changed(base, 'client-id-empty', 'client_id', ''),
    changed(base, 'client-id-array', 'client_id', ['c']),
    changed(base, 'acr-number', 'acr', 2),
    changed(base, 'amr-string', 'amr', 'pwd'),
    changed(base, 'auth-time-string', 'auth_time', '1800000000'),
    changed(base, 'cnf-short', 'cnf', { jkt: 'AAAA' }),
    changed(base, 'cnf-other-method', 'cnf', { 'x5t#S256': 'A'.repeat(43) }),
    changed(base, 'cnf-string', 'cnf', encodeBase64Url(encodeUtf8('x'.repeat(32)))),
    changed(base, 'sub-array', 'sub', [BOB]),
    changed(base, 'sub-object', 'sub', { email: BOB }),
  ];
}

/** All vectors of identity claims tokens. */
export async function identityClaimsTokenVectors(): Promise<NamedVector[]> {
  const base = await identityClaimsToken();
  return [
    { name: 'bound', description: 'as globex mints it for a client with a DPoP key', attacks: [] },
    { name: 'unbound', description: 'for a client without DPoP key', attacks: [], claims: without(base.claims, 'cnf') },
    ...formatMutations(base),
    ...headerMutations(base),
    ...keyIdMutations(base),
    ...signatureMutations(base),
    ...missingClaims(base, ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti', 'client_id']),
    ...wrongClaimTypes(base, ['iat', 'nbf', 'exp']),
    ...timeMutations(base, 120),
    ...hashes(base),
    ...actors(base),
    ...challenges(base),
    ...audiences(base),
    ...people(base),
    ...otherClaims(base),
  ].map((mutation) => toVector(base, mutation));
}
