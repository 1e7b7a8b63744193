import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReplayGuard } from '@uma-federation/uma-core';
import { freshId } from './store-examples.ts';

const PARALLEL = 50;

/** A replay guard that the contract suite is to prove. */
export interface ReplayGuardUnderTest {
  /** The same memory as several replicas see it; at least one. */
  readonly replicas: readonly [ReplayGuard, ...ReplayGuard[]];
  /** NumericDate by the guard's own clock. */
  now(): number;
  /** Lets time pass, where the guard's clock can be told to. */
  readonly advance?: (seconds: number) => void;
  dispose(): Promise<void>;
}

/**
 * The guarantees of `ReplayGuard`.
 * @param implementation its name in the titles
 * @param makeGuard called once
 */
export function describeReplayGuard(implementation: string, makeGuard: () => Promise<ReplayGuardUnderTest>): void {
  describe(`replay guard: ${implementation}`, () => {
    let guards: ReplayGuardUnderTest;
    let first: ReplayGuard;
    beforeAll(async () => {
      guards = await makeGuard();
      [first] = guards.replicas;
    });
    afterAll(() => guards.dispose());

    it('says yes the first time and no from then on', async () => {
      const id = freshId<string>('');
      expect(await first.firstSeen('dpop', 'thumbprint', id, guards.now() + 60)).toBe(true);
      expect(await first.firstSeen('dpop', 'thumbprint', id, guards.now() + 60)).toBe(false);
      expect(await first.firstSeen('dpop', 'thumbprint', id, guards.now() + 600)).toBe(false);
    });

    it('keeps namespaces, issuers and ids apart, also where they read alike when joined', async () => {
      const id = freshId<string>('');
      const keys = [['a', 'b', id], ['c', 'b', id], ['a', 'c', id], ['ab', '', id], ['', 'ab', id], ['a', `b:${id}`, ''], ['a:b', '', id], ['a","b', '', id]] as const;
      for (const [namespace, issuer, name] of keys) expect(await first.firstSeen(namespace, issuer, name, guards.now() + 60)).toBe(true);
      for (const [namespace, issuer, name] of keys) expect(await first.firstSeen(namespace, issuer, name, guards.now() + 60)).toBe(false);
    });

    it(`says yes to exactly one of ${PARALLEL} parallel callers`, async () => {
      const id = freshId<string>('');
      const seen = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) => (guards.replicas[index % guards.replicas.length] ?? first).firstSeen('dpop', 'thumbprint', id, guards.now() + 60)),
      );
      expect(seen.filter(Boolean)).toHaveLength(1);
    });

    it('says no when the window is already over: then it could not promise a single use', async () => {
      expect(await first.firstSeen('dpop', 'thumbprint', freshId<string>(''), guards.now())).toBe(false);
      expect(await first.firstSeen('dpop', 'thumbprint', freshId<string>(''), guards.now() - 1)).toBe(false);
    });

    it('remembers until the window ends, to the second', async () => {
      const id = freshId<string>('');
      const expiresAt = guards.now() + 60;
      expect(await first.firstSeen('dpop', 'thumbprint', id, expiresAt)).toBe(true);
      if (guards.advance === undefined) return;
      guards.advance(59);
      expect(await first.firstSeen('dpop', 'thumbprint', id, expiresAt)).toBe(false);
      guards.advance(1);
      expect(await first.firstSeen('dpop', 'thumbprint', id, expiresAt)).toBe(false);
      expect(await first.firstSeen('dpop', 'thumbprint', id, guards.now() + 60)).toBe(true);
    });
  });
}
