import { expect } from '@jest/globals';

/** What `toThrow` compares a RequestRefusal with. */
export function refusal(status: number, reason: string): Error {
  return expect.objectContaining({ status, reason }) as unknown as Error;
}
