/** Prints why tests do not run. Past the console, of which jest shows nothing for a file whose tests are all skipped. */
export function sayWhySkipped(what: string, reason: string): void {
  process.stderr.write(`\nTests on ${what} are skipped: ${reason}.\n`);
}
