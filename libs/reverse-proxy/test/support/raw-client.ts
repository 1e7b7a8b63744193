import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';

export interface RawResponse {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** All that came, as latin1. */
  readonly text: string;
}

/** Opens a connection; errors show as its end. */
export async function openRaw(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Opens a TLS connection to localhost that trusts one certificate. */
export async function openRawTls(port: number, ca: string): Promise<Socket> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends octets (latin1) and reads until the server closes the connection; never returns if it does not. */
export async function rawUntilClose(port: number, octets: string): Promise<RawResponse> {
  const socket = await openRaw(port);
  socket.write(Buffer.from(octets, 'latin1'));
  return parse(await readUntil(socket, () => false));
}

/** Sends octets (latin1) and reads one whole response; the connection may stay open and is then closed from here. */
export async function rawResponse(port: number, octets: string): Promise<RawResponse> {
  const socket = await openRaw(port);
  socket.write(Buffer.from(octets, 'latin1'));
  const response = parse(await readUntil(socket, isWhole));
  socket.destroy();
  return response;
}

/** Reads from an open connection until the text so far satisfies `enough`, or the connection is closed. */
export async function readUntil(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!enough(text)) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take).on('close', () => resolve(text));
  });
}

/** True for a text that holds one whole response. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: ([0-9]+)/i.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return /\r\ntransfer-encoding: chunked/i.test(text.slice(0, end)) ? text.endsWith('0\r\n\r\n') : false;
}

/** Splits a response; chunked bodies are left as they came. */
export function parse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end === -1 ? undefined : end).split('\r\n');
  const rawHeaders = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  return { status: Number(statusLine.split(' ')[1] ?? 0), rawHeaders, body: end === -1 ? '' : text.slice(end + 4), text };
}
