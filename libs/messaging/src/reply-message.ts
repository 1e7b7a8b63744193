import { MAX_MESSAGE_BYTES, parseJsonObject } from './parse-json.ts';
import { fromWireFailure, type WireFailure } from './wire-failure.ts';

const VERSION = 1;

/** What a handler came to. */
export type Outcome = { readonly value: unknown } | { readonly failure: WireFailure };

/** What the caller gets. */
export interface Reply {
  readonly correlation: string;
  readonly result: { readonly value: unknown } | { readonly error: Error };
}

/** Writes an answer as JSON; one above 64 KiB, or that is no JSON, becomes a failure: the caller would otherwise wait for nothing. */
export function encodeReply(correlation: string, outcome: Outcome): string {
  const text = stringify({ v: VERSION, correlation, ...outcome });
  if (text !== undefined && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) return text;
  const reason = text === undefined ? 'bus_reply_not_json' : 'bus_reply_too_large';
  const failure: WireFailure = { error: 'server_error', status: 500, reason };
  return JSON.stringify({ v: VERSION, correlation, failure });
}

/** Reads an answer; undefined when it is none. An answer without value is null. */
export function decodeReply(text: string): Reply | undefined {
  const message = parseJsonObject(text);
  if (message?.['v'] !== VERSION || typeof message['correlation'] !== 'string') return undefined;
  const { correlation, value = null, failure } = message;
  return { correlation, result: failure === undefined ? { value } : { error: fromWireFailure(failure) } };
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
