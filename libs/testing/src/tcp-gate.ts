import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A loopback port in front of a server of others, so that a test can take that server away without touching it. */
export class TcpGate {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #state: 'open' | 'frozen' | 'shut' = 'open';

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((near) => this.#join(near, connect(target)));
  }

  /** Opens a gate on a free port of 127.0.0.1. */
  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpGate> {
    const gate = new TcpGate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections stay and new ones are taken, but no byte passes: a stopped process, or a network that drops everything. */
  freeze(): void {
    this.#state = 'frozen';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Connections are reset, new ones too: a dead process. */
  shut(): void {
    this.#state = 'shut';
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Lets everything pass again. */
  reopen(): void {
    this.#state = 'open';
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    if (this.#state === 'shut') {
      far.destroy();
      near.resetAndDestroy();
      return;
    }
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => from.destroy());
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#state === 'frozen') from.pause();
    }
  }
}
