import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { JoseSigner, type JsonObject } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

/** The strongest form of each mistake: where the kind allows it, the token is genuine and its audience is the gateway or the resource. */
describe.each(['A3 RCT replayed as RPT', 'A4 Another kind of token replayed as RPT'])('%s', (attack) => {
  let under: GatewayUnderTest;
  beforeAll(async () => {
    under = await GatewayUnderTest.start();
  });
  afterAll(() => under.stop());

  const pair = () => under.asRo.mintTicketPair(`${PUBLIC_URL}${NOTE}`, [under.permission(NOTE, 'view')]);
  const sign = async (typ: string, claims: JsonObject, key: keyof typeof fixedKeys): Promise<string> =>
    (await JoseSigner.fromJwk({ ...fixedKeys[key] })).sign(typ, { iat: under.clock.now(), exp: under.clock.now() + 300, jti: 'j1', ...claims });
  const person = () => ({ iss: 'https://login.globex.example', sub: 'bob', email: 'bob@globex.example', aud: PUBLIC_URL, client_id: 'client-1' });
  const permissions = (): JsonObject['x'] => [{ resource_id: under.permission(NOTE).resourceId, resource_scopes: ['view'] }];

  const all: Record<string, [string, () => Promise<string>][]> = {
    A3: [
      ['a resource claims token', async () => (await pair()).resourceClaimsToken],
      [
        'a resource claims token whose audience is the gateway itself',
        async () => (await under.asRo.mintTicketPair(PUBLIC_URL, [under.permission(NOTE, 'view')])).resourceClaimsToken,
      ],
    ],
    A4: [
      ['a permission ticket', async () => (await pair()).ticket],
      ['an identity claims token', async () => (await pair()).identityClaimsToken],
      ['a protection API token', () => under.asRo.mintPat()],
      ['an access token of an identity provider', () => sign('at+jwt', person(), 'identityProvider')],
      ['an access token for the gateway, signed by AS-RO, without permissions', () => sign('at+jwt', { ...person(), iss: under.asRo.issuer, scope: 'view' }, 'acme')],
      ['an ID token', () => sign('JWT', person(), 'identityProvider')],
      ['the claims of an RPT under the type of an ID token', () => sign('JWT', { ...person(), iss: under.asRo.issuer, permissions: permissions() }, 'acme')],
      ['the claims of an RPT under the type of a ticket', () => sign('uma-ticket+jwt', { ...person(), iss: under.asRo.issuer, permissions: permissions() }, 'acme')],
    ],
  };

  it.each(all[attack.slice(0, 2)] ?? [])('%s is refused as invalid_token, with a new ticket', async (_description, mint) => {
    const token = await mint();
    const answer = await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
    expect(challenges(answer)[1]).toMatch(/^Bearer error="invalid_token", /);
    expect(answer.json()['ticket']).not.toBe(token);
    expect(under.upstream.requests).toEqual([]);
  });
});

describe('A56 aud shape', () => {
  it.each<[string, JsonObject['x']]>([
    ['us among others', [PUBLIC_URL, 'https://rs2.acme.example']],
    ['us alone, in a list', [PUBLIC_URL]],
    ['nobody', []],
    ['a prefix of us', PUBLIC_URL.slice(0, -1)],
    ['us with a slash', `${PUBLIC_URL}/`],
    ['us in capitals', PUBLIC_URL.toUpperCase()],
  ])('an RPT whose audience is %s is invalid', async (_description, aud) => {
    const under = await GatewayUnderTest.start();
    try {
      const permissions = [{ resource_id: under.permission(NOTE).resourceId, resource_scopes: ['view'] }];
      const now = under.clock.now();
      const signer = await JoseSigner.fromJwk({ ...fixedKeys.acme });
      const claims = { iss: under.asRo.issuer, sub: 'bob@globex.example', client_id: 'client-1', iat: now, exp: now + 300, jti: 'j1', permissions };
      const send = async (audience: JsonObject['x']) =>
        under.send(NOTE, { headers: { Authorization: `Bearer ${await signer.sign('at+jwt', { ...claims, aud: audience })}` } });
      expect((await send(PUBLIC_URL)).status).toBe(200);
      expect(challenges(await send(aud))[1]).toMatch(/^Bearer error="invalid_token", /);
    } finally {
      await under.stop();
    }
  });
});
