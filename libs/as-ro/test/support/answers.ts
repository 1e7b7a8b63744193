import { expect } from '@jest/globals';
import { readToken, toChallenge, type Challenge } from '../harness.ts';
import type { Answer } from './send-request.ts';

/** What a client may see of a refusal. Constant descriptions are the core's business; further members are leaks. */
export function refusal({ status, body, headers }: Answer): object {
  return { status, error: body['error'], members: Object.keys(body), cacheControl: headers['cache-control'] };
}

/** How every refusal looks. */
export function refused(status: number, error: string): object {
  return { status, error, members: ['error', 'error_description'], cacheControl: 'no-store' };
}

export const DENIED = refused(403, 'request_denied');
export const INVALID_GRANT = refused(400, 'invalid_grant');
export const INVALID_REQUEST = refused(400, 'invalid_request');

/**
 * Asserts a need_info answer that continues the process of the challenge: a new ticket and a new resource claims token of the same nonce.
 * @returns the challenge to go on with
 */
export function expectNeedInfo(answer: Answer, previous: Challenge): Challenge {
  expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status: 403, error: 'need_info' });
  const next = toChallenge(answer.body);
  expect(next.ticket).not.toBe(previous.ticket);
  expect(readToken(next.ticket).claims['sub']).toBe(readToken(previous.ticket).claims['sub']);
  expect(readToken(next.resourceClaimsToken).claims['sub']).toBe(readToken(previous.resourceClaimsToken).claims['sub']);
  expect(answer.body['required_claims'].length).toBeGreaterThan(0);
  return next;
}
