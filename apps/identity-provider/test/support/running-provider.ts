import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWK, JWTVerifyResult } from 'jose';
import { createIdentityProvider, generateSigningKeys } from '../../src/index.ts';
import type { IdentityProvider, IdentityProviderConfig } from '../../src/index.ts';

export const AUDIENCE = 'http://127.0.0.1:4120';
export const CALLBACK = 'http://127.0.0.1:9/callback';
export const BOB = { email: 'bob@globex.example', password: 'correct horse', name: 'Bob', claims: { department: 'sales' } };
export const EVE = { email: 'eve@globex.example', password: 'battery staple', oneTimeCode: '246802', claims: { email_verified: false } };
export const WEB = { clientId: 'web', clientSecret: 'web secret: +/%', redirectUris: [CALLBACK] };
export const NATIVE = { clientId: 'native', redirectUris: ['http://127.0.0.1/callback'], public: true };
export const INTROSPECTOR = { clientId: 'as-rqp', clientSecret: 'introspection secret' };

/** A provider that listens, the lines it logged, and short ways to speak to it. */
export interface RunningProvider extends IdentityProvider {
  readonly logged: readonly string[];
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>;
  verify(token: unknown, audience: string): Promise<JWTVerifyResult>;
}

let keys: { keys: JWK[] } | undefined;

/** Starts a provider on a free port of 127.0.0.1. */
export async function startProvider(changes: Partial<IdentityProviderConfig> = {}): Promise<RunningProvider> {
  keys ??= await generateSigningKeys();
  const config = await exampleConfig({ keys, ...changes });
  const logged: string[] = [];
  const provider = await createIdentityProvider(config, { log: (line) => logged.push(line) });
  await provider.listen();
  const { issuer } = provider;
  return {
    ...provider,
    logged,
    post: async (path, form, headers = {}) => {
      const response = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(form), headers });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    },
    verify: async (token, audience) => {
      const jwks = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet;
      return jwtVerify(String(token), createLocalJWKSet(jwks), { issuer, audience });
    },
  };
}

/** A configuration for a free port, with the people and clients above. */
export async function exampleConfig(changes: Partial<IdentityProviderConfig> = {}): Promise<IdentityProviderConfig> {
  const port = await freePort();
  return {
    issuer: `http://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    people: [BOB, EVE],
    clients: [WEB, NATIVE],
    accessTokenAudience: AUDIENCE,
    introspectionClients: [INTROSPECTOR],
    cookieKeys: ['a cookie key for the tests'],
    ...changes,
  };
}

/** RFC 6749 2.3.1: id and secret are form-encoded before they go into the Basic scheme. */
export function basic({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Record<string, string> {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}` };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
