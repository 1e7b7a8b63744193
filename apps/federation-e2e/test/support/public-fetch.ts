import { Agent, buildConnector, fetch as fetchThrough } from 'undici';

/** Where the public names of the domains are, as seen from this machine. */
export interface PublicNames {
  /** Port on 127.0.0.1 of the front that a host name leads to; undefined when the name is nobody's. */
  readonly portOf: (hostName: string) => number | undefined;
  /** PEM of the certificate authority. */
  readonly authority: string;
}

/** A fetch, and how to let go of its connections. */
export interface PublicFetch {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

/** A fetch that finds the domains' public names at the published ports of their fronts. Names of others, and plain http, go where they say. */
export function publicFetch({ portOf, authority }: PublicNames): PublicFetch {
  const connect = buildConnector({ ca: authority, allowH2: false });
  const dispatcher = new Agent({
    connect: (options, callback) => {
      const port = options.protocol === 'https:' ? portOf(options.hostname) : undefined;
      const there = port === undefined ? options : { ...options, servername: options.hostname, host: `127.0.0.1:${port}`, hostname: '127.0.0.1', port: String(port) };
      connect(there, callback);
    },
  });
  const through = fetchThrough as unknown as typeof fetch;
  return { fetch: (input, init) => through(input, { ...init, dispatcher } as unknown as RequestInit), close: () => dispatcher.close() };
}
