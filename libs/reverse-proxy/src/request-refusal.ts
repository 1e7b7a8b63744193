/**
 * A request that is refused because of its form, before anything is decided about it.
 * The sender's framing can no longer be trusted to be ours, so the connection is closed with the answer.
 */
export class RequestRefusal extends Error {
  readonly status: number;
  /** Stable id for logs and metrics; it never holds anything the client sent. */
  readonly reason: string;

  /**
   * @param status HTTP status code of the answer
   * @param reason stable id, the same for every request refused for this cause
   */
  constructor(status: number, reason: string) {
    super(`request refused: ${reason}`);
    this.name = 'RequestRefusal';
    this.status = status;
    this.reason = reason;
  }
}
