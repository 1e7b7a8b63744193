import { Agent, request } from 'node:http';

/** An answer of the server under test. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated lines joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; an empty object when there is none. */
  readonly body: Readonly<Record<string, any>>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** A request, header by header. */
export interface Outgoing {
  readonly method?: string | undefined;
  /** A list of values is sent as several header lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | Buffer | undefined;
}

const agent = new Agent({ keepAlive: true });

/** Ends the connections that tests kept open. */
export function closeConnections(): void {
  agent.destroy();
}

/** Sends one request with exactly these headers (and Host, Content-Length). */
export function sendRequest(origin: string, target: string, { method = 'GET', headers = {}, body }: Outgoing = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const lines = Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
  const length = body === undefined && ['GET', 'HEAD', 'DELETE'].includes(method) ? [] : ['Content-Length', String(Buffer.byteLength(body ?? ''))];
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: target, method, agent, headers: ['Host', `${hostname}:${port}`, ...lines, ...length] };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: joined(incoming.headers), text, body: parsed(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function joined(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));
}

function parsed(text: string): Record<string, unknown> {
  try {
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  } catch {
    return {};
  }
}
