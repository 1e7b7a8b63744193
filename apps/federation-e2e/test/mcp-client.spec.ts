import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  selectResourceURL,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import { GRANT_TYPES, parseUmaChallenge } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient } from './support/raw-client.ts';

let federation: FederationUnderTest;
let note: string;
/** The paths that the client asked for, in order. */
let asked: string[];
beforeAll(async () => {
  federation = await startForTest();
  note = new RawClient(federation).note();
});
beforeEach(() => {
  asked = [];
});
afterAll(() => federation.stop());

/** How this client reaches our servers. */
const through: typeof fetch = (input, init) => {
  asked.push(new URL(input instanceof Request ? input.url : input).pathname);
  return federation.fetch(input, init);
};
const provider = {} as OAuthClientProvider;
const metadataPath = (): string => `/.well-known/oauth-protected-resource${new URL(note).pathname}`;

describe('The client of the Model Context Protocol, which no one here wrote', () => {
  it('finds the metadata of the gateway after a 401, and with them the AS-RO that the challenge names (RFC 9728 3.1)', async () => {
    const answer = await through(note);
    const header = answer.headers.get('www-authenticate') ?? '';
    // It reads a header that begins with Bearer or DPoP. Ours begins with UMA, so it goes to the well-known address of the URL.
    expect(extractWWWAuthenticateParams(answer)).toEqual({});
    const metadata = await discoverOAuthProtectedResourceMetadata(note, undefined, through);
    expect(asked).toEqual([new URL(note).pathname, metadataPath()]);
    expect(metadata).toMatchObject({ resource: note, authorization_servers: [parseUmaChallenge(header)?.asUri], bearer_methods_supported: ['header'] });
    expect(await selectResourceURL(note, provider, metadata)).toEqual(new URL(note));
  });

  it('finds them from the Bearer challenge alone, with the identifier that is the audience of RPTs (RFC 9728 5.1)', async () => {
    const { acme } = federation.manifest.domains;
    const header = (await through(note)).headers.get('www-authenticate') ?? '';
    const bearer = header.slice(header.indexOf('Bearer '));
    const { resourceMetadataUrl } = extractWWWAuthenticateParams(new Response(null, { status: 401, headers: { 'WWW-Authenticate': bearer } }));
    if (resourceMetadataUrl === undefined) throw new Error('no resource_metadata was found');
    const metadata = await discoverOAuthProtectedResourceMetadata(note, { resourceMetadataUrl }, through);
    expect(metadata).toMatchObject({ resource: acme.gateway.url, authorization_servers: [parseUmaChallenge(header)?.asUri] });
    expect(await selectResourceURL(note, provider, metadata)).toEqual(new URL(acme.gateway.url));
  });

  it('finds the metadata of that AS-RO for its issuer, and wants nothing else in them but an authorization endpoint, which AS-RO has not got', async () => {
    const [issuer = ''] = (await discoverOAuthProtectedResourceMetadata(note, undefined, through)).authorization_servers ?? [];
    // RFC 8414 2: authorization_endpoint is "REQUIRED unless no grant types are supported that use the authorization endpoint".
    await expect(discoverAuthorizationServerMetadata(issuer, { fetchFn: through })).rejects.toMatchObject({
      issues: [{ path: ['authorization_endpoint'] }, { path: ['response_types_supported'] }],
    });
    const completed: typeof fetch = async (input, init) => {
      const document = (await (await through(input, init)).json()) as object;
      return Response.json({ ...document, authorization_endpoint: `${issuer}/none`, response_types_supported: ['code'] });
    };
    const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: completed });
    expect(asked).toEqual([metadataPath(), '/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server']);
    expect(metadata).toMatchObject({ issuer: federation.manifest.domains.acme.asRo.issuer, grant_types_supported: expect.arrayContaining([GRANT_TYPES.umaTicket]) });
  });
});
