/**
 * What the log says of a failure of Redis: its code (`ECONNREFUSED`, `WRONGPASS`, `NOGROUP`) or name.
 * The message stays out: Redis repeats arguments in some of them.
 */
export function redisFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  const word = /^-?([A-Z]{3,})\b/.exec(error.message)?.[1];
  if (word !== undefined) return word;
  return error.message === 'Command timed out' ? 'timeout' : error.name;
}

/** Whether the stream or its group has vanished, as after FLUSHALL or a failover to an empty server. */
export function isMissingGroup(error: unknown): boolean {
  return ['NOGROUP', 'UNBLOCKED'].includes(redisFailure(error));
}
