import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseChallenges } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

describe('Protected resource metadata (RFC 9728)', () => {
  let under: GatewayUnderTest;
  beforeAll(async () => {
    under = await GatewayUnderTest.start();
  });
  afterAll(() => under.stop());

  it('is where the challenge says, names the audience of RPTs and the AS-RO that as_uri names', async () => {
    const header = challenges(await under.send(NOTE)).join(', ');
    const [uma, bearer] = parseChallenges(header) ?? [];
    const url = new URL(bearer?.parameters.get('resource_metadata') ?? '');
    const answer = await under.send(url.pathname);
    expect([answer.status, answer.headers.get('content-type')?.[0]]).toEqual([200, expect.stringContaining('application/json')]);
    expect(answer.headers.get('access-control-allow-origin')).toEqual(['*']);
    expect(answer.json()).toEqual({
      resource: PUBLIC_URL,
      resource_name: 'rs.acme.example',
      authorization_servers: [uma?.parameters.get('as_uri')],
      bearer_methods_supported: ['header'],
      scopes_supported: ['edit', 'view'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    });
  });

  const ofPart = (target: string, headers = {}) => under.send(`/.well-known/oauth-protected-resource${target}`, { headers });

  it('of one URL has that URL as the resource, which it was built from, and the scopes of the routes there', async () => {
    const answer = await ofPart(`${NOTE}?draft=1`, { 'X-Forwarded-Host': 'evil.example' });
    expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('content-type')?.[0]]).toEqual([200, ['*'], expect.stringContaining('application/json')]);
    expect(answer.json()).toMatchObject({ resource: `${PUBLIC_URL}${NOTE}`, authorization_servers: [under.asRo.issuer], scopes_supported: ['edit', 'view'] });
    expect((await ofPart('/%75sers/alice/notes/%31')).json()).toMatchObject({ resource: `${PUBLIC_URL}${NOTE}` });
  });

  it('of one URL does not tell whether the resource exists', async () => {
    under.asRo.takeCalls();
    expect((await ofPart('/users/nobody/notes/77')).json()).toMatchObject({ resource: `${PUBLIC_URL}/users/nobody/notes/77` });
    expect(under.asRo.takeCalls()).toEqual([]);
  });

  it.each(['/public/a', '/nowhere', '/', '', '//', '/users/alice/notes/1%2f', '/users/..%2fvault'])('there is none at %j, where no route takes a token', async (target) => {
    const answer = await ofPart(target === '' ? '/' : target);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, ['no-store']]);
    expect(under.upstream.requests).toEqual([]);
  });
});
