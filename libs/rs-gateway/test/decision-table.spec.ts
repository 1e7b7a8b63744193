import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseChallenges, parseUmaChallenge, type ClientId } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

const METADATA = `${PUBLIC_URL}/.well-known/oauth-protected-resource`;

describe('The decision table of protocol.md 3.5', () => {
  let under: GatewayUnderTest;
  beforeAll(async () => {
    under = await GatewayUnderTest.start();
  });
  afterAll(() => under.stop());

  it('answers a request without token with a ticket for what the route needs [G4] [G5] [G6]', async () => {
    const answer = await under.send(NOTE);
    expect(answer.status).toBe(401);
    const [uma = '', bearer, ...more] = challenges(answer);
    expect(parseUmaChallenge(uma)).toMatchObject({ realm: 'rs.acme.example', asUri: under.asRo.issuer });
    expect(bearer).toBe(`Bearer resource_metadata="${METADATA}"`);
    expect(more).toEqual([]);
    expect(under.asRo.permissionRequests.at(-1)).toEqual({
      resource_id: under.permission(NOTE).resourceId,
      resource_scopes: ['view'],
      resource_uri: `${PUBLIC_URL}${NOTE}`,
    });
    const inHeader = parseUmaChallenge(uma);
    expect(answer.json()).toEqual({
      error: 'uma_authorization_required',
      as_uri: under.asRo.issuer,
      ticket: inHeader?.ticket,
      resource_claims_token: inHeader?.resourceClaimsToken,
      issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    });
  });
  void ({} as ClientId);
  void parseChallenges;
});
