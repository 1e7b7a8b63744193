import type { RateLimiter } from '@uma-federation/uma-core';

/** Limits how often anonymous or insufficient requests may make the gateway ask AS-RO (A74). */
export class ChallengeLimits {
  readonly #perSource: RateLimiter;
  readonly #perRoute: RateLimiter;

  constructor(limiters: { readonly perSource: RateLimiter; readonly perRoute: RateLimiter }) {
    this.#perSource = limiters.perSource;
    this.#perRoute = limiters.perRoute;
  }

  /**
   * Counts one challenge. The route's budget is not touched by a source that has spent its own.
   * @returns undefined when it may be given, else the seconds to wait
   */
  async take(source: string, routeId: string): Promise<number | undefined> {
    return (await this.#perSource.take(source)) ?? (await this.#perRoute.take(routeId));
  }
}
