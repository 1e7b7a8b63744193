import postgres from 'postgres';
import { invalidRequest, ProtocolError, temporarilyUnavailable } from '@uma-federation/uma-core';

/** Codes of the driver that speak of a mistake in our statement; every other one speaks of the network or the server. */
const MISUSE = /^(UNDEFINED_VALUE|NOT_TAGGED_CALL|UNSAFE_TRANSACTION|MAX_PARAMETERS_EXCEEDED|ERR_INVALID_[A-Z_]+)$/;

/** A deadline of ours passed before the database answered. */
export class StoreTimeout extends Error {
  readonly code: string;

  constructor(stage: 'pool_wait' | 'answer') {
    super(`no answer in time (${stage})`);
    this.name = 'StoreTimeout';
    this.code = `timeout_${stage}`;
  }
}

/** A statement that PostgreSQL refused: a violated constraint or a bug. Carries no values, unlike the driver's error. */
export class StatementFault extends Error {
  /** SQLSTATE. */
  readonly code: string;
  /** Name of the violated constraint, if it was one. */
  readonly constraint: string | undefined;

  constructor(code: string, constraint: string | undefined) {
    super(`PostgreSQL refused a statement (${code}${constraint === undefined ? '' : `, ${constraint}`})`);
    this.name = 'StatementFault';
    this.code = code;
    this.constraint = constraint;
  }
}

/** Whether the statement was rolled back because a concurrent one was in its way (40001, 40P01): it may be tried again. */
export function isRolledBackConflict(error: unknown): boolean {
  return error instanceof postgres.PostgresError && (error.code === '40001' || error.code === '40P01');
}

/** Whether an established connection broke, or the server ended it (57P01 to 57P05, class 08). */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return /^(57P|08)/.test(error.code);
  return ['CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(String(codeOf(error)));
}

/** Whether the error is a violation of the constraint with this name. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof StatementFault && error.constraint === constraint;
}

/**
 * What a failed statement means to its caller.
 * @returns ProtocolError 503 `store_unavailable` when PostgreSQL could not be reached, did not answer in time, was overloaded or read-only;
 *   ProtocolError 400 `value_not_storable` for text that PostgreSQL cannot hold (NUL, lone surrogates, over-long keys);
 *   StatementFault for what else it refused; anything unknown as it is
 */
export function toStoreFailure(error: unknown): unknown {
  if (error instanceof ProtocolError) return error;
  if (error instanceof postgres.PostgresError) {
    const sqlClass = error.code.slice(0, 2);
    // 22 data exception, 54 program limit exceeded.
    if (sqlClass === '22' || sqlClass === '54') return invalidRequest('value_not_storable', error.code);
    // 23 integrity constraint violation, 42 syntax error or access rule violation, 2B/2F/38/39/P0 routines, 3F invalid schema.
    if (['23', '42', '2B', '2F', '38', '39', '3F', 'P0'].includes(sqlClass)) return new StatementFault(error.code, error.constraint_name);
    return unavailable(error.code);
  }
  const code = codeOf(error);
  if (typeof code !== 'string' || MISUSE.test(code)) return error;
  return unavailable(code);
}

/** Errors of the network come from the platform: not necessarily instances of this realm's Error. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function unavailable(detail: string): ProtocolError {
  return temporarilyUnavailable('store_unavailable', 1, detail);
}
