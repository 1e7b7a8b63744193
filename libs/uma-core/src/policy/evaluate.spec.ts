import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ResourceId, ShareId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';
import { evaluate } from './evaluate.ts';

const share = (changes: Partial<Share> = {}): Share => ({
  id: 'shr_1' as ShareId,
  owner: 'alice@acme.example',
  resourceId: 'res_1' as ResourceId,
  scopes: ['view'],
  grantee: { kind: 'person', email: 'bob@globex.example' },
  conditions: {},
  createdAt: 0,
  ...changes,
});
const bob = (changes: Partial<IdentityClaims> = {}): IdentityClaims =>
  ({ email: 'bob@globex.example', claims: {}, expiresAt: 2000, ...changes }) as IdentityClaims;

describe('Shares', () => {
  it('permit the person, the domain and anyone who is identified', () => {
    for (const grantee of [{ kind: 'person', email: 'bob@globex.example' }, { kind: 'domain', domain: 'globex.example' }, { kind: 'anyone' }] as const) {
      expect(evaluate([share({ grantee })], 'view', { now: 1000, identity: bob() }).outcome).toBe('permit');
    }
  });

  it('ask anybody who is not identified for their identity before saying more', () => {
    const decision = evaluate([share({ grantee: { kind: 'anyone' } })], 'view', { now: 1000 });
    expect(decision).toMatchObject({ outcome: 'need', needed: [{ kind: 'identity' }], reasons: [{ reason: 'identity_missing' }] });
  });

  it('hold from not_before on and until just before expires_at', () => {
    const limited = [share({ notBefore: 1000, expiresAt: 2000 })];
    const outcomeAt = (now: number): string => evaluate(limited, 'view', { now, identity: bob() }).outcome;
    expect([999, 1000, 1999, 2000].map(outcomeAt)).toEqual(['deny', 'permit', 'permit', 'deny']);
  });

  it('ask for an acr that would do, by set membership', () => {
    const strict = [share({ conditions: { acrValues: ['otp', 'fpt'] } })];
    expect(evaluate(strict, 'view', { now: 0, identity: bob({ acr: 'pwd' }) })).toMatchObject({ outcome: 'need', needed: [{ kind: 'acr', values: ['otp', 'fpt'] }] });
    expect(evaluate(strict, 'view', { now: 0, identity: bob({ acr: 'fpt' }) }).outcome).toBe('permit');
  });

  it('ask for a sign-in that is fresh enough, to the second and with the usual skew; one of unknown time is not', () => {
    const fresh = [share({ conditions: { maxAgeSeconds: 300 } })];
    const outcomeOf = (authTime?: number): string => evaluate(fresh, 'view', { now: 10_000, identity: bob({ authTime }) }).outcome;
    expect([10_000, 9_640, 9_639, undefined].map(outcomeOf)).toEqual(['permit', 'permit', 'need', 'need']);
    const decision = evaluate([share({ conditions: { maxAgeSeconds: 300, acrValues: ['otp'] } })], 'view', { now: 10_000, identity: bob() });
    expect(decision).toMatchObject({ needed: [{ kind: 'acr', values: ['otp'] }, { kind: 'auth_time', maxAgeSeconds: 300 }] });
  });

  it('that want their owner asked say so only when nothing else is missing, and give way to a share that permits', () => {
    const ask = share({ id: 'shr_2' as ShareId, conditions: { ask: true, acrValues: ['otp'] } });
    expect(evaluate([ask], 'view', { now: 0 }).outcome).toBe('need');
    expect(evaluate([ask], 'view', { now: 0, identity: bob() }).outcome).toBe('need');
    expect(evaluate([ask], 'view', { now: 0, identity: bob({ acr: 'otp' }) })).toMatchObject({ outcome: 'ask', share: { id: 'shr_2' } });
    expect(evaluate([ask, share()], 'view', { now: 0, identity: bob({ acr: 'otp' }) }).outcome).toBe('permit');
    expect(evaluate([ask], 'view', { now: 0, identity: bob({ email: 'carol@globex.example', acr: 'otp' }) }).outcome).toBe('deny');
  });

  it('with anyone at all permit without an identity, for their scopes and their time', () => {
    const open = share({ grantee: { kind: 'unidentified' }, expiresAt: 2000 });
    expect(['view', 'edit'].map((scope) => evaluate([open], scope, { now: 1000 }).outcome)).toEqual(['permit', 'deny']);
    expect(evaluate([open], 'view', { now: 2000 }).outcome).toBe('deny');
    expect(evaluate([open], 'view', { now: 1000, identity: bob() }).outcome).toBe('permit');
  });

  it('ask for a claim that is missing and deny one that differs', () => {
    const strict = [share({ conditions: { claims: { department: 'sales' } } })];
    expect(evaluate(strict, 'view', { now: 0, identity: bob() })).toMatchObject({ outcome: 'need', needed: [{ kind: 'claim', name: 'department' }] });
    expect(evaluate(strict, 'view', { now: 0, identity: bob({ claims: { department: 'it' } }) }).outcome).toBe('deny');
    expect(evaluate(strict, 'view', { now: 0, identity: bob({ claims: { department: 'sales' } }) }).outcome).toBe('permit');
  });

  it('prefer a share that matches over one that needs more, whatever their order', () => {
    const strict = share({ id: 'shr_2' as ShareId, conditions: { acrValues: ['otp'] } });
    for (const shares of [[strict, share()], [share(), strict]]) {
      expect(evaluate(shares, 'view', { now: 0, identity: bob() }).outcome).toBe('permit');
    }
  });

  it('give a reason for every share that was looked at', () => {
    const shares = [share({ scopes: ['edit'] }), share({ expiresAt: 1 }), share({ grantee: { kind: 'domain', domain: 'other.example' } })];
    const { reasons } = evaluate(shares, 'view', { now: 10, identity: bob() });
    expect(reasons.map(({ reason }) => reason)).toEqual(['scope_not_shared', 'expired', 'not_the_grantee']);
  });
});

