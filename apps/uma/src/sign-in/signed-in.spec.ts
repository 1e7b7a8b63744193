import { describe, expect, it } from '@jest/globals';
import { fakeJwt } from '../../test/fake-world.ts';
import { SignInError } from './sign-in-error.ts';
import { readSignIn } from './signed-in.ts';

type Answer = Parameters<typeof readSignIn>[0];
const answer = (accessToken: string, email: unknown, idToken = 'id-token'): Answer =>
  ({ access_token: accessToken, token_type: 'bearer', id_token: idToken, expiresIn: () => 900, claims: () => ({ email, exp: 5000 }) }) as unknown as Answer;

describe('The subject token of a sign-in', () => {
  it('is the access token when it is an at+jwt, else the ID token', () => {
    const token = fakeJwt('at+jwt', {});
    const idToken = { token: 'id-token', expiresAt: 5000 };
    expect(readSignIn(answer(token, 'bob@x.example'), 'bob@x.example', 1000)).toEqual({ subjectToken: { token, type: 'access_token' }, expiresAt: 1900, idToken });
    for (const other of ['opaque', fakeJwt('JWT', {})]) {
      expect(readSignIn(answer(other, 'bob@x.example'), 'bob@x.example', 1000)).toEqual({ subjectToken: { token: 'id-token', type: 'id_token' }, expiresAt: 5000, idToken });
    }
  });

  it.each(['eve@x.example', 'Bob@x.example', 'bob@x.example.evil.example', undefined, 7])('is refused when %p signed in instead', (email) => {
    expect(() => readSignIn(answer('opaque', email), 'bob@x.example', 1000)).toThrow(SignInError);
  });

  it('is refused without an ID token', () => {
    const silent = { access_token: 'opaque', token_type: 'bearer', expiresIn: () => 900, claims: () => undefined } as unknown as Answer;
    expect(() => readSignIn(silent, 'bob@x.example', 1000)).toThrow(SignInError);
  });
});
