import { redisFailure } from '@uma-federation/redis';

/** Whether the stream or its group has vanished, as after FLUSHALL or a failover to an empty server. */
export function isMissingGroup(error: unknown): boolean {
  return ['NOGROUP', 'UNBLOCKED'].includes(redisFailure(error));
}
