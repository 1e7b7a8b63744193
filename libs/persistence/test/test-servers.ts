import { testEnvironment } from '@uma-federation/testing';

/** A PostgreSQL server for tests: [name, URL of a superuser]. */
export type TestServer = readonly [name: string, url: string];

/** The embedded PostgreSQL, and the server that the environment names, if any. */
export function testServers(): readonly TestServer[] {
  const { embeddedPostgresUrl, postgresUrl } = testEnvironment();
  if (embeddedPostgresUrl === undefined) throw new Error('test/start-postgres.mjs has not run');
  return [['embedded PostgreSQL', embeddedPostgresUrl], ...(postgresUrl === undefined ? [] : [['PostgreSQL server', postgresUrl] as const])];
}

/** The embedded PostgreSQL. */
export function embeddedServer(): string {
  const [[, url]] = testServers() as [TestServer];
  return url;
}
