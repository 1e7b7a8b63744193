import { lookup } from 'node:dns/promises';
import { request } from 'node:http';

/** All addresses of a name, for example of a service with several containers. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** How an address stands, best first: ready; no answer in time, which a busy machine may be the cause of; not ready, or no connection. */
const STANDING = { ready: 0, silent: 1, refusing: 2 } as const;
type Standing = (typeof STANDING)[keyof typeof STANDING];

/** What is known of a service's addresses, and since when. */
interface Survey {
  readonly standings: Map<string, Standing>;
  readonly at: number;
}

const FRESH_MS = 1_000;
/** An older survey is waited for; until then a request goes on with the one before. */
const STALE_FACTOR = 5;
const PROBE_TIMEOUT_MS = 1_000;

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
   * The addresses in the order to try them: each request begins one further; those that are not ready come last, if they are needed at all.
   * @throws the resolver's error
   */
  async inOrder(): Promise<readonly string[]> {
    const { standings } = await this.#current();
    const addresses = [...standings.keys()];
    this.#turn += 1;
    const start = this.#turn % Math.max(addresses.length, 1);
    const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
    return Object.values(STANDING).flatMap((wanted) => rotated.filter((address) => standings.get(address) === wanted));
  }

  /** A connection to this address failed; it comes last until it says again that it is ready. */
  failed(address: string): void {
    this.#survey?.standings.set(address, STANDING.refusing);
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
    const standings = await Promise.all(addresses.map(async (address) => [address, await standingOf(address, this.port, this.#name)] as const));
    this.#survey = { standings: new Map(standings), at: performance.now() };
    return this.#survey;
  }
}

/** The system's resolver, sorted so that turns are fair. */
export const systemResolve: ResolveName = async (name) => (await lookup(name, { all: true, family: 4 })).map(({ address }) => address).sort();

/** Asks an address whether it is ready. A service without this path is ready when it answers. */
function standingOf(address: string, port: number, host: string): Promise<Standing> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const probe = request({ host: address, port, path: '/health/ready', headers: { host }, agent: false, signal }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 503 ? STANDING.refusing : STANDING.ready);
    });
    probe.on('error', () => resolve(signal.aborted ? STANDING.silent : STANDING.refusing));
    probe.end();
  });
}
