import { ProtocolError } from '@uma-federation/uma-core';

/** The refusal that an attempt must end in, and how long it took. */
export async function refusal(attempt: Promise<unknown>): Promise<{ readonly error: ProtocolError; readonly afterMs: number }> {
  const startedAt = performance.now();
  try {
    await attempt;
  } catch (error) {
    if (error instanceof ProtocolError) return { error, afterMs: performance.now() - startedAt };
    throw error;
  }
  throw new Error('it was not refused');
}
