import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { describeError } from './describe-error.ts';
import { currentRequestIds } from './request-trace.ts';

export type { Logger } from 'pino';

/** What a logger is made from. */
export interface LoggerOptions {
  /** The service, written as `service` in every line. */
  readonly name: string;
  /** Lines below this level are not written. */
  readonly level: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream | undefined;
}

const REDACTED = '[redacted]';
/** Members that are never written, wherever a log call puts them: at the top or one level down. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set([
  'authorization', 'dpop', 'cookie', 'password', 'secret', 'clientSecret', 'client_secret', 'token', 'access_token', 'refresh_token',
  'subject_token', 'actor_token', 'claim_token', 'pushed_claims', 'ticket', 'rpt', 'pct', 'email', 'headers', 'body', 'query', 'url',
]);
/** A JWS or JWE, whole or cut short: base64url of `{"` begins with `eyJ`. */
const TOKEN = /eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,4}/g;
const EMAIL = /[A-Za-z0-9.!#$%&'*+=?^_`{|}~-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu;
const AT_SIGN = /@|%40/;
const CREDENTIALS = /\b(Bearer|Basic|DPoP) [A-Za-z0-9._~+/=-]{8,}/gi;

/**
 * A logger that writes one JSON object per line (pino), with a second net below the rule "no tokens, secrets or e-mail addresses in logs" (A78):
 * members with telling names are replaced, and so is whatever looks like a token, credentials or an e-mail address anywhere in a line.
 * Lines that are written on behalf of a request have its `requestId` and `traceId`.
 * It does not recognise opaque secrets in free text: callers must not log them.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.name },
    timestamp: stdTimeFunctions.isoTime,
    // Not pino's own redaction: that copies every object for each path, which costs more than the rest of a line.
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (members: object) => withoutSecrets(members, 2),
      bindings: (members: object) => withoutSecrets(members, 2),
    },
    mixin: currentRequestIds,
    serializers: { err: describeError },
    hooks: { streamWrite: scrub },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** The members with secret ones replaced, in nested objects too, down to `levels`. Errors are left to their serializer. A copy only where one is needed. */
function withoutSecrets(members: object, levels: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(members)) {
    const isNested = levels > 1 && typeof value === 'object' && value !== null && !(value instanceof Error);
    const shown: unknown = SECRET_MEMBERS.has(name) ? REDACTED : isNested ? withoutSecrets(value as object, levels - 1) : value;
    if (shown !== value) (copy ??= { ...members })[name] = shown;
  }
  return copy ?? (members as Record<string, unknown>);
}

function scrub(line: string): string {
  const scrubbed = line.replace(TOKEN, REDACTED).replace(CREDENTIALS, `$1 ${REDACTED}`);
  // The address expression tries at every letter: without an at sign it would be the dearest part of a request, for nothing.
  return AT_SIGN.test(scrubbed) ? scrubbed.replace(EMAIL, REDACTED) : scrubbed;
}
