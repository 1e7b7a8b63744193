import { payloadTooLarge } from '@uma-federation/uma-core';
import { isRecord } from './is-record.ts';
import { MAX_MESSAGE_BYTES, parseJsonObject } from './parse-json.ts';

const VERSION = 1;
const MAX_NAME_LENGTH = 200;

/** A request as it travels. */
export interface RequestMessage {
  /** The same for every delivery and for every try of the caller: what an idempotent handler goes by. */
  readonly id: string;
  /** Tells the answers of one client apart; unique per try. */
  readonly correlation: string;
  /** Where the answer goes. */
  readonly replyTo: string;
  /** After this time nobody waits any more: milliseconds on the clock of the bus (Redis' own, so that clocks of services do not matter). */
  readonly deadline: number;
  readonly pattern: string;
  readonly data: unknown;
  /** Trace ids and the like, set by Nest's dispatch hook. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes a request as JSON.
 * @throws ProtocolError 413 `bus_message_too_large` above 64 KiB; TypeError for data that is no JSON, or a name nobody would accept
 */
export function encodeRequest(message: RequestMessage): string {
  const { id, pattern, metadata } = message;
  if (!isName(id) || !isName(pattern) || !isMetadata(metadata)) throw new TypeError('id and pattern have 1 to 200 characters, metadata are strings');
  const text = JSON.stringify({ v: VERSION, ...message });
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) throw payloadTooLarge('bus_message_too_large');
  return text;
}

/** Reads a request; undefined when it is none, or of a version that is not known here. Does not look into `data`. */
export function decodeRequest(text: string): RequestMessage | undefined {
  const message = parseJsonObject(text);
  if (message?.['v'] !== VERSION) return undefined;
  const { id, correlation, replyTo, deadline, pattern, data, metadata } = message;
  if (![id, correlation, replyTo, pattern].every(isName) || typeof deadline !== 'number' || !isMetadata(metadata)) return undefined;
  return { id, correlation, replyTo, deadline, pattern, data, metadata } as RequestMessage;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH;
}

function isMetadata(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((member) => typeof member === 'string');
}
