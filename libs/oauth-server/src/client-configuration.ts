import { secret } from '@uma-federation/nest-kit';
import { parseEmailAddress } from '@uma-federation/uma-core';
import { z } from 'zod';

/** 256 random bits are 43 characters of base64url or 64 of hex; less than 32 characters cannot be meant. */
const MIN_SECRET_CHARACTERS = 32;

const webUri = z.url({ protocol: /^https?$/ }).refine((text) => !text.includes('#'), { error: 'a fragment is not allowed' });
const ownerAddress = z.string().refine((text) => parseEmailAddress(text)?.address === text, { error: 'an e-mail address in canonical spelling is needed' });

/** Configuration field of one client of an authorization server. */
export function clientConfiguration() {
  return z
    .strictObject({
      clientId: z.string().regex(/^[\x21-\x7e]{1,256}$/, { error: '1 to 256 visible ASCII characters are needed' }),
      clientName: z.string().max(200).optional(),
      /** The secret of a confidential client; only its hash is kept in memory. */
      clientSecret: secret({ minLength: MIN_SECRET_CHARACTERS }).optional(),
      /** Instead of the secret: its SHA-256 in base64url. */
      clientSecretHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: 'a SHA-256 in base64url is needed' }).optional(),
      /** A client without a secret says so. */
      public: z.boolean().default(false),
      /** Full names of the grant types the client may use. */
      grantTypes: z.array(z.string().min(1)).default([]),
      /** Scopes the client is pre-registered for (UMA Grant 3.3.4). */
      scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/)).max(50).default([]),
      redirectUris: z.array(z.url()).default([]),
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
    .refine((client) => [client.clientSecret !== undefined, client.clientSecretHash !== undefined, client.public].filter(Boolean).length === 1, {
      error: 'exactly one of clientSecret, clientSecretHash and public: true is needed',
    });
}

export type ClientConfiguration = z.output<ReturnType<typeof clientConfiguration>>;
