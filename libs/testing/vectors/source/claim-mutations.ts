import type { JsonValue } from '@uma-federation/uma-core';
import { type BaseToken, type Mutation, without } from './base-token.ts';

/** A claim with another value, refused as `bad_claims` unless told otherwise. */
export function changed(base: BaseToken, name: string, claim: string, value: JsonValue, more: Partial<Mutation> = {}): Mutation {
  return {
    name,
    description: `${claim} is ${shown(value)}`,
    attacks: ['A54'],
    claims: { ...base.claims, [claim]: value },
    reason: 'bad_claims',
    ...more,
  };
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A54, A55: every required claim missing once. */
export function missingClaims(base: BaseToken, names: readonly string[]): Mutation[] {
  return names.map((name) => ({
    name: `missing-${name.replaceAll('_', '-')}`,
    description: `no ${name}`,
    attacks: name === 'exp' || name === 'iat' ? ['A55'] : ['A54'],
    claims: without(base.claims, name),
    reason: 'bad_claims',
  }));
}

/** A54: NumericDates and identifiers of wrong types and sizes. */
export function wrongClaimTypes(base: BaseToken, dates: readonly string[]): Mutation[] {
  const time = base.claims['iat'] as number;
  return [
    ...dates.flatMap((claim) => [
      changed(base, `${claim}-string`, claim, String(time)),
      changed(base, `${claim}-float`, claim, time + 0.5),
      changed(base, `${claim}-negative`, claim, -1),
      changed(base, `${claim}-huge`, claim, 1e308),
      changed(base, `${claim}-null`, claim, null),
    ]),
    changed(base, 'jti-empty', 'jti', ''),
    changed(base, 'jti-number', 'jti', 7),
    changed(base, 'jti-long', 'jti', 'j'.repeat(257)),
    changed(base, 'jti-control', 'jti', 'a\u0001b'),
  ];
}

/** A54: kinds that this house mints know every claim; others are refused. */
export function foreignClaims(base: BaseToken): Mutation[] {
  return [
    changed(base, 'foreign-claim', 'admin', true, { description: 'a claim that the kind does not have' }),
    changed(base, 'foreign-constructor', 'constructor', { prototype: 1 }, { description: 'a claim named constructor' }),
  ];
}

/** A55: times at, before and after every boundary. `maxLifetimeSeconds` is that of the kind. */
export function timeMutations(base: BaseToken, maxLifetimeSeconds: number): Mutation[] {
  const iat = base.claims['iat'] as number;
  const exp = base.claims['exp'] as number;
  const at = (name: string, description: string, change: Partial<Mutation>): Mutation => ({ name, description, attacks: ['A55'], ...change });
  const curable = (reason: string) => ({ reason, faultClass: 'curable' }) as const;
  const nbf = 'nbf' in base.claims ? { nbf: iat } : {};
  return [
    at('last-second', 'one second before exp + 60', { verifyAt: exp + 59 }),
    at('expired', 'at exp + 60', { verifyAt: exp + 60, ...curable('expired') }),
    at('long-expired', 'a day after exp', { verifyAt: exp + 86_400, ...curable('expired') }),
    at('first-second', 'at iat - 60: the clocks differ by the skew', { verifyAt: iat - 60 }),
    at('iat-in-the-future', 'at iat - 61', { verifyAt: iat - 61, ...curable('not_yet_valid') }),
    at('nbf-at-skew', 'nbf 60 s ahead', { claims: { ...base.claims, nbf: base.verifyAt + 60 } }),
    at('nbf-in-the-future', 'nbf 61 s ahead', { claims: { ...base.claims, nbf: base.verifyAt + 61 }, ...curable('not_yet_valid') }),
    at('longest-lifetime', `exp - iat is ${maxLifetimeSeconds} s`, { claims: { ...base.claims, exp: iat + maxLifetimeSeconds } }),
    at('lifetime-too-long', `exp - iat is ${maxLifetimeSeconds + 1} s`, {
      claims: { ...base.claims, exp: iat + maxLifetimeSeconds + 1 },
      reason: 'lifetime_too_long',
    }),
    at('exp-far-future', 'exp in the year 2200', { claims: { ...base.claims, exp: 7_258_118_400 }, reason: 'lifetime_too_long' }),
    at('iat-old', 'iat a day ago, exp still ahead', { claims: { ...base.claims, iat: iat - 86_400 }, reason: 'lifetime_too_long' }),
    at('exp-before-iat', 'exp before iat', { claims: { ...base.claims, ...nbf, exp: iat - 1 }, reason: 'times_out_of_order' }),
  ];
}
