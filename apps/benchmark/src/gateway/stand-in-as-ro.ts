import { JoseSigner, mintRequestingPartyToken, type ClientId, type Issuer, type JsonObject, type ResourceId } from '@uma-federation/uma-core';
import { generateSigningJwk, SystemClock, SystemRandomness } from '@uma-federation/keys';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BenchmarkRun } from '../harness/index.ts';

/** What a gateway asks of an AS-RO before it lets anybody through: metadata, keys, a PAT, registration, and a revocation feed without end. */
export interface StandInAsRo {
  readonly issuer: string;
  /** An RPT of 10 minutes with one permission for the resource at this URI, which was registered. */
  mintRpt(audience: string, resourceUri: string, scopes: readonly string[]): Promise<string>;
}

interface Known {
  readonly issuer: string;
  readonly privateKey: JsonObject;
  readonly resources: Resource[];
}

interface Resource {
  readonly _id: string;
  readonly uri: string;
}

/** Starts one in this process: while requests with an RPT are proxied, nobody talks to it but the feed's reader. */
export async function startStandInAsRo(run: BenchmarkRun): Promise<StandInAsRo> {
  const resources: Resource[] = [];
  const privateKey = await generateSigningJwk();
  const server = createServer((request, response) => {
    void answer(request, { issuer, privateKey, resources }).then((json) => {
      response.writeHead(request.method === 'POST' && request.url === '/resource' ? 201 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(json));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  run.cleanup.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dependencies = { signer: await JoseSigner.fromJwk(privateKey), clock: new SystemClock(), randomness: new SystemRandomness() };
  return {
    issuer,
    mintRpt: async (audience, resourceUri, scopes) => {
      const resource = resources.find(({ uri }) => uri === resourceUri);
      if (resource === undefined) throw new Error(`nobody registered ${resourceUri}`);
      const permissions = [{ resourceId: resource._id as ResourceId, scopes }];
      const claims = { issuer: issuer as Issuer, audience, subject: 'bob@globex.example', clientId: 'client-1' as ClientId, permissions, lifetimeSeconds: 600 };
      return (await mintRequestingPartyToken(claims, dependencies)).token;
    },
  };
}

async function answer(request: IncomingMessage, { issuer, privateKey, resources }: Known): Promise<unknown> {
  const path = new URL(request.url ?? '', issuer).pathname;
  if (path === '/.well-known/uma2-configuration') return metadata(issuer);
  if (path === '/jwks') {
    const { d: _d, ...publicKey } = privateKey;
    return { keys: [publicKey] };
  }
  if (path === '/token') return { access_token: 'pat', token_type: 'Bearer', expires_in: 3600 };
  if (path === '/revocations') return { revoked: [], cursor: 'c', more: false };
  if (request.method === 'GET') return path === '/resource' ? resources.map(({ _id }) => _id) : resources.find(({ _id }) => path.endsWith(`/${_id}`));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const registered = { ...(JSON.parse(Buffer.concat(chunks).toString()) as Resource), _id: `res_${resources.length + 1}` };
  resources.push(registered);
  return registered;
}

function metadata(issuer: string): object {
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    permission_endpoint: `${issuer}/permission`,
    resource_registration_endpoint: `${issuer}/resource`,
    introspection_endpoint: `${issuer}/introspect`,
    jwks_uri: `${issuer}/jwks`,
    revocation_feed_endpoint: `${issuer}/revocations`,
  };
}
