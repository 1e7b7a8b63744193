import { Pool } from 'undici';

/** One request of the load. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** How to load a server. */
export interface Load {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  /** Each has one request under way at any time. */
  readonly connections: number;
  readonly seconds: number;
  /** The next request; undefined when there are no more, which ends the load early. */
  readonly next: () => LoadRequest | undefined;
  /** The only status that counts as an answer. */
  readonly status: number;
  /**
   * The generator does not sleep between answers. One that sleeps has to be woken by whoever answers it, and the kernel charges that to the server:
   * more than all of HTTP costs. For servers that need nobody else's CPU.
   */
  readonly awake?: boolean | undefined;
}

/** What a load came to. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of each request, in the order of the answers. */
  readonly latenciesMs: readonly number[];
}

/**
 * Sends requests as fast as the server answers them (closed loop, keep-alive, no pipelining) for some seconds.
 * @throws Error at the first answer with another status, with its body: what fails fast is not fast
 */
export async function generateLoad(load: Load): Promise<LoadResult> {
  const { origin, connections, seconds, next, status } = load;
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  const started = performance.now();
  const deadline = started + seconds * 1000;
  let ended = false;
  const stayAwake = (): void => {
    if (!ended) setImmediate(stayAwake);
  };
  if (load.awake === true) stayAwake();
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < deadline; ) {
      const request = next();
      if (request === undefined) return;
      await exchange(pool, request, status);
      const answered = performance.now();
      latenciesMs.push(answered - now);
      now = answered;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
    return { requests: latenciesMs.length, seconds: (performance.now() - started) / 1000, latenciesMs };
  } finally {
    ended = true;
    await pool.destroy();
  }
}

async function exchange(pool: Pool, { method, path, headers, body }: LoadRequest, wanted: number): Promise<void> {
  const answer = await pool.request({ method, path, headers: { ...headers }, body: body ?? null });
  if (answer.statusCode === wanted) await answer.body.dump();
  else throw new Error(`${method} ${path.split('?', 1)[0]} was answered ${answer.statusCode}: ${(await answer.body.text()).slice(0, 300)}`);
}
