import { startEmbeddedPostgres } from '../src/embedded-postgres.ts';

/** One embedded PostgreSQL per jest run. Its address goes to the workers through the environment (libs/testing/src/test-environment.ts). */
export default async function startPostgres() {
  const started = performance.now();
  const server = await startEmbeddedPostgres();
  globalThis.stopEmbeddedPostgres = () => server.stop();
  process.env.UMA_TEST_EMBEDDED_POSTGRES_URL = server.url;
  const named = process.env.UMA_TEST_POSTGRES_URL;
  const besides = named === undefined ? 'no server named by UMA_TEST_POSTGRES_URL' : `and the server ${new URL(named).host}`;
  console.log(`\nStores under test: memory, embedded PostgreSQL (ready in ${Math.round(performance.now() - started)} ms), ${besides}.`);
}
