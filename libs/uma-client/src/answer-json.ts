import { decodeUtf8, parseStrictJson } from '@uma-federation/uma-core';
import type { JsonObject, JsonValue } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';

/**
 * Reads a body that must not be large.
 * @param limitBytes greatest number of bytes, counted after decompression
 * @throws UmaError `answer_too_large`; the rest of the body is cancelled
 */
export async function readLimited(body: ReadableStream<Uint8Array> | null, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    length += part.value.byteLength;
    if (length > limitBytes) {
      // Not awaited: the other branch of a cloned body would have to be cancelled first.
      void reader?.cancel().catch(() => undefined);
      throw new UmaError('answer_too_large');
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/**
 * Reads a JSON object from a response.
 * @returns undefined when the body is not one, or is not strict JSON (a member given twice, for example)
 * @throws UmaError `answer_too_large`
 */
export async function readJsonObject(response: Response, limitBytes: number): Promise<JsonObject | undefined> {
  const text = decodeUtf8(await readLimited(response.body, limitBytes));
  try {
    return text === undefined ? undefined : asObject(parseStrictJson(text, { maxDepth: 10 }));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A member that is a non-empty string. */
export function stringMember(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A member that is an array, reduced to its strings. */
export function stringsMember(object: JsonObject, name: string): readonly string[] | undefined {
  const value = object[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** A member that is a non-negative integer. */
export function integerMember(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The value as an object, or undefined. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
