import type { ClientContext } from './call-context.ts';
import { DpopProver } from './dpop-prover.ts';
import type { UmaFetchOptions } from './options.ts';
import { traceTo } from './trace.ts';

/** What all calls of one client share, with the defaults of the platform. */
export function clientContext(options: UmaFetchOptions): ClientContext {
  const clock = options.clock ?? { now: () => Math.floor(Date.now() / 1000) };
  const randomness = options.randomness ?? { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
  const dpop = options.dpop ?? true;
  return {
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    clock,
    randomness,
    trace: traceTo(options.onStep),
    prover: dpop === false ? undefined : new DpopProver(clock, randomness, dpop === true ? undefined : dpop),
    answerLimitBytes: options.answerLimitBytes ?? 64 * 1024,
    metadata: new Map(),
  };
}
