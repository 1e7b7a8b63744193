import { processEnvironment } from '@uma-federation/nest-kit';

/** Servers that a run may use instead of its own, the same variables as the tests have. */
export interface Surroundings {
  /** `UMA_TEST_POSTGRES_URL`: a superuser's. */
  readonly postgresUrl: string | undefined;
  /** `UMA_TEST_REDIS_URL`: a Redis 7 that may be flushed. */
  readonly redisUrl: string | undefined;
}

/** Reads the environment of this run. */
export function surroundings(): Surroundings {
  const { UMA_TEST_POSTGRES_URL, UMA_TEST_REDIS_URL } = processEnvironment();
  return { postgresUrl: UMA_TEST_POSTGRES_URL, redisUrl: UMA_TEST_REDIS_URL };
}
