import type { EventEmitter } from 'node:events';

const lastFailures = new WeakMap<EventEmitter, unknown>();

/** Remembers why a connection is not open. Without this listener ioredis prints every failure of every attempt. */
export function noteFailures(connection: EventEmitter): void {
  connection.on('error', (error: unknown) => lastFailures.set(connection, error));
  connection.on('ready', () => lastFailures.delete(connection));
}

/**
 * What the log says of a failure of Redis: its code (`ECONNREFUSED`, `WRONGPASS`, `NOGROUP`) or name.
 * The message stays out: Redis repeats arguments in some of them.
 * @param connection on which a command has failed; when that is because it is not open, the reason for that is given
 */
export function redisFailure(error: unknown, connection?: EventEmitter): string {
  const cause = isOffline(error) && connection !== undefined ? (lastFailures.get(connection) ?? error) : error;
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  if (typeof code === 'string') return code;
  if (!(cause instanceof Error)) return 'unknown';
  const word = /^-?([A-Z]{3,})\b/.exec(cause.message)?.[1];
  if (word !== undefined) return word;
  if (cause.message === 'Command timed out') return 'timeout';
  return isOffline(cause) ? 'offline' : cause.name;
}

function isOffline(error: unknown): boolean {
  return error instanceof Error && /^(Stream isn't writeable|Cluster isn't ready|Connection is closed)/.test(error.message);
}
