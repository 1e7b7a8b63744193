import { describe, expect, it } from '@jest/globals';
import { isTrusted } from './trust-policy.ts';

describe('Whom a domain deals with (Decision D5)', () => {
  it.each([
    ['open lets everybody in', { mode: 'open', allow: [], deny: [] }, true],
    ['open ignores the allow list', { mode: 'open', allow: ['other.example'], deny: [] }, true],
    ['deny wins over open', { mode: 'open', allow: [], deny: ['globex.example'] }, false],
    ['an empty allow list lets nobody in', { mode: 'allowlist', allow: [], deny: [] }, false],
    ['an allow list lets the listed in', { mode: 'allowlist', allow: ['globex.example'], deny: [] }, true],
    ['deny wins over allow', { mode: 'allowlist', allow: ['globex.example'], deny: ['globex.example'] }, false],
    ['entries are compared whole', { mode: 'allowlist', allow: ['example', 'sub.globex.example', 'Globex.example', 'globex.example.', '*.example'], deny: [] }, false],
    ['so are denied ones', { mode: 'open', allow: [], deny: ['example', 'lobex.example', 'globex.example.evil'] }, true],
  ] as const)('%s', (_rule, policy, trusted) => {
    expect(isTrusted('globex.example', policy)).toBe(trusted);
  });
});
