import { describe, expect, it } from '@jest/globals';
import { UmaError, type UmaErrorCode } from '@uma-federation/uma-client';
import { exitCodeOfError, exitCodeOfResponse } from './exit-codes.ts';
import { SignInError } from './sign-in/sign-in-error.ts';
import { UsageError } from './usage-error.ts';

describe('Exit codes', () => {
  it.each<[number, UmaErrorCode[]]>([
    [5, ['resource_mismatch', 'issuer_mismatch', 'audience_mismatch', 'copies_disagree', 'challenge_stripped', 'challenge_malformed', 'insecure_url', 'unexpected_token', 'ticket_unchanged', 'interaction_mismatch']],
    [3, ['request_denied', 'exchange_refused', 'grant_refused', 'interaction_refused', 'ticket_refused', 'revocation_refused']],
    [4, ['need_info', 'request_submitted']],
    [6, ['peer_unreachable', 'malformed_answer', 'answer_too_large', 'deadline_exceeded', 'rate_limited']],
    [1, ['body_not_replayable', 'client_unknown']],
  ])('%i stands for %p', (expected, codes) => {
    expect(codes.map((code) => exitCodeOfError(new UmaError(code)))).toEqual(codes.map(() => expected));
  });

  it('stand for other failures too', () => {
    expect(exitCodeOfError(new UsageError('x'))).toBe(1);
    expect(exitCodeOfError(new SignInError('x'))).toBe(2);
    expect(exitCodeOfError(new TypeError('fetch failed'))).toBe(6);
    expect(exitCodeOfError(new TypeError('x is not a function'))).toBe(70);
    expect(exitCodeOfError('x')).toBe(70);
    expect(exitCodeOfError(undefined)).toBe(70);
  });

  it.each([
    [200, {}, 0],
    [204, {}, 0],
    [403, {}, 3],
    [403, { warning: '199 - "UMA Authorization Server Unreachable"' }, 6],
    [401, {}, 7],
    [404, {}, 7],
    [500, {}, 7],
    [302, {}, 7],
  ])('of a response with status %i and headers %j', (status, headers, expected) => {
    expect(exitCodeOfResponse(new Response(null, { status, headers }))).toBe(expected);
  });
});
