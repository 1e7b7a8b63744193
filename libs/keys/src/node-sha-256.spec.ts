import { describe, expect, it } from '@jest/globals';
import { sha256 } from '@uma-federation/uma-core';
import fc from 'fast-check';
import { nodeSha256 } from './node-sha-256.ts';

describe('SHA-256 through node:crypto', () => {
  it('is that of Web Crypto', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (data) => expect(Array.from(await nodeSha256(data))).toEqual(Array.from(await sha256(data)))));
  });
});
