import { describe, expect, it } from '@jest/globals';
import { ONE_TIME_CODE_ACR, PASSWORD_ACR, acrDemand, authenticationContext, satisfies } from './authentication-context.ts';

describe('acr_values', () => {
  it('demand nothing when they are absent or empty', () => {
    expect(acrDemand(undefined)).toEqual({ kind: 'anything' });
    expect(acrDemand('  ')).toEqual({ kind: 'anything' });
    expect(satisfies(acrDemand(undefined), undefined)).toBe(true);
  });

  it('demand one of the classes that can be reached here, and leave out the others', () => {
    const demand = acrDemand(`urn:example:retina ${ONE_TIME_CODE_ACR}`);
    expect(demand).toEqual({ kind: 'one-of', acrs: [ONE_TIME_CODE_ACR] });
    expect(satisfies(demand, authenticationContext(true).acr)).toBe(true);
    expect(satisfies(demand, PASSWORD_ACR)).toBe(false);
    expect(satisfies(demand, undefined)).toBe(false);
  });

  it('cannot be satisfied when none of them can be reached', () => {
    expect(satisfies(acrDemand('urn:example:retina'), ONE_TIME_CODE_ACR)).toBe(false);
  });
});
