import { isRecord } from './is-record.ts';

/** One message may not be longer than this (UTF-8). */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** The JSON object in a message, or undefined when it is too long, not JSON, or no object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
