import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedKeys, forgeJws, publicJwk, type PrivateJwk } from '@uma-federation/testing';
import { JWT_BEARER_ASSERTION } from '@uma-federation/uma-core';

/** Answers a request itself. */
export type Responder = (request: IncomingMessage, response: ServerResponse) => void;

/** A web site of clients on loopback: JSON documents by path. */
export interface ClientSite {
  readonly origin: string;
  /** What is answered; a function answers itself. Unknown paths are 404. */
  readonly documents: Map<string, object | Responder>;
  /** Paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startClientSite(): Promise<ClientSite> {
  const documents: ClientSite['documents'] = new Map();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const document = documents.get(path);
    if (typeof document === 'function') return (document as Responder)(request, response);
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, documents, asked, close };
}

let serial = 0;

/** The form parameters by which a client authenticates itself with its key. */
export function assertion(clientId: string, audience: string, now: number, key: PrivateJwk = fixedKeys.evil): Record<string, string> {
  serial += 1;
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60, jti: `assertion-${serial}` };
  return { client_assertion_type: JWT_BEARER_ASSERTION, client_assertion: forgeJws({ header: { alg: key.alg, kid: key.kid, typ: 'client-authentication+jwt' }, claims, key }) };
}

/** The document of a client that authenticates itself with its key. */
export function signingClient(clientId: string, members: object = {}): object {
  return { client_id: clientId, client_name: 'Notes of Globex', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(fixedKeys.evil)] }, ...members };
}
