import { describe, expect, it } from '@jest/globals';
import { type SignatureVerifier, TOKEN_FAULTS } from '@uma-federation/uma-core';
import { loadVectors, type NamedVector, VECTOR_KINDS, type VectorKind } from '../token-vector.ts';
import { verifyVector } from '../verify-vector.ts';

/** The attacks that the vectors are examples of, and what each must be able to show. */
const ATTACKS = [
  'A3 a resource claims token is no RPT',
  'A4 no token fits another slot',
  'A6 an identity claims token for another server',
  'A7 an identity claims token of another ticket',
  'A10 right claims, wrong key',
  'A12 an actor audience that is not the owner',
  'A13 wrong variants of the ticket hash',
  'A14 two bindings in one token',
  'A17 a tampered ticket',
  'A25 claims with names of server facts',
  'A30 an issuer that is not the discovered one',
  'A31 an issuer that only looks like it',
  'A32 several at signs',
  'A33 homographs',
  'A34 local parts',
  'A35 an unverified address',
  'A37 issuers and resources that are no public https URL',
  'A44 keys that nobody should publish',
  'A47 algorithm confusion',
  'A48 keys and key URLs in the header',
  'A49 key id injection',
  'A50 another kind of token',
  'A51 actor bombs',
  'A52 a nested actor is history',
  'A54 malformed tokens',
  'A55 time games',
  'A56 the shape of aud',
  'A57 signatures that no honest signer makes',
];

/**
 * Runs every token vector against one implementation of signatures; all implementations must give the same answers.
 * @param implementation its name in the titles
 */
export function describeTokenVectors(implementation: string, signatures: SignatureVerifier): void {
  const vectors = VECTOR_KINDS.flatMap((kind) => loadVectors(kind).map((vector) => ({ kind, vector })));
  const mismatches = async (cases: readonly { kind: VectorKind; vector: NamedVector }[]): Promise<unknown[]> => {
    const outcomes = await Promise.all(
      cases.map(async ({ kind, vector }) => ({ vector: `${kind}/${vector.name}`, expected: vector.expect, actual: await verifyVector(kind, vector, signatures) })),
    );
    return outcomes.filter(({ expected, actual }) => JSON.stringify(expected) !== JSON.stringify(actual));
  };

  describe(`token vectors with signatures by ${implementation}`, () => {
    it.each(VECTOR_KINDS)('decides every vector of %s as its file says', async (kind) => {
      const cases = vectors.filter((one) => one.kind === kind);
      expect(cases.filter(({ vector }) => vector.name.startsWith('bad-')).length).toBeGreaterThanOrEqual(25);
      expect(cases.some(({ vector }) => vector.name.startsWith('valid-'))).toBe(true);
      expect(await mismatches(cases)).toEqual([]);
    });

    it('has a vector for every reason to refuse a token', () => {
      const shown = new Set(vectors.map(({ vector }) => ('reason' in vector.expect ? vector.expect.reason : undefined)));
      // `too_large` is the answer of a mint.
      expect(Object.keys(TOKEN_FAULTS).filter((reason) => !shown.has(reason))).toEqual(['too_large']);
      const classes = vectors.flatMap(({ vector: { expect: outcome } }) => ('reason' in outcome ? [[outcome.reason, outcome.faultClass]] : []));
      expect(Object.fromEntries(classes)).toEqual(Object.fromEntries(Object.entries(TOKEN_FAULTS).filter(([reason]) => reason !== 'too_large')));
    });

    it.each(ATTACKS)('%s', async (title) => {
      const cases = vectors.filter(({ vector }) => vector.attacks.includes(title.split(' ')[0] ?? ''));
      expect(cases.length).toBeGreaterThan(0);
      expect(await mismatches(cases)).toEqual([]);
    });
  });
}
