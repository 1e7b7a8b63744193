import { describe, expect, it } from '@jest/globals';
import { methodPolicy } from './method-policy.ts';

describe('A82 method tricks, the policy', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('accepts %s under its own name', (method) => {
    expect(methodPolicy(method)).toEqual({ accepted: true, method, routeMethod: method });
  });

  it('routes HEAD as GET, so that it needs the scope of GET', () => {
    expect(methodPolicy('HEAD')).toEqual({ accepted: true, method: 'HEAD', routeMethod: 'GET' });
  });

  it.each(['TRACE', 'CONNECT'])('answers %s with 405 and Allow', (method) => {
    expect(methodPolicy(method)).toMatchObject({ accepted: false, status: 405, allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' });
  });

  it.each(['get', 'Get', 'PROPFIND', 'PURGE', 'QUERY', 'TRACK', '', 'GET ', 'constructor'])('answers %p with 501', (method) => {
    expect(methodPolicy(method)).toMatchObject({ accepted: false, status: 501 });
  });
});