describe('A24 Default-permit on empty policy', () => {
  it('denies a resource without any share, with and without identity [G63]', () => {
    expect(evaluate([], 'view', { now: 0, identity: bob() })).toEqual({ outcome: 'deny', reasons: [{ reason: 'no_share' }] });
    expect(evaluate([], undefined, { now: 0 }).outcome).toBe('deny');
  });

  it('never permits a scope that no share names (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('view', 'edit', 'print')), fc.constantFrom('view', 'edit', 'print', 'admin'), (scopes, wanted) => {
        const { outcome } = evaluate([share({ scopes })], wanted, { now: 0, identity: bob() });
        expect(outcome).toBe(scopes.includes(wanted as 'view') ? 'permit' : 'deny');
      }),
    );
  });
});

describe('A25 Claim overrides server context', () => {
  it.each([{ now: 5000 }, { time: 5000 }, { email: 'bob@globex.example' }, { client_id: 'x' }, { acr: 'otp' }])('ignores the pushed claim %j', (claims) => {
    const carol = bob({ email: 'carol@globex.example', claims });
    expect(evaluate([share()], 'view', { now: 0, identity: carol }).outcome).toBe('deny');
    const strict = share({ notBefore: 4000, conditions: { acrValues: ['otp'] } });
    expect(evaluate([strict], 'view', { now: 0, identity: bob({ claims }) }).outcome).toBe('deny');
  });

  it('treats prototype names as claims that are missing', () => {
    const strict = share({ conditions: { claims: { constructor: 'x', toString: 'y' } } });
    expect(evaluate([strict], 'view', { now: 0, identity: bob() }).outcome).toBe('need');
  });
});

describe('A34 Local-part tricks', () => {
  it.each(['Bob@globex.example', 'bob+x@globex.example', 'bob.@globex.example'])('does not take %s for the grantee', (email) => {
    expect(evaluate([share()], 'view', { now: 0, identity: bob({ email }) }).outcome).toBe('deny');
  });
});
