import { describe, expect, it } from '@jest/globals';
import { cacheLifetimeSeconds } from './cache-lifetime.ts';

describe('cacheLifetimeSeconds', () => {
  it.each([
    [undefined, 600],
    ['', 600],
    ['public', 600],
    ['max-age=300', 300],
    ['public, Max-Age=300', 300],
    ['max-age="300"', 300],
    ['max-age=1', 60],
    ['max-age=0', 60],
    ['no-store', 60],
    ['no-cache, max-age=3000', 60],
    ['max-age=3000', 3000],
    ['max-age=999999999', 3600],
    ['max-age=-1', 600],
    ['max-age=1e9', 600],
    ['s-maxage=100', 600],
  ])('gives a document with Cache-Control %j %d seconds', (cacheControl, seconds) => {
    expect(cacheLifetimeSeconds(cacheControl === undefined ? {} : { 'cache-control': cacheControl }, 3600)).toBe(seconds);
  });

  it('takes off what the document has aged on the way', () => {
    expect(cacheLifetimeSeconds({ 'cache-control': 'max-age=600', age: '100' }, 3600)).toBe(500);
    expect(cacheLifetimeSeconds({ 'cache-control': 'max-age=600', age: '700' }, 3600)).toBe(60);
  });
});
