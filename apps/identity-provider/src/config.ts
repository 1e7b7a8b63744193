import { isProduction, processEnvironment } from '@uma-federation/nest-kit';
import type { JWK } from 'jose';
import { z } from 'zod';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Claims that the protocol fills in; a person's own claims may not take their place. */
const PROTOCOL_CLAIMS = new Set([
  'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'azp', 'act', 'cnf', 'sid', 'nonce', 'scope', 'client_id',
  'acr', 'amr', 'auth_time', 'at_hash', 'c_hash', 's_hash', 'email', 'name', 'active', 'token_type', 'authorization_details',
]);

const issuer = z.string().refine((value) => {
  const url = URL.parse(value);
  if (url === null || url.origin !== value) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
}, 'must be an origin without a path: https, or http on a loopback address');

const person = z.strictObject({
  email: z.email(),
  password: z.string().min(1),
  name: z.string().min(1).exactOptional(),
  /** The second factor of development: the same six digits every time. */
  oneTimeCode: z.string().regex(/^\d{6}$/).default('000000'),
  /** Overrides the subject identifier that is otherwise derived from issuer and e-mail address. */
  subject: z.string().min(1).max(255).exactOptional(),
  /** Further claims for access and ID tokens. `email_verified: false` gives a person whose address was never verified. */
  claims: z.record(z.string().refine((name) => !PROTOCOL_CLAIMS.has(name), 'is a claim of the protocol'), z.unknown()).default({}),
});

const client = z
  .strictObject({
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).exactOptional(),
    redirectUris: z.array(z.url()),
    /** What the client's metadata say. The token endpoint takes the secret either way from every confidential client. */
    tokenEndpointAuthMethod: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
    /** A client without a secret: PKCE is required, and a loopback redirect URI matches on any port (RFC 8252 7.3). */
    public: z.boolean().default(false),
  })
  .refine((value) => value.public === (value.clientSecret === undefined), 'a confidential client has a secret, a public one has none');

const schema = z
  .strictObject({
    issuer,
    /** The address to listen on; `issuer` is what the world sees. */
    host: z.string().min(1),
    port: z.int().min(1).max(65535),
    /** Shown on the pages; the issuer's host when missing. */
    displayName: z.string().min(1).exactOptional(),
    people: z.array(person).min(1),
    clients: z.array(client),
    /** `aud` of the access tokens that nobody asked another resource for: the issuer of the domain's AS-RqP. */
    accessTokenAudience: z.url(),
    accessTokenLifetimeSeconds: z.int().min(1).default(900),
    /** Clients that may introspect everybody's opaque access tokens. One may also be among `clients`, with the same secret. */
    introspectionClients: z.array(z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) })),
    /** Private JSON Web Key Set with a P-256 and an RSA key, so that tokens survive a restart; made at start when missing. */
    keys: z.strictObject({ keys: z.array(z.custom<JWK>(isPrivateKey, 'must be a private EC or RSA key in JWK form')).min(1) }).exactOptional(),
    cookieKeys: z.array(z.string().min(16)).min(1),
  })
  .superRefine((config, context) => {
    const complain = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (repeats(config.people.map(({ email }) => email.toLowerCase()))) complain('people', 'two people have the same e-mail address');
    if (repeats(config.clients.map(({ clientId }) => clientId))) complain('clients', 'two clients have the same id');
    const secrets = new Map(config.clients.map((entry) => [entry.clientId, entry.clientSecret]));
    for (const entry of config.introspectionClients) {
      if (secrets.has(entry.clientId) && secrets.get(entry.clientId) !== entry.clientSecret) {
        complain('introspectionClients', 'a client that is also among clients must have the same secret');
      }
    }
  });

/** What the caller writes. */
export type IdentityProviderConfig = z.input<typeof schema>;

/** The same with the defaults filled in. */
export type CheckedConfig = z.output<typeof schema>;

export type PersonConfig = CheckedConfig['people'][number];
export type ClientConfig = CheckedConfig['clients'][number];

/**
 * Checks a configuration that came from a file or from code.
 * @returns the configuration with the defaults filled in
 * @throws Error naming each member that is missing, unknown or wrong; values are never repeated in the message
 */
export function readConfig(input: unknown): CheckedConfig {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  throw new Error(`The identity provider's configuration is wrong:\n  ${complaints.join('\n  ')}`);
}

/**
 * This provider keeps plain passwords in its configuration, registers any client and answers the password grant.
 * @throws Error when the process says that it runs in production (`NODE_ENV=production`)
 */
export function refuseProduction(): void {
  if (isProduction(processEnvironment())) {
    throw new Error('The development identity provider does not run with NODE_ENV=production. Configure a real OpenID Provider instead.');
  }
}

function isPrivateKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kty, d } = value as Record<string, unknown>;
  return (kty === 'EC' || kty === 'RSA') && typeof d === 'string';
}

function repeats(values: readonly string[]): boolean {
  return new Set(values).size !== values.length;
}
