import { readFile } from 'node:fs/promises';
import { parseStrictJson } from '@uma-federation/uma-core';
import type { JsonObject, JsonValue } from '@uma-federation/uma-core';
import { UsageError } from '../usage-error.ts';

/**
 * Reads a JSON object from a file.
 * @throws UsageError when there is no such file or it is no JSON object
 */
export async function readJsonFile(file: string): Promise<JsonObject> {
  const document = await readOptionalJsonFile(file);
  if (document === undefined) throw new UsageError(`There is no file ${file}.`);
  return document;
}

/**
 * The same for a file that may be missing.
 * @returns undefined when there is no such file
 * @throws UsageError when it cannot be read or is no JSON object
 */
export async function readOptionalJsonFile(file: string): Promise<JsonObject | undefined> {
  const text = await readTextFile(file);
  if (text === undefined) return undefined;
  const document = parse(text);
  if (document === undefined) throw new UsageError(`${file} is not a JSON object.`);
  return document;
}

/** The text of a file, or undefined when there is none. @throws UsageError when it cannot be read */
export async function readTextFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${file} cannot be read (${code ?? 'unknown reason'}).`);
  }
}

/** The value as an object, or undefined. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A member that is a non-empty string. */
export function readString(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The items of a member that is an array. */
export function readItems(object: JsonObject, name: string): readonly JsonValue[] {
  const value = object[name];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** The strings among them. */
export function readStrings(object: JsonObject, name: string): readonly string[] {
  return readItems(object, name).filter((item) => typeof item === 'string');
}

function parse(text: string): JsonObject | undefined {
  try {
    return asObject(parseStrictJson(text, { maxDepth: 10 }));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
