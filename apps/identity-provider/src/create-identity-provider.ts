import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readConfig, refuseProduction } from './config.ts';
import type { IdentityProviderConfig } from './config.ts';
import { Provider } from './engine.ts';
import { interactionPages } from './interaction-pages.ts';
import { registerPasswordGrant } from './password-grant.ts';
import { People } from './people.ts';
import { providerSettings } from './provider-settings.ts';
import { checkSigningKeys, generateSigningKeys } from './signing-keys.ts';

/** A development identity provider. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Prints the warning line and opens the socket. @throws Error when the address is taken */
  listen(): Promise<void>;
  /** Closes the socket and every connection. May be called twice. */
  close(): Promise<void>;
}

export interface IdentityProviderOptions {
  /** Where log lines go; standard error when missing. They never hold e-mail addresses, secrets or tokens. */
  readonly log?: (line: string) => void;
}

/**
 * Makes an OpenID Provider for development and tests (OpenID Connect Core, RFC 9068, RFC 9449, RFC 7591, RFC 7662).
 * @returns the provider, not yet listening
 * @throws Error when NODE_ENV is production, or when configuration, keys or a client's metadata are wrong
 */
export async function createIdentityProvider(input: IdentityProviderConfig, options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
  refuseProduction();
  const config = readConfig(input);
  const log = options.log ?? ((line) => process.stderr.write(`${line}\n`));
  const displayName = config.displayName ?? new URL(config.issuer).host;
  const people = new People(config.issuer, config.people);
  const keys = checkSigningKeys(config.keys ?? (await generateSigningKeys()));
  const provider = new Provider(config.issuer, providerSettings(config, people, keys, displayName));
  provider.proxy = true;
  registerPasswordGrant(provider, people);
  provider.use(interactionPages(provider, people, displayName));
  provider.on('server_error', (_ctx, error) => log(`identity-provider error: ${error.name}: ${error.message}`));
  provider.on('error', (error) => log(`identity-provider error: ${error.name}: ${error.message}`));
  for (const { clientId } of [...config.clients, ...config.introspectionClients]) await provider.Client.find(clientId);

  const handle = provider.callback();
  const server = createServer((request, response) => {
    if (speakFor(config.issuer, request, response)) void handle(request, response);
  });
  return {
    issuer: config.issuer,
    listen: () => {
      log(`identity-provider WARNING: ${config.issuer} is a development identity provider (plain passwords, open registration); never use it in production.`);
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.port, config.host, () => {
          server.off('error', reject);
          resolve();
        });
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The URLs in answers come from the issuer, never from what the request says about its host. */
function speakFor(issuer: string, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.url?.startsWith('/') !== true) {
    response.writeHead(400).end();
    return false;
  }
  const { host, protocol } = new URL(issuer);
  request.headers.host = host;
  request.headers['x-forwarded-host'] = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  return true;
}
