import { PeerFailure } from '@uma-federation/federation';
import type { Clock, RequestingPartyToken } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';
import type { Revocations } from './verified-token-cache.ts';

const page = z.object({
  revoked: z.array(z.object({ jti: z.string().min(1).max(512), exp: z.int().nonnegative() })).max(10_000),
  cursor: z.string().min(1).max(256),
  more: z.boolean(),
});
/** A feed that never ends is not followed for ever. */
const MAX_PAGES = 1_000;
const TIDY_INTERVAL_SECONDS = 60;
/** Verifiers accept a token for this long after its `exp`. */
const SKEW_SECONDS = 60;

/**
 * RPTs that AS-RO's revocation feed calls revoked: withdrawn access ends here without asking AS-RO for each request. In memory, until the
 * tokens would have expired anyway. When the feed cannot be read, what was read stays in force, and after a while it is stale.
 */
export class RevokedTokens implements Revocations {
  readonly #api: ProtectionApi;
  readonly #clock: Clock;
  readonly #staleAfterSeconds: number;
  readonly #expiries = new Map<string, number>();
  #cursor: string | undefined;
  /** When the last complete reading began; undefined before the first, infinite where there is nothing to read. */
  #readAt: number | undefined;
  #tidiedAt: number;

  /** @param staleAfterSeconds how old what was read may become; 0: as old as it likes */
  constructor(api: ProtectionApi, clock: Clock, staleAfterSeconds: number) {
    this.#api = api;
    this.#staleAfterSeconds = staleAfterSeconds;
    this.#clock = clock;
    this.#tidiedAt = clock.now();
  }

  /** @inheritdoc */
  isRevoked({ tokenId }: Pick<RequestingPartyToken, 'issuer' | 'tokenId'>): boolean {
    return this.#expiries.has(tokenId);
  }

  /** @inheritdoc */
  isStale(): boolean {
    return this.#staleAfterSeconds > 0 && this.#clock.now() - (this.#readAt ?? -Infinity) >= this.#staleAfterSeconds;
  }

  /**
   * Reads what is new in the feed, all pages. An AS-RO without a feed has nothing to say.
   * @throws PeerFailure or DiscoveryFailure when the feed cannot be read to its end; the next call goes on where this one stopped
   */
  async refresh(): Promise<void> {
    const begunAt = this.#clock.now();
    this.#tidy();
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const answer = await this.#read();
      if (answer === undefined) return void (this.#readAt = Infinity);
      const parsed = page.safeParse(answer.json);
      if (answer.status !== 200 || !parsed.success) throw new PeerFailure('revocation_feed_malformed', { status: answer.status });
      for (const { jti, exp } of parsed.data.revoked) this.#expiries.set(jti, exp);
      this.#cursor = parsed.data.cursor;
      if (!parsed.data.more) return void (this.#readAt = begunAt);
    }
    throw new PeerFailure('revocation_feed_endless');
  }

  async #read(): Promise<ProtectionApiAnswer | undefined> {
    try {
      return await this.#api.call({ operation: 'revocation.read', cursor: this.#cursor });
    } catch (error) {
      if (error instanceof PeerFailure && error.reason === 'not_offered') return undefined;
      throw error;
    }
  }

  #tidy(): void {
    const now = this.#clock.now();
    if (now < this.#tidiedAt + TIDY_INTERVAL_SECONDS) return;
    this.#tidiedAt = now;
    for (const [jti, expiresAt] of this.#expiries) if (expiresAt + SKEW_SECONDS < now) this.#expiries.delete(jti);
  }
}
