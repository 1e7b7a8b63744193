/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of this process, as they are now. Nothing else in the services reads `process.env`; the command line client, which must not depend on them, has a place of its own. */
export function processEnvironment(): Environment {
  return { ...process.env };
}
