/** A stranger's WebFinger, metadata or keys could not be had, or were not acceptable (protocol.md section 6). */
export class DiscoveryFailure extends Error {
  /** A stable id such as `webfinger_timeout`, `address_forbidden`, `issuer_mismatch`. */
  readonly reason: string;

  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'DiscoveryFailure';
    this.reason = reason;
  }
}
