/** The command cannot be carried out as it was written; the message tells the person what to change. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
