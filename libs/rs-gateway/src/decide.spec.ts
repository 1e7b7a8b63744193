import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClientId, ResourceId } from '@uma-federation/uma-core';
import { decide, type Facts } from './decide.ts';
import type { Verification } from './token-verification.ts';

const resource = { kind: 'known', resource: { id: 'res_1' as ResourceId, scopes: ['view', 'edit'] } } as const;
const token = { subject: 'bob@globex.example', clientId: 'c' as ClientId, expiresAt: 2_000, permissions: [{ resourceId: 'res_1' as ResourceId, scopes: ['view'] }] };
const credentials = { kind: 'token', scheme: 'Bearer', token: 't', proof: undefined } as const;
const facts = (more: Partial<Facts>): Facts => ({ credentials, resource, requirement: { scopes: ['view'] }, now: 1_000, verification: { kind: 'good', token }, ...more });

describe('The decision', () => {
  const verifications: (Verification | undefined)[] = [
    { kind: 'good', token },
    { kind: 'good', token: { ...token, permissions: [] } },
    { kind: 'invalid', reason: 'r' },
    { kind: 'wrong_binding', reason: 'r' },
    { kind: 'bad_proof', reason: 'r' },
    { kind: 'unavailable', reason: 'r' },
    { kind: 'proof_undecided', reason: 'r', retryAfterSeconds: 1 },
    undefined,
  ];

  it('allows in one case only: a token was verified, the resource is known and the permissions cover it [G42] [G43]', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Facts['credentials']>(credentials, { kind: 'none' }, { kind: 'malformed', reason: 'r' }),
        fc.constantFrom<Facts['resource']>(resource, { kind: 'unknown' }, { kind: 'unavailable' }),
        fc.constantFrom(...verifications),
        fc.subarray(['view', 'edit']),
        (presented, found, verification, scopes) => {
          const decision = decide(facts({ credentials: presented, resource: found, verification, requirement: { scopes } }));
          const covered = verification?.kind === 'good' && verification.token.permissions.length > 0 && !scopes.includes('edit');
          expect(decision.kind === 'allow').toBe(presented.kind === 'token' && found.kind === 'known' && covered);
        },
      ),
    );
  });

  it.each<[string, Partial<Facts>, object]>([
    ['malformed authorization before anything else', { credentials: { kind: 'malformed', reason: 'r' }, resource: { kind: 'unavailable' } }, { kind: 'malformed' }],
    ['an unknown resource', { resource: { kind: 'unknown' } }, { kind: 'unknown_resource' }],
    ['a resource that AS-RO cannot be asked about', { resource: { kind: 'unavailable' } }, { kind: 'unreachable' }],
    ['no token', { credentials: { kind: 'none' } }, { kind: 'challenge', permission: { resourceId: 'res_1', scopes: ['view'] } }],
    ['an invalid token', { verification: { kind: 'invalid', reason: 'r' } }, { kind: 'challenge', error: 'invalid_token' }],
    ['a bound token without its key', { verification: { kind: 'wrong_binding', reason: 'r' } }, { kind: 'dpop_refused', error: 'invalid_token' }],
    ['a bad proof', { verification: { kind: 'bad_proof', reason: 'r' } }, { kind: 'dpop_refused', error: 'invalid_dpop_proof' }],
    ['a token that could not be verified', { verification: { kind: 'unavailable', reason: 'r' } }, { kind: 'unreachable', reason: 'r' }],
    ['a proof that the replay guard could not decide about', { verification: { kind: 'proof_undecided', reason: 'r', retryAfterSeconds: 1 } }, { kind: 'undecided', reason: 'r' }],
    ['a token that nobody verified', { verification: undefined }, { kind: 'unreachable' }],
    ['a missing scope', { requirement: { scopes: ['edit'] } }, { kind: 'challenge', error: 'insufficient_scope' }],
    ['a missing scope and a weak authentication', { requirement: { scopes: ['edit'], acrValues: ['mfa'] } }, { error: 'insufficient_scope' }],
    ['a weak authentication', { requirement: { scopes: ['view'], acrValues: ['mfa'] } }, { error: 'insufficient_user_authentication' }],
    ['an authentication of unknown age', { requirement: { scopes: ['view'], maxAgeSeconds: 60 } }, { error: 'insufficient_user_authentication' }],
    ['a route without scopes, for which any permission is enough', { requirement: { scopes: [] } }, { kind: 'allow' }],
  ])('for %s', (_description, given, expected) => {
    expect(decide(facts(given))).toMatchObject(expected);
  });
});
