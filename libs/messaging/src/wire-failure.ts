import { ProtocolError } from '@uma-federation/uma-core';
import { isRecord } from './is-record.ts';

/** A refusal on its way back through the bus. `detail` stays behind: it is for the log of the service that refused. */
export interface WireFailure {
  readonly error: string;
  readonly status: number;
  readonly reason: string;
  readonly description?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the caller is told of a fault: nothing. The log of the service that failed has it. */
const FAULT: WireFailure = { error: 'server_error', status: 500, reason: 'bus_handler_failed' };

/** What goes back for something that a handler threw; anything that is no `ProtocolError` becomes an opaque 500. */
export function toWireFailure(error: unknown): WireFailure {
  if (!(error instanceof ProtocolError)) return FAULT;
  const { status, reason, description, retryAfterSeconds, headers } = error;
  return { error: error.error, status, reason, description, retryAfterSeconds, headers };
}

/** The refusal that the caller gets; what is not understood becomes an opaque 500. */
export function fromWireFailure(failure: unknown): ProtocolError {
  return new ProtocolError(isWireFailure(failure) ? failure : FAULT);
}

function isWireFailure(value: unknown): value is WireFailure {
  if (!isRecord(value)) return false;
  const { error, status, reason, description, retryAfterSeconds, headers } = value;
  return (
    typeof error === 'string' &&
    typeof reason === 'string' &&
    typeof status === 'number' &&
    Number.isInteger(status) &&
    status >= 400 &&
    status <= 599 &&
    (description === undefined || typeof description === 'string') &&
    (retryAfterSeconds === undefined || typeof retryAfterSeconds === 'number') &&
    (headers === undefined || (isRecord(headers) && Object.values(headers).every((header) => typeof header === 'string')))
  );
}
