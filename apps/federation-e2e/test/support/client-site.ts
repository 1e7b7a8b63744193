import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { calculateJwkThumbprint, importJWK, SignJWT, type JWK } from 'jose';
import type { FederationUnderTest } from '../federation-under-test.ts';
import { containerOf, docker } from './compose-project.ts';
import type { InProcessFederation } from './in-process-federation.ts';
import { basic, RawClient } from './raw-client.ts';

/** Where a client has the document that says who it is. */
export interface ClientSite {
  /** The address of the document, which is the client's id. */
  readonly clientId: string;
  publish(document: object): Promise<void>;
  /** Bob's access token from his identity provider, for this client. */
  signedIn(): Promise<string>;
  stop(): Promise<void>;
}

/** A site that the authorization servers of both domains reach, and have never heard of. */
export function clientSite(federation: FederationUnderTest): Promise<ClientSite> {
  return federation.way === 'composed' ? composedSite(federation) : localSite(federation as InProcessFederation);
}

/** A server of initech's (deploy/test/compose.test.yml). */
async function composedSite(federation: FederationUnderTest): Promise<ClientSite> {
  const clientId = 'https://clients.initech.example/notes';
  const { clients, domains } = federation.manifest;
  const bob = domains.globex.people.find(({ email }) => email === 'bob@globex.example');
  return {
    clientId,
    publish: async (document) => {
      await docker('exec', containerOf('initech'), 'sh', '-c', 'printf %s "$1" > /tmp/document.json', 'sh', JSON.stringify(document));
    },
    signedIn: async () => {
      const form = { grant_type: 'password', username: 'bob@globex.example', password: bob?.password ?? '', scope: 'openid email' };
      const authorization = basic(encodeURIComponent(clientId), clients.confidential.clientSecret);
      const { status, body } = await new RawClient(federation).post(`${domains.globex.identityProvider.issuer}/token`, form, authorization);
      if (status !== 200) throw new Error(`the identity provider answered ${status}`);
      return String(body['access_token']);
    },
    stop: () => Promise.resolve(),
  };
}

/** A server of this process. */
async function localSite(federation: InProcessFederation): Promise<ClientSite> {
  let document: object = {};
  const site = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document)));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const clientId = `http://127.0.0.1:${(site.address() as AddressInfo).port}/notes`;
  return {
    clientId,
    publish: (published) => {
      document = published;
      return Promise.resolve();
    },
    signedIn: () => accessToken(federation, clientId),
    stop: () => {
      site.close();
      site.closeAllConnections();
      return Promise.resolve();
    },
  };
}

/** Bob's access token for a client, as his identity provider would make it if he had signed in there. */
async function accessToken({ manifest, dataDirectory }: InProcessFederation, clientId: string): Promise<string> {
  const { globex } = manifest.domains;
  const secrets = JSON.parse(await readFile(join(dataDirectory, 'secrets.json'), 'utf8')) as { domains: { globex: { identityProviderKeys: { keys: JWK[] } } } };
  const jwk = secrets.domains.globex.identityProviderKeys.keys.find(({ kty }) => kty === 'EC') as JWK;
  return new SignJWT({ client_id: clientId, email: 'bob@globex.example', email_verified: true })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)), typ: 'at+jwt' })
    .setIssuer(globex.identityProvider.issuer)
    .setAudience(globex.asRqp.issuer)
    .setSubject('bob')
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importJWK(jwk, 'ES256'));
}
