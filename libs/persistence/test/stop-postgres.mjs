/** Ends what start-postgres.mjs has started. */
export default async function stopPostgres() {
  await globalThis.stopEmbeddedPostgres();
}
