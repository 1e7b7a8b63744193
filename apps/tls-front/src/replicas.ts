import { lookup } from 'node:dns/promises';
import { request } from 'node:http';

/** All addresses of a name, for example of a service with several containers. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** What is known of a service's addresses, and for how long. */
interface Survey {
  readonly addresses: readonly string[];
  readonly ready: Set<string>;
  readonly at: number;
}

const FRESH_MS = 1_000;
/** An older survey is waited for; until then a request goes on with the one before. */
const STALE_FACTOR = 5;
const PROBE_TIMEOUT_MS = 500;

/**
 * The replicas of one service: the addresses of its name. While there are requests they are looked up and asked for `/health/ready` once a
 * second, so that one that starts, drains or hangs is passed over.
 */
export class Replicas {
  readonly port: number;
  readonly #name: string;
  readonly #resolve: ResolveName;
  readonly #freshMs: number;
  #survey: Survey | undefined;
  #flight: Promise<Survey> | undefined;
  #turn = 0;

  /** @param origin of the service, whose host name stands for all replicas @param freshMs how long a survey is good for, in milliseconds */
  constructor(origin: string, resolve: ResolveName, freshMs = FRESH_MS) {
    const { hostname, port } = new URL(origin);
    this.#name = hostname;
    this.port = Number(port || 80);
    this.#resolve = resolve;
    this.#freshMs = freshMs;
  }

  /**
   * The addresses in the order to try them: each request begins one further; those that are not ready come last.
   * @throws the resolver's error
   */
  async inOrder(): Promise<readonly string[]> {
    const { addresses, ready } = await this.#current();
    this.#turn += 1;
    const start = this.#turn % Math.max(addresses.length, 1);
    const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
    return [...rotated.filter((address) => ready.has(address)), ...rotated.filter((address) => !ready.has(address))];
  }

  /** A connection to this address failed; it comes last until it says again that it is ready. */
  failed(address: string): void {
    this.#survey?.ready.delete(address);
  }

  async #current(): Promise<Survey> {
    const age = performance.now() - (this.#survey?.at ?? -Infinity);
    if (this.#survey !== undefined && age < this.#freshMs) return this.#survey;
    const refreshed = this.#refresh();
    if (this.#survey === undefined || age >= this.#freshMs * STALE_FACTOR) return refreshed;
    refreshed.catch(() => undefined);
    return this.#survey;
  }

  #refresh(): Promise<Survey> {
    this.#flight ??= this.#look().finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  async #look(): Promise<Survey> {
    const addresses = await this.#resolve(this.#name);
    const answers = await Promise.all(addresses.map((address) => isReady(address, this.port, this.#name)));
    this.#survey = { addresses, ready: new Set(addresses.filter((_, index) => answers[index])), at: performance.now() };
    return this.#survey;
  }
}

/** The system's resolver, sorted so that turns are fair. */
export const systemResolve: ResolveName = async (name) => (await lookup(name, { all: true, family: 4 })).map(({ address }) => address).sort();

/** Whether it answers in time, and not with 503. A service without this path is ready when it answers. */
function isReady(address: string, port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: address, port, path: '/health/ready', headers: { host }, agent: false, signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode !== 503);
    });
    probe.on('error', () => resolve(false));
    probe.end();
  });
}
