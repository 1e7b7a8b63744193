import { UmaError } from '@uma-federation/uma-client';
import { parseStrictJson } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import { asObject } from './settings/json-file.ts';

const LIMIT_CHARACTERS = 1024 * 1024;

/**
 * The JSON object of an answer.
 * @throws UmaError `malformed_answer` when it is none or larger than a million characters
 */
export async function readAnswer(response: Response): Promise<JsonObject> {
  const { status } = response;
  const text = await response.text();
  try {
    const document = text.length > LIMIT_CHARACTERS ? undefined : asObject(parseStrictJson(text, { maxDepth: 20 }));
    if (document !== undefined) return document;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UmaError('malformed_answer', { status });
}
