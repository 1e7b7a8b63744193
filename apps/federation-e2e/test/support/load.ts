import { setTimeout as delay } from 'node:timers/promises';
import type { RawClient } from './raw-client.ts';

/** What came of load. */
export interface LoadResult {
  /** Requests that were answered as they should be. */
  readonly succeeded: number;
  /** What went wrong, and which request it was. */
  readonly failures: readonly string[];
}

/** Between two walks, so that what is measured is a restart and not a machine without time. */
const PAUSE_MS = 100;

/** Walks the steps again and again until it is stopped: challenges, exchanges, grants, and reads with the RPT. */
export class Load {
  readonly #failures: string[] = [];
  readonly #workers: readonly Promise<void>[];
  #succeeded = 0;
  #stopped = false;

  /** @param clients one walk at a time for each */
  constructor(clients: readonly RawClient[]) {
    this.#workers = clients.map((client) => this.#walk(client));
  }

  /** Lets what is under way finish. */
  async stop(): Promise<LoadResult> {
    this.#stopped = true;
    await Promise.all(this.#workers);
    return { succeeded: this.#succeeded, failures: this.#failures };
  }

  async #walk(client: RawClient): Promise<void> {
    // The identity provider is not part of what is restarted.
    const { accessToken } = await client.signIn();
    while (!this.#stopped) {
      const challenge = await this.#counted('challenge', () => client.challenge());
      const exchanged = challenge && (await this.#counted('exchange', () => succeeding(client.exchange(accessToken, challenge.resourceClaimsToken))));
      const granted = exchanged && (await this.#counted('grant', () => succeeding(client.redeem(challenge.ticket, String(exchanged['access_token'])))));
      for (let read = 0; granted && read < 3; read += 1) {
        await this.#counted('read', () => succeeding(client.get(client.note(), `Bearer ${String(granted['access_token'])}`)));
      }
      await delay(PAUSE_MS);
    }
  }

  async #counted<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await request();
      this.#succeeded += 1;
      return result;
    } catch (error) {
      this.#failures.push(`${new Date().toISOString()} ${what}: ${textOf(error)}`);
      return undefined;
    }
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

async function succeeding(answer: ReturnType<RawClient['get']>): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`${status} ${String(body['error'])}`);
  return body;
}
