import { describe, expect, it } from '@jest/globals';
import type { GrantedToken } from './requesting-party-token.ts';
import { TokenStore } from './token-store.ts';

const url = new URL('https://rs.example/notes/1');
const token = (expiresAt?: number): GrantedToken => ({ token: `t${expiresAt}`, scheme: 'DPoP', origin: url.origin, issuer: 'https://as.example', expiresAt });

describe('The store of RPTs', () => {
  it('gives a token back for the same method and URL, whatever the query, until five seconds before its end', () => {
    let now = 100;
    const store = new TokenStore({ now: () => now });
    store.put('GET', url, token(200));
    expect(store.find('GET', new URL('https://rs.example/notes/1?x=1'))?.token).toBe('t200');
    expect(store.find('DELETE', url)).toBeUndefined();
    expect(store.find('GET', new URL('https://rs.example/notes/10'))).toBeUndefined();
    expect(store.find('GET', new URL('https://rs2.example/notes/1'))).toBeUndefined();
    now = 194;
    expect(store.find('GET', url)).toBeDefined();
    now = 195;
    expect(store.find('GET', url)).toBeUndefined();
  });

  it('keeps no token that does not say when it ends, and forgets one that was refused', () => {
    const store = new TokenStore({ now: () => 100 });
    store.put('GET', url, token());
    expect(store.find('GET', url)).toBeUndefined();
    store.put('GET', url, token(200));
    store.remove('GET', url);
    expect(store.find('GET', url)).toBeUndefined();
  });

  it('does not grow beyond its capacity: the oldest token goes', () => {
    const store = new TokenStore({ now: () => 100 }, 2);
    for (const path of ['a', 'b', 'c']) store.put('GET', new URL(path, url), token(200));
    expect(['a', 'b', 'c'].map((path) => store.find('GET', new URL(path, url)) !== undefined)).toEqual([false, true, true]);
  });
});
