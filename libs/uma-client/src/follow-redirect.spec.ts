import { describe, expect, it } from '@jest/globals';
import { followRedirect } from './follow-redirect.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

const request = (changed: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: 'GET',
  url: new URL('https://rs.example/a'),
  headers: new Headers({ authorization: 'Basic x', cookie: 'a=1', 'content-type': 'text/plain', accept: '*/*' }),
  redirect: 'follow',
  signal: undefined,
  body: undefined,
  rest: {},
  ...changed,
});
const redirect = (status: number, location?: string) => new Response(null, { status, ...(location === undefined ? {} : { headers: { location } }) });

describe('A redirect of a request with a token', () => {
  it('within the origin keeps the headers, to another one it loses every credential', () => {
    expect(Object.fromEntries(followRedirect(request(), redirect(302, '/b#x'))?.headers ?? [])).toHaveProperty('authorization');
    expect(followRedirect(request(), redirect(302, '/b#x'))?.url.href).toBe('https://rs.example/b');
    const elsewhere = followRedirect(request(), redirect(302, 'https://cdn.example/b'));
    expect(Object.fromEntries(elsewhere?.headers ?? [])).toEqual({ accept: '*/*', 'content-type': 'text/plain' });
  });

  it.each([
    ['POST', 303, 'GET'],
    ['PUT', 303, 'GET'],
    ['POST', 301, 'GET'],
    ['POST', 302, 'GET'],
    ['HEAD', 303, 'HEAD'],
    ['GET', 307, 'GET'],
    ['POST', 307, undefined],
    ['PUT', 302, undefined],
    ['DELETE', 308, undefined],
  ])('of %s with %i becomes %s', (method, status, expected) => {
    const next = followRedirect(request({ method }), redirect(status, '/b'));
    expect(next?.method).toBe(expected);
    if (expected === 'GET' && method !== 'GET') expect(next?.headers.has('content-type')).toBe(false);
  });

  it.each([
    ['down to http', redirect(302, 'http://rs.example/b')],
    ['to another scheme', redirect(302, 'ftp://rs.example/b')],
    ['to nowhere', redirect(302)],
    ['to nonsense', redirect(302, 'https://[')],
    ['with a status that is no redirect', redirect(304, '/b')],
  ])('%s is not followed', (_name, response) => {
    expect(followRedirect(request(), response)).toBeUndefined();
    expect(followRedirect(request({ redirect: 'manual' }), redirect(302, '/b'))).toBeUndefined();
  });
});
