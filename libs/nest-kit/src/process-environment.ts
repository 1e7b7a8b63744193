/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of this process, as they are now. No other file reads `process.env`. */
export function processEnvironment(): Environment {
  return { ...process.env };
}
