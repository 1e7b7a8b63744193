import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import type { JsonObject } from '@uma-federation/uma-core';

/** A request that came to the provider. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** How AS-RqP is known at the provider; the characters are ones that RFC 6749 2.3.1 encodes. */
export const INTROSPECTION_CLIENT = { clientId: 'as-rqp:globex', clientSecret: 'introspection+secret/of=32%characters' };

/** An OpenID Provider on loopback that only has metadata, keys and introspection. Whoever it introspects for is not checked but noted. */
export class FakeIdentityProvider {
  issuer = '';
  /** Requests since `forget`. */
  seen: SeenRequest[] = [];
  /** Introspection answers by token; others are not active. */
  readonly active = new Map<string, JsonObject>();
  /** Status of every introspection answer. */
  introspectionStatus = 200;
  /** Members that replace those of the metadata. */
  metadata: JsonObject = {};
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));
  #port = 0;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    this.issuer = `http://127.0.0.1:${this.#port}`;
  }

  /** Closes the socket and every connection; `start` opens the same port again. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  forget(): void {
    this.seen = [];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    this.seen.push({ path: request.url ?? '', authorization: request.headers.authorization, form });
    const [status, body] = this.#route(request.url ?? '', form);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #route(path: string, form: URLSearchParams): [status: number, body: JsonObject] {
    if (path === '/.well-known/openid-configuration') {
      return [200, { issuer: this.issuer, jwks_uri: `${this.issuer}/keys`, introspection_endpoint: `${this.issuer}/introspect`, ...this.metadata }];
    }
    if (path === '/keys') return [200, { keys: [publicJwk(fixedKeys.identityProvider)] }];
    if (path === '/introspect') return [this.introspectionStatus, this.active.get(form.get('token') ?? '') ?? { active: false }];
    return [404, {}];
  }
}
