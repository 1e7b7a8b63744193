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
});
