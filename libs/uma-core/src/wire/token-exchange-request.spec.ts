import { describe, expect, it } from '@jest/globals';
import type { Dialect } from '../model/client-registration.ts';
import { parseForm } from './form-parameters.ts';
import { readTokenExchangeRequest } from './token-exchange-request.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

const GOOD = {
  requested_token_type: TOKEN_TYPE_URNS.jwt,
  subject_token: 'subject',
  subject_token_type: TOKEN_TYPE_URNS.accessToken,
  actor_token: 'actor',
  actor_token_type: TOKEN_TYPE_URNS.jwt,
};
const read = (changes: Record<string, string | undefined> = {}, more = '') => {
  const pairs = Object.entries({ ...GOOD, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return readTokenExchangeRequest(parseForm(new URLSearchParams(pairs).toString() + more));
};
/** H('016f84e8-f9b9-11e0-bd6f-0021cc6004de'), protocol.md 1.4. */
const CHALLENGE = 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c';
const CHALLENGED = { actor_token: undefined, actor_token_type: undefined };
const readAs = (dialects: readonly Dialect[], form: Record<string, string | undefined>) =>
  readTokenExchangeRequest(parseForm(new URLSearchParams(Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString()), dialects);
const INVALID_REQUEST = expect.objectContaining({ error: 'invalid_request', status: 400 });
const INVALID_TARGET = expect.objectContaining({ error: 'invalid_target', status: 400 });

describe('A token exchange request', () => {
  it('reads its tokens and targets; resource and audience may repeat [T4]', () => {
    expect(read({}, '&resource=mailto:alice@acme.example&resource=https://rs.example/&audience=a&audience=b&resource=')).toEqual({
      subjectToken: 'subject',
      subjectTokenType: 'access_token',
      actorToken: 'actor',
      resources: ['mailto:alice@acme.example', 'https://rs.example/'],
      audiences: ['a', 'b'],
    });
  });

  it.each([
    [TOKEN_TYPE_URNS.accessToken, 'access_token'],
    [TOKEN_TYPE_URNS.idToken, 'id_token'],
    [TOKEN_TYPE_URNS.jwt, 'jwt'],
  ])('takes subject tokens of the type %s', (urn, type) => {
    expect(read({ subject_token_type: urn, requested_token_type: undefined }).subjectTokenType).toBe(type);
  });

  it.each([
    ['no subject_token [T2]', { subject_token: undefined }],
    ['no subject_token_type [T2]', { subject_token_type: undefined }],
    ['an empty subject_token [T2]', { subject_token: '' }],
    ['a type of subject token that nobody knows', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['a type in another case', { subject_token_type: TOKEN_TYPE_URNS.jwt.toUpperCase() }],
    ['an actor token without type [T3]', { actor_token_type: undefined }],
    ['a type without actor token [T3]', { actor_token: undefined }],
    ['no actor token', { actor_token: undefined, actor_token_type: undefined }],
    ['an actor token of another type', { actor_token_type: TOKEN_TYPE_URNS.accessToken }],
    ['another requested type [T9]', { requested_token_type: TOKEN_TYPE_URNS.accessToken }],
    ['a ticket_challenge [T21]', { ticket_challenge: 'x' }],
    ['an empty ticket_challenge [T21]', { ticket_challenge: '' }],
  ])('with %s is refused', (_what, changes) => {
    expect(() => read(changes)).toThrow(INVALID_REQUEST);
  });

  it('of a client for the ticket-challenge dialect has a challenge in place of the actor token [C3, T21]', () => {
    const form = { ...GOOD, ticket_challenge: CHALLENGE, actor_token: undefined, actor_token_type: undefined };
    expect(readAs(['ticket-challenge'], form)).toMatchObject({ ticketChallenge: CHALLENGE, subjectToken: 'subject' });
    expect(readAs(['uma-1', 'ticket-challenge'], GOOD)).toMatchObject({ actorToken: 'actor' });
    for (const dialects of [[], ['uma-1']] as const) expect(() => readAs(dialects, form)).toThrow(INVALID_REQUEST);
  });

  it.each([
    ['both bindings [C3, T21]', { ticket_challenge: CHALLENGE }],
    ['both bindings, the actor token empty [T21]', { ticket_challenge: CHALLENGE, actor_token: '', actor_token_type: '' }],
    ['a challenge and the type of an actor token [T21]', { ticket_challenge: CHALLENGE, actor_token: undefined }],
    ['an empty challenge', { ...CHALLENGED, ticket_challenge: '' }],
    ['a padded challenge', { ...CHALLENGED, ticket_challenge: `${CHALLENGE}=` }],
    ['a challenge in the standard alphabet', { ...CHALLENGED, ticket_challenge: CHALLENGE.replaceAll('-', '+').replaceAll('_', '/') }],
    ['a challenge in hexadecimal', { ...CHALLENGED, ticket_challenge: Buffer.from(CHALLENGE, 'base64url').toString('hex') }],
    ['a challenge with a line break', { ...CHALLENGED, ticket_challenge: `${CHALLENGE}\n` }],
  ])('of a client for the ticket-challenge dialect is refused with %s', (_what, changes) => {
    expect(() => readAs(['ticket-challenge'], { ...GOOD, ...changes })).toThrow(INVALID_REQUEST);
  });

  it('with two challenges is refused [T4]', () => {
    expect(() => readTokenExchangeRequest(parseForm(`subject_token=x&subject_token_type=${TOKEN_TYPE_URNS.jwt}&ticket_challenge=${CHALLENGE}&ticket_challenge=${CHALLENGE}`), ['ticket-challenge'])).toThrow(INVALID_REQUEST);
  });

  it('with a scope is read as without: a claims token has none; one that no scope can be is invalid_scope [A73]', () => {
    expect(read({ scope: 'openid email' })).toEqual(read({}));
    expect(() => read({ scope: 'x'.repeat(3000) })).toThrow(expect.objectContaining({ error: 'invalid_scope', status: 400 }));
  });

  it.each(['constructor', '__proto__', 'toString'])('with the type %s, which is a member of every object, is refused', (type) => {
    expect(() => read({ subject_token_type: type })).toThrow(INVALID_REQUEST);
  });

  it.each(['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'])('with %s twice is refused [T4]', (name) => {
    expect(() => read({}, `&${name}=x`)).toThrow(INVALID_REQUEST);
  });

  it.each(['rs', '/relative', '//rs.example/', 'https://rs.example/#fragment', 'https:', 'https://rs.example/ x', 'https://rs.example/<x>', 'RS API', `https://rs.example/${'x'.repeat(2048)}`])('with the resource %j is invalid_target [T13]', (resource) => {
    expect(() => read({ resource })).toThrow(INVALID_TARGET);
  });

  it('with more than eight targets is invalid_target', () => {
    expect(() => read({}, '&resource=a:b'.repeat(5) + '&audience=x'.repeat(4))).toThrow(INVALID_TARGET);
    expect(read({}, '&resource=a:b'.repeat(4) + '&audience=x'.repeat(4)).resources).toHaveLength(4);
  });
});
