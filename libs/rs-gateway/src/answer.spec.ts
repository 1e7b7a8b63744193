import { describe, expect, it } from '@jest/globals';
import { parseChallenges } from '@uma-federation/uma-core';
import { challengeAnswer } from './answer.ts';

const settings = { realm: 'rs.acme.example', asUri: 'https://as.acme.example', resourceMetadata: 'https://rs.acme.example/.well-known/oauth-protected-resource' };
const stepUp = (...acrValues: string[]) =>
  challengeAnswer({ ticket: { ticket: 'a.b.c' }, error: 'insufficient_user_authentication', scheme: 'Bearer', requirement: { scopes: [], acrValues, maxAgeSeconds: 300 } }, settings);

describe('The challenge for a better authentication', () => {
  it('keeps what an authentication class has of quotes and backslashes inside its parameter [S9]', () => {
    const [, bearer = ''] = [stepUp('a"b', 'c\\", max_age="0').headers['WWW-Authenticate'] ?? []].flat();
    expect(bearer).toContain('acr_values="a\\"b c\\\\\\", max_age=\\"0"');
    expect([...(parseChallenges(bearer)?.[0]?.parameters ?? [])].slice(0, 3)).toEqual([
      ['error', 'insufficient_user_authentication'],
      ['acr_values', 'a"b c\\", max_age="0'],
      ['max_age', '300'],
    ]);
  });

  it.each(['otp\r\nSet-Cookie: x=1', 'otp\u0000', 'é'])('is not made of what no header can carry: %j [S9]', (acr) => {
    expect(() => stepUp(acr)).toThrow(RangeError);
  });
});
