import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { FederationUnderTest } from '../federation-under-test.ts';
import { containerOf, docker, tryDocker } from './compose-project.ts';
import type { InProcessFederation } from './in-process-federation.ts';
import { basic, RawClient } from './raw-client.ts';

/** A client whose document on a site of its own says who it is. */
export interface ClientSite {
  /** The address of the document, which is the client's id. */
  readonly clientId: string;
  /** What it authenticates itself with. */
  readonly key: { readonly key: CryptoKey; readonly kid: string };
  /** Bob's access token from his identity provider, for this client. */
  signedIn(): Promise<string>;
  stop(): Promise<void>;
}

const KID = 'notes-1';
const PRIVATE_KEY = '/tmp/key.json';
const DOCUMENT = '/tmp/document.json';

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
    key: { key: await composedKey(clientId), kid: KID },
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

/** The key stays with the document: the authorization servers remember documents, and a federation that is left up is used again. */
async function composedKey(clientId: string): Promise<CryptoKey> {
  const kept = await tryDocker('exec', containerOf('initech'), 'cat', PRIVATE_KEY);
  if (kept.code === 0) return (await importJWK(JSON.parse(kept.output) as JWK, 'ES256')) as CryptoKey;
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const write = (file: string, content: object) => docker('exec', containerOf('initech'), 'sh', '-c', 'printf %s "$2" > "$1"', 'sh', file, JSON.stringify(content));
  await write(DOCUMENT, await documentOf(clientId, publicKey));
  await write(PRIVATE_KEY, await exportJWK(privateKey));
  return privateKey;
}

async function documentOf(clientId: string, publicKey: CryptoKey): Promise<object> {
  return {
    client_id: clientId,
    client_name: 'Notes',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: 'ES256', use: 'sig' }] },
  };
}

/** A server of this process. */
async function localSite(federation: InProcessFederation): Promise<ClientSite> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  let document: object = {};
  const site = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document)));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const clientId = `http://127.0.0.1:${(site.address() as AddressInfo).port}/notes`;
  document = await documentOf(clientId, publicKey);
  return {
    clientId,
    key: { key: privateKey, kid: KID },
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
