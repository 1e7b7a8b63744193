import { freePort, startService, type BenchmarkRun } from '../harness/index.ts';
import { startChild } from './child.ts';
import { startStandInAsRo } from './stand-in-as-ro.ts';
import { startNginx } from './start-nginx.ts';
import type { ClosedLoop, ClosedLoopResult } from './processes/closed-loop.ts';
import type { OpenLoop, OpenLoopResult } from './processes/open-loop.ts';

/** A proxy that is measured. */
export interface Contestant {
  readonly port: number;
  readonly processId: number;
}

/** Everything that a measurement needs, running. */
export interface Scene {
  readonly upstream: Contestant;
  /** `node:http` and undici, and nothing else. */
  readonly bare: Contestant;
  /** libs/reverse-proxy with the same rules and headers, and nobody asks for a token. */
  readonly unchecked: Contestant;
  readonly gateway: Contestant;
  readonly nginx: Contestant | undefined;
  /** Requests with valid RPTs, each of which the proxy has answered before: what a token costs the first time is not measured. */
  knownRequests(to: Contestant): Promise<readonly string[]>;
  /** Requests as fast as they are answered. */
  closedLoop(to: Contestant, settings: Omit<ClosedLoop, 'kind' | 'port'>): Promise<ClosedLoopResult>;
  /** Requests at a fixed rate. */
  openLoop(to: Contestant, settings: Omit<OpenLoop, 'kind' | 'port'>): Promise<OpenLoopResult>;
}

const PUBLIC_HOST = 'rs.acme.example';
const PUBLIC_URL = `https://${PUBLIC_HOST}`;
const FIRST_ANSWERS_MS = 200;
/** As many notes and tokens as there are connections, or the gateway would see one token for ever. */
const NOTES = Array.from({ length: 64 }, (_, index) => String(index + 1));

/** Starts upstream, proxies, load generator and a stand-in for AS-RO; the run's end stops them. */
export async function setScene(run: BenchmarkRun): Promise<Scene> {
  const asRo = await startStandInAsRo(run);
  const upstream = await startProxy('upstream', {}, run);
  const upstreamPort = upstream.port;
  const gateway = await startGateway(asRo.issuer, upstreamPort, run);
  const load = await startChild('load', {}, run);
  // Tokens live for 10 minutes, so each round has its own.
  const requests = async (): Promise<readonly string[]> =>
    Promise.all(
      NOTES.map(async (note) => {
        const path = `/users/alice/notes/${note}`;
        return requestText(path, await asRo.mintRpt(PUBLIC_URL, `${PUBLIC_URL}${path}`, ['view']));
      }),
    );
  return {
    upstream,
    gateway,
    bare: await startProxy('bare-proxy', { upstreamPort }, run),
    unchecked: await startProxy('unchecked-proxy', { upstreamPort, publicHost: PUBLIC_HOST }, run),
    nginx: await startNginx(upstreamPort, run),
    knownRequests: async ({ port }) => {
      const known = await requests();
      await load.ask({ kind: 'closed', port, requests: known, connections: known.length, durationMs: FIRST_ANSWERS_MS });
      return known;
    },
    closedLoop: ({ port }, settings) => load.ask({ kind: 'closed', port, ...settings }),
    openLoop: ({ port }, settings) => load.ask({ kind: 'open', port, ...settings }),
  };
}

async function startProxy(name: string, settings: object, run: BenchmarkRun): Promise<Contestant> {
  const { processId, ready } = await startChild<{ port: number }>(name, settings, run);
  return { processId, port: ready.port };
}

async function startGateway(issuer: string, upstreamPort: number, run: BenchmarkRun): Promise<Contestant> {
  const port = await freePort();
  const configuration = {
    publicUrl: PUBLIC_URL,
    authorizationServer: { issuer, clientId: 'rs-acme', clientSecret: 'a secret of the benchmark' },
    upstream: { origin: `http://127.0.0.1:${upstreamPort}` },
    development: { loopback: true },
    routes: [
      {
        id: 'note',
        path: '/users/{owner}/notes/{id}',
        methods: { GET: ['view'], PUT: ['edit'] },
        resource: 'note {id} of {owner}',
        owner: '{owner}@acme.example',
        instances: NOTES.map((id) => ({ owner: 'alice', id })),
      },
    ],
  };
  const { processId } = await startService({ app: 'rs-gateway', configuration, port }, run);
  return { processId, port };
}

function requestText(path: string, token: string): string {
  const fields = [
    `Host: ${PUBLIC_HOST}`,
    `Authorization: Bearer ${token}`,
    'User-Agent: uma-benchmark/1',
    'Accept: application/json',
    'Accept-Encoding: gzip, br',
    'Accept-Language: en',
  ];
  return `GET ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}
