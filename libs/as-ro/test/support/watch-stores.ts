import type { AsRoStores } from '@uma-federation/persistence';
import type { DurableStores } from '../../src/index.ts';

/** Stores that note every call as `store.method` and fail on demand. */
export interface WatchedStores extends DurableStores {
  /** Calls in order. */
  readonly calls: string[];
  /** By `store.method`: what the call throws instead of reaching the store. */
  readonly failures: Map<string, Error>;
  /** By `store.method`: runs before the call reaches the store. */
  readonly before: Map<string, () => Promise<unknown>>;
}

/** The methods that change something. */
const WRITES = /\.(create|replace|remove|take|record|consumeClaimsToken|use|end|allow|keep|rotate)$/;

/** Wraps stores so that a test sees what the server does with them. */
export function watchStores(stores: AsRoStores): WatchedStores {
  const calls: string[] = [];
  const failures = new Map<string, Error>();
  const before = new Map<string, () => Promise<unknown>>();
  const watch = <T extends object>(name: string, store: T): T =>
    new Proxy(store, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return async (...parameters: unknown[]): Promise<unknown> => {
          const call = `${name}.${String(member)}`;
          calls.push(call);
          await before.get(call)?.();
          const failure = failures.get(call);
          if (failure !== undefined) throw failure;
          return Reflect.apply(value, target, parameters) as unknown;
        };
      },
    });
  const watched = Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, Array.isArray(store) ? store : watch(name, store as object)]));
  return { ...(watched as unknown as AsRoStores), calls, failures, before, readiness: [], close: async () => undefined };
}

/** The calls that change something. */
export function writesAmong(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => WRITES.test(call));
}
