const PATIENCE_MS = 4_500;

/** Waits for something that happens in the background, without guessing how long it takes. @throws Error when it does not happen */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`it did not happen: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
