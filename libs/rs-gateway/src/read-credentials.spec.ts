import { describe, expect, it } from '@jest/globals';
import { inspectRawHeaders } from '@uma-federation/reverse-proxy';
import { hasTokenInQuery, readCredentials } from './read-credentials.ts';

const read = (authorization?: string, query = '') => {
  const headers = authorization === undefined ? [] : ['Authorization', authorization];
  return readCredentials(inspectRawHeaders(['Host', 'rs.example', ...headers], { httpVersion: '1.1', method: 'GET' }), query);
};

describe('Credentials', () => {
  it.each([
    ['Bearer abc', 'Bearer'],
    ['bearer abc', 'Bearer'],
    ['BEARER   a-._~+/b==', 'Bearer'],
    ['DPoP abc', 'DPoP'],
    ['dpop abc', 'DPoP'],
  ])('%s is a token', (authorization, scheme) => {
    expect(read(authorization)).toMatchObject({ kind: 'token', scheme });
  });

  it.each([undefined, 'Basic abc', 'Bearers abc', 'Negotiate', 'Bearer-x abc'])('%s is none of ours', (authorization) => {
    expect(read(authorization)).toEqual({ kind: 'none' });
  });

  it.each(['Bearer', 'Bearer a b', 'Bearer a,b', 'Bearer "a"', 'Bearer\ta', 'Bearer a=b', 'Bearer ä', 'Bearer=a', 'Bearer,a', 'Bearer a, DPoP b', 'DPoP'])('%j is malformed', (authorization) => {
    expect(read(authorization)).toEqual({ kind: 'malformed', reason: 'authorization_malformed' });
  });

  it('a token in the query is malformed with and without another one', () => {
    expect(read(undefined, '?access_token=a')).toEqual({ kind: 'malformed', reason: 'token_in_query' });
    expect(read('Bearer abc', '?access_token=a')).toEqual({ kind: 'malformed', reason: 'token_in_query' });
    expect(hasTokenInQuery('?my_access_token=a&access_tokens=b&x=access_token')).toBe(false);
    expect(hasTokenInQuery('')).toBe(false);
  });
});
