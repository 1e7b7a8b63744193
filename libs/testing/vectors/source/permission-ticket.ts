import { type ClientId, encodeBase64Url, type JsonObject, type TokenId } from '@uma-federation/uma-core';
import { fixedKeys } from '../../src/fixed-keys.ts';
import type { NamedVector } from '../../src/token-vector.ts';
import { toVector, type BaseToken, type Mutation } from './base-token.ts';
import { ACME, BOB, CONTEXT_KEY, fixedSealer, GLOBEX, NOW, OLD_CONTEXT_KEY, permissionTicket } from './base-tokens.ts';
import { changed, foreignClaims, missingClaims, timeMutations, wrongClaimTypes } from './claim-mutations.ts';
import { formatMutations } from './format-mutations.ts';
import { headerMutations, keyIdMutations } from './header-mutations.ts';
import { signatureMutations } from './signature-mutations.ts';

const CONTEXT = JSON.stringify({
  permissions: [{ resource_id: 'res_note7', resource_scopes: ['view'] }],
  resource_server: 'acme-gateway',
  owner: 'alice@acme.example',
  resource_uri: 'https://api.acme.example/users/alice/notes/7',
});
const PROCESS = {
  clientId: 'https://notes.client.example/metadata.json' as ClientId,
  rounds: 1,
  deadline: NOW + 3600,
  identity: {
    issuer: GLOBEX,
    tokenId: 'ict-1' as TokenId,
    email: BOB,
    clientId: 'https://notes.client.example/metadata.json' as ClientId,
    expiresAt: NOW + 60,
    claims: { department: 'research' } as JsonObject,
  },
};

async function contexts(base: BaseToken): Promise<Mutation[]> {
  const sealed = (key: Uint8Array, text = CONTEXT, header?: object): Promise<string> => fixedSealer(key, header).seal(text);
  const withContext = async (name: string, description: string, ctx: string, reason?: string): Promise<Mutation> => ({
    name: `context-${name}`,
    description,
    attacks: ['A17'],
    claims: { ...base.claims, ctx },
    ...(reason === undefined ? {} : { reason }),
  });
  const good = await sealed(CONTEXT_KEY);
  return Promise.all([
    withContext('of-previous-key', 'sealed with the previous context key', await sealed(OLD_CONTEXT_KEY)),
    withContext('of-foreign-key', 'sealed with a key of somebody else', await sealed(new Uint8Array(32).fill(9)), 'bad_context'),
    withContext('tampered', 'ciphertext changed', good.replace(/[^.](?=[^.]*\.[^.]+$)/, (character) => (character === 'A' ? 'B' : 'A')), 'bad_context'),
    withContext('plain', 'not sealed at all', CONTEXT, 'bad_context'),
    withContext('base64', 'encoded but not sealed', encodeBase64Url(new TextEncoder().encode(CONTEXT)), 'bad_context'),
    withContext('compressed', 'a JWE that says it is compressed', await sealed(CONTEXT_KEY, CONTEXT, { alg: 'dir', enc: 'A256GCM', zip: 'DEF' }), 'bad_context'),
    withContext('other-alg', 'a JWE with another key management', await sealed(CONTEXT_KEY, CONTEXT, { alg: 'A256KW', enc: 'A256GCM' }), 'bad_context'),
    withContext('not-json', 'sealed text that is no JSON', await sealed(CONTEXT_KEY, 'x'), 'bad_context'),
    withContext('of-other-version', 'sealed JSON of another shape', await sealed(CONTEXT_KEY, '{"permissions":[]}'), 'bad_context'),
  ]);
}

function bindings(base: BaseToken): Mutation[] {
  const wrong = (name: string, claim: string, value: string | string[], reason: string): Mutation =>
    changed(base, name, claim, value, { reason, attacks: claim === 'aud' ? ['A56'] : ['A17'] });
  return [
    wrong('issuer-foreign', 'iss', 'https://as.evil.example', 'wrong_issuer'),
    wrong('issuer-slash', 'iss', `${ACME}/`, 'wrong_issuer'),
    wrong('audience-foreign', 'aud', GLOBEX, 'wrong_audience'),
    wrong('audience-slash', 'aud', `${ACME}/`, 'wrong_audience'),
    wrong('audience-case', 'aud', 'https://AS.acme.example', 'wrong_audience'),
    wrong('audience-array', 'aud', [ACME], 'bad_claims'),
    wrong('audience-empty', 'aud', '', 'bad_claims'),
    wrong('nonce-short', 'sub', 'AAAAAAAAAAAAAAAAAAAAA', 'bad_claims'),
    wrong('nonce-alphabet', 'sub', 'uGZ1bVYq3sZ8b1m0oJcT5w==', 'bad_claims'),
    wrong('nonce-array', 'sub', ['uGZ1bVYq3sZ8b1m0oJcT5w'], 'bad_claims'),
    { ...wrong('wrong-server', 'iss', ACME, 'wrong_issuer'), inputs: { issuer: 'https://as.other.example' } },
  ];
}

/** All vectors of permission tickets. */
export async function permissionTicketVectors(): Promise<NamedVector[]> {
  const base = await permissionTicket();
  const rotated = await permissionTicket(PROCESS);
  const polling = { ...rotated.claims, exp: NOW + 86_400 };
  return [
    ...[
      { name: 'first', description: 'a first ticket', attacks: [] },
      { name: 'of-previous-key', description: 'signed before the last key rotation', attacks: [], key: fixedKeys.acmePrevious, header: { ...base.header, kid: fixedKeys.acmePrevious.kid } },
      ...formatMutations(base),
      ...headerMutations(base),
      ...keyIdMutations(base),
      ...signatureMutations(base),
      ...missingClaims(base, ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti', 'ctx']),
      ...wrongClaimTypes(base, ['iat', 'nbf', 'exp']),
      ...foreignClaims(base),
      ...timeMutations(base, 300),
      ...bindings(base),
      ...(await contexts(base)),
    ].map((mutation) => toVector(base, mutation)),
    ...[
      { name: 'rotated', description: 'a ticket within a process, with the claims accepted so far', attacks: [] },
      { name: 'polling', description: 'a ticket that lives as long as the client may poll', attacks: ['A55'], claims: polling },
      { name: 'polling-too-long', description: 'a second longer', attacks: ['A55'], claims: { ...polling, exp: NOW + 86_401 }, reason: 'lifetime_too_long' },
    ].map((mutation) => toVector(rotated, mutation)),
  ];
}
