/**
 * Whether the presenter could cure the fault with a fresh token (protocol.md 8.0):
 * `curable` faults lead to `need_info` at AS-RO, `integrity` faults end the process.
 */
export type FaultClass = 'curable' | 'integrity';

/**
 * Why a verifier refused a token. The caller decides what it becomes on the wire:
 * `invalid_request` at AS-RqP, `invalid_grant`, `need_info` or `request_denied` at AS-RO, `invalid_token` at the RS.
 */
export class TokenFault extends Error {
  /** A stable id such as `expired`, `wrong_typ`, `bad_signature`; for logs and metrics. */
  readonly reason: string;
  readonly faultClass: FaultClass;

  constructor(reason: string, faultClass: FaultClass = 'integrity', options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'TokenFault';
    this.reason = reason;
    this.faultClass = faultClass;
  }
}
