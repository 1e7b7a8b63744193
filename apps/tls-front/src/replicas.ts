import { lookup } from 'node:dns/promises';

/** All addresses of a name, for example of a service with several containers. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

const RESOLVE_EVERY_MS = 1_000;
const AVOID_MS = 2_000;

/** The replicas of one service: the addresses of its name, asked for once a second. */
export class Replicas {
  readonly #name: string;
  readonly #resolve: ResolveName;
  readonly #failedAt = new Map<string, number>();
  #known: { readonly addresses: Promise<readonly string[]>; readonly at: number } | undefined;
  #turn = 0;

  constructor(name: string, resolve: ResolveName) {
    this.#name = name;
    this.#resolve = resolve;
  }

  /**
   * The addresses in the order to try them: each request begins one further, and those that failed within the last two seconds come last.
   * @throws the resolver's error
   */
  async inOrder(): Promise<readonly string[]> {
    const addresses = await this.#addresses();
    this.#turn += 1;
    const start = this.#turn % Math.max(addresses.length, 1);
    const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
    return [...rotated.filter((address) => !this.#avoids(address)), ...rotated.filter((address) => this.#avoids(address))];
  }

  /** A connection to this address failed. */
  failed(address: string): void {
    this.#failedAt.set(address, performance.now());
  }

  #addresses(): Promise<readonly string[]> {
    const now = performance.now();
    if (this.#known === undefined || now - this.#known.at > RESOLVE_EVERY_MS) {
      const addresses = this.#resolve(this.#name);
      this.#known = { addresses, at: now };
      this.#failedAt.forEach((at, address) => void (now - at > AVOID_MS && this.#failedAt.delete(address)));
      addresses.catch(() => (this.#known = undefined));
    }
    return this.#known.addresses;
  }

  #avoids(address: string): boolean {
    return performance.now() - (this.#failedAt.get(address) ?? -Infinity) < AVOID_MS;
  }
}

/** The system's resolver, sorted so that turns are fair. */
export const systemResolve: ResolveName = async (name) => (await lookup(name, { all: true, family: 4 })).map(({ address }) => address).sort();
