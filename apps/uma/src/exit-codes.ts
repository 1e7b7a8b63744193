import { UmaError } from '@uma-federation/uma-client';
import { SignInError } from './sign-in/sign-in-error.ts';
import { UsageError } from './usage-error.ts';

/** What the command line exits with; documented in `uma help` and README.md. */
export const EXIT_CODES = {
  ok: 0,
  usage: 1,
  signInFailed: 2,
  denied: 3,
  moreNeeded: 4,
  securityAbort: 5,
  peerFailure: 6,
  otherStatus: 7,
  /** EX_SOFTWARE of sysexits.h: a fault in this program. */
  fault: 70,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The exit code for a final response: 2xx, 403, a gateway whose authorization server is away, or anything else. */
export function exitCodeOfResponse(response: Response): ExitCode {
  if (response.ok) return EXIT_CODES.ok;
  // Federated Authorization 4.2: 403 with this warning says that no decision was made.
  if (response.status === 403) return /^199\b/.test(response.headers.get('warning') ?? '') ? EXIT_CODES.peerFailure : EXIT_CODES.denied;
  return EXIT_CODES.otherStatus;
}

/** The exit code for anything that was thrown. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof SignInError) return EXIT_CODES.signInFailed;
  if (error instanceof UmaError) return exitCodeOfUmaError(error);
  // Fetch Standard 5.6: a network error rejects with a TypeError, called "fetch failed" by undici, and "terminated" within a body.
  const { name, message } = (error ?? {}) as Partial<Error>;
  if (name === 'TypeError' && ['fetch failed', 'terminated'].includes(message ?? '')) return EXIT_CODES.peerFailure;
  return EXIT_CODES.fault;
}

function exitCodeOfUmaError({ category, code }: UmaError): ExitCode {
  switch (category) {
    case 'duty':
      return EXIT_CODES.securityAbort;
    case 'peer':
      return EXIT_CODES.peerFailure;
    case 'use':
      return EXIT_CODES.usage;
    case 'refusal':
      return code === 'need_info' || code === 'request_submitted' ? EXIT_CODES.moreNeeded : EXIT_CODES.denied;
  }
}
