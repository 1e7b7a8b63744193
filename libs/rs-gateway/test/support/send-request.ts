import { request } from 'node:http';
import { connect } from 'node:net';

/** What a gateway answered. */
export interface TestAnswer {
  readonly status: number;
  /** Names in lower case; repeated lines in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
  /** The body, parsed. */
  json<T = Record<string, unknown>>(): T;
}

export interface TestRequest {
  readonly method?: string;
  /** Names and values; several values are several lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** Sends one request on a connection of its own, with exactly these headers. */
export async function sendRequest(origin: string, target: string, { method = 'GET', headers = {}, body }: TestRequest): Promise<TestAnswer> {
  const { hostname, port } = new URL(origin);
  const lines = Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target, method, agent: false, headers: [...lines, ...length, 'Connection', 'close'], setHost: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming.rawHeaders), text, json: <T>() => JSON.parse(text) as T });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends octets and gives back everything that comes until the other side closes. */
export async function sendRaw(origin: string, octets: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(octets));
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

function headersOf(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[index + 1] ?? '']);
  }
  return headers;
}
