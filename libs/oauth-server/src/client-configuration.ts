import { secret } from '@uma-federation/nest-kit';
import { parseEmailAddress } from '@uma-federation/uma-core';
import { z } from 'zod';

/** 256 random bits are 43 characters of base64url or 64 of hex; less than 32 characters cannot be meant. */
const MIN_SECRET_CHARACTERS = 32;

const webUri = z.url({ protocol: /^https?$/ }).refine((text) => !text.includes('#'), { error: 'a fragment is not allowed' });
const ownerAddress = z.string().refine((text) => parseEmailAddress(text)?.address === text, { error: 'an e-mail address in canonical spelling is needed' });

const certificateSubject = z.union([
  /** RFC 4514, as `openssl x509 -noout -subject -nameopt RFC2253` prints it. */
  z.strictObject({ subjectDn: z.string().min(3).max(1024) }),
  z.strictObject({ sanDns: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/).max(253) }),
  z.strictObject({ sanUri: z.string().regex(/^[a-z][a-z0-9+.-]*:[\x21\x23-\x2b\x2d-\x7e]+$/i).max(1024) }),
]);

/** Configuration field of one client of an authorization server. */
export function clientConfiguration() {
  return z
    .strictObject({
      clientId: z
        .string()
        .regex(/^[\x21-\x7e]{1,256}$/, { error: '1 to 256 visible ASCII characters are needed' })
        // The RPT of a person who is not identified has the client as its subject, which must not read like a person.
        .refine((text) => parseEmailAddress(text) === undefined, { error: 'an e-mail address is not a client id' }),
      clientName: z.string().max(200).optional(),
      /** The secret of a confidential client; only its hash is kept in memory. */
      clientSecret: secret({ minLength: MIN_SECRET_CHARACTERS }).optional(),
      /** Instead of the secret: its SHA-256 in base64url. */
      clientSecretHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: 'a SHA-256 in base64url is needed' }).optional(),
      /** A client without a secret says so. */
      public: z.boolean().default(false),
      /** Instead of a secret, public keys (a JWK Set, each key with `kid`) under which the client signs assertions: `private_key_jwt`. */
      jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.json())).min(1).max(20) }).optional(),
      /** The same, where the client publishes the keys: an https URL, fetched as a stranger's. */
      jwksUri: z.url({ protocol: /^https?$/ }).optional(),
      /** Instead of a secret, what the client's certificate says: `tls_client_auth` (RFC 8705 2.1); needs `clientCertificates`. */
      tlsClientAuth: certificateSubject.optional(),
      /** Full names of the grant types the client may use. */
      grantTypes: z.array(z.string().min(1)).default([]),
      /** Scopes the client is pre-registered for (UMA Grant 3.3.4). */
      scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/)).max(50).default([]),
      redirectUris: z.array(z.url()).default([]),
      /** Where requesting parties may be sent back to after claims interaction (UMA Grant 3.3.2): absolute, without fragment, compared as text. */
      claimsRedirectUris: z.array(z.url().refine((text) => !text.includes('#'), { error: 'a fragment is not allowed' })).default([]),
      /** Refuse token requests of this client without a DPoP proof (RFC 9449 5.2). */
      dpopBoundAccessTokens: z.boolean().default(false),
      /** Refuse uma-ticket requests of this client without `resource` (protocol.md 1.9 duty vii). */
      requireResource: z.boolean().default(false),
      /** Older dialects the client may speak: `ticket-challenge` (seed 002), `uma-1` (seeds 001 and 004). */
      dialects: z.array(z.enum(['ticket-challenge', 'uma-1'])).default([]),
      /** Makes the client a resource server. */
      resourceServer: z
        .strictObject({
          /** Resource identifier: `aud` of every RPT for it. */
          identifier: webUri,
          /** `resource_uri` must lie below one of these. */
          baseUris: z.array(webUri.refine((text) => !text.includes('?'), { error: 'a query is not allowed' })).min(1),
          /** Owner of resources that are registered without one. */
          defaultOwner: ownerAddress.optional(),
          /** How the domain's OpenID Provider calls this RS, where owners sign in at it; `clientId` by default. */
          providerClientId: z.string().min(1).max(256).optional(),
        })
        .optional(),
    })
    .refine((client) => credentialsOf(client).length === 1, {
      error: 'exactly one of clientSecret, clientSecretHash, jwks, jwksUri, tlsClientAuth and public: true is needed',
    });
}

function credentialsOf(client: { readonly public: boolean } & Readonly<Record<string, unknown>>): readonly unknown[] {
  const { clientSecret, clientSecretHash, jwks, jwksUri, tlsClientAuth } = client;
  return [clientSecret, clientSecretHash, jwks, jwksUri, tlsClientAuth, client.public || undefined].filter((given) => given !== undefined);
}

export type ClientConfiguration = z.output<ReturnType<typeof clientConfiguration>>;
