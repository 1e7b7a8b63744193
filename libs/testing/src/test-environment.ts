/** What the environment says about a test run. The only file of tests that reads it. */
export interface TestEnvironment {
  /** `UMA_TEST_POSTGRES_URL`: a PostgreSQL server (superuser) to run the contract suites on besides the embedded one. */
  readonly postgresUrl: string | undefined;
  /** `UMA_TEST_EMBEDDED_POSTGRES_URL`: the embedded PostgreSQL that jest's global set-up has started. */
  readonly embeddedPostgresUrl: string | undefined;
  /** `UMA_TEST_REDIS_URL`: a Redis 7 that tests may flush, instead of a container. */
  readonly redisUrl: string | undefined;
  /** `UMA_TEST_FULL=1`: the sizes of the bars (1,000 tickets), not those of an ordinary run. */
  readonly full: boolean;
}

/** Reads the environment of this test run. */
export function testEnvironment(): TestEnvironment {
  const { UMA_TEST_POSTGRES_URL, UMA_TEST_EMBEDDED_POSTGRES_URL, UMA_TEST_REDIS_URL, UMA_TEST_FULL } = process.env;
  return { postgresUrl: UMA_TEST_POSTGRES_URL, embeddedPostgresUrl: UMA_TEST_EMBEDDED_POSTGRES_URL, redisUrl: UMA_TEST_REDIS_URL, full: UMA_TEST_FULL === '1' };
}

/** Tests remove their containers themselves: testcontainers' clean-up container is left out unless `TESTCONTAINERS_RYUK_DISABLED` says otherwise. */
export function leaveReaperOut(): void {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
}
