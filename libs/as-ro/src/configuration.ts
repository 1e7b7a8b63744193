import { durationSeconds, durationMs, loggingConfiguration, metricsConfiguration, redisConfiguration, secret, serverConfiguration } from '@uma-federation/nest-kit';
import { clientConfiguration, clientDocumentConfiguration, developmentConfiguration, discoveryLimits, registrationConfiguration, trustConfiguration } from '@uma-federation/oauth-server';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { z } from 'zod';
import { keycloakConfiguration } from './keycloak/keycloak-configuration.ts';

/** Configuration of AS-RO. */
export const asRoConfiguration = z
  .strictObject({
    /** Issuer identifier; also the base of every endpoint's public URL. */
    issuer: z.string(),
    /** E-mail domains (lower-case A-labels) whose people may own resources here (protocol.md C15). */
    emailDomains: z.array(z.string()).min(1),
    /** Registered clients, resource servers among them. */
    clients: z.array(clientConfiguration()).default([]),
    /**
     * Authenticate clients by the certificate that a front names in `Client-Cert` (`tls_client_auth`: RFC 8705 2.1, RFC 9440). The front checks
     * its chain; it must be among `server.trustedProxies`, and no one else's word is taken.
     */
    clientCertificates: z.boolean().default(false),
    /** Dynamic registration of clients (RFC 7591, RFC 7592). */
    registration: registrationConfiguration(),
    /** Clients that nobody registered, known by a document at the URL that is their id. */
    clientIdMetadataDocuments: clientDocumentConfiguration([GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken]),
    /** How resource owners sign in to the owner API: ID tokens of the domain's OpenID Provider for one of these clients (Decision D12). */
    owners: z.strictObject({
      identityProvider: z.string(),
      clientIds: z.array(z.string()).min(1),
    }),
    /** Whose identity claims tokens are taken: e-mail domains (A-labels) or issuer identifiers. */
    trust: trustConfiguration(),
    /** Whether the presenter of a claims token must be the holder that it names (Decision D3). */
    holderBinding: z.enum(['required', 'optional']).default('required'),
    /** Give what is granted when not everything is (Decision D8). */
    partialGrants: z.boolean().default(true),
    /** Claims that are remembered for a client and a person, so that the same need not be shown again (UMA Grant 3.3.5 `pct`). */
    persistedClaims: z
      .strictObject({
        enabled: z.boolean().default(true),
        /** How long a person's domain need not vouch for them again. */
        lifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 7_776_000, { error: 'at most 90 d' }).prefault('24h'),
      })
      .prefault({}),
    /** Refresh tokens for clients that are registered for the grant type `refresh_token`. No authorization assessment is made at refresh (Decision D8). */
    refreshTokens: z
      .strictObject({
        enabled: z.boolean().default(false),
        lifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 7_776_000, { error: 'at most 90 d' }).prefault('24h'),
      })
      .prefault({}),
    /** Shares that say "ask me" (UMA Grant 3.3.6 `request_submitted`). */
    ownerRequests: z
      .strictObject({
        /** Between two polls of a client; impatience doubles it. */
        interval: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 300, { error: 'at most 5 min' }).prefault('10s'),
        /** How long an owner has to decide, and how long a refusal is remembered. */
        lifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 86_400, { error: 'at most 24 h' }).prefault('24h'),
        /** How many requests of people of one issuer may wait for one owner; further ones are denied. */
        pendingPerIssuer: z.int().positive().default(200),
      })
      .prefault({}),
    /** The facade of UMA 1.0, for clients and resource servers that are marked with the dialect `uma-1`. */
    uma1: z
      .strictObject({
        enabled: z.boolean().default(false),
        /** Whose names, media types and error codes are spoken. */
        version: z.enum(['draft-05', 'draft-07', '1.0.1']).default('draft-07'),
        /** Of an RPT; the permissions in it end after `lifetimes.rpt` each. */
        rptLifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 3600, { error: 'at most 1 h' }).prefault('1h'),
      })
      .prefault({}),
    /** PATs of persons: a resource server exchanges the token of an owner who signed in at it (RFC 8693; Federated Authorization 1.3). */
    personalProtectionTokens: z
      .strictObject({
        enabled: z.boolean().default(false),
        /** What `aud` of the owner's access token must contain: how the OpenID Provider calls this server; the issuer identifier by default. */
        accessTokenAudience: z.string().min(1).optional(),
        /** How long a refresh token waits to be used; each use gives the next one. For clients with the grant `refresh_token`. */
        refreshLifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 366 * 86_400, { error: 'at most 366 d' }).prefault('30d'),
      })
      .prefault({}),
    /** The OAuth profile of Correlated Authorization: ticket and identity claims token for an access token by token exchange (RFC 8693). */
    oauthProfile: z.boolean().default(false),
    lifetimes: z
      .strictObject({
        /** Permission ticket and resource claims token. */
        ticket: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 300, { error: 'at most 300 s' }).prefault('5m'),
        /** RPT. */
        rpt: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 600, { error: 'at most 600 s' }).prefault('10m'),
        /** Protection API token and other access tokens of the client credentials grant. */
        accessToken: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 3600, { error: 'at most 1 h' }).prefault('1h'),
        /** From the first need_info to the end of the authorization process. */
        process: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 900, { error: 'at most 15 min' }).prefault('15m'),
      })
      .prefault({}),
    /** File with the private signing keys (JWK Set, newest first); made at first start when it is not there. */
    keyFile: z.string(),
    /** File with the 32 bytes (base64url) that encrypt ticket contexts (Decision D2); made at first start when it is not there. */
    contextKeyFile: z.string(),
    database: z.strictObject({
      /** `postgres://user@host:port/database`; the password may be in `password`. */
      url: z.string(),
      password: secret().optional(),
      /** TLS with a verified certificate; the authority is a PEM file, the built-in ones without it. */
      tls: z.strictObject({ certificateAuthorityFile: z.string().optional() }).optional(),
      maxConnections: z.int().positive().default(10),
      connectTimeout: durationMs().prefault('1s'),
      statementTimeout: durationMs().prefault('2s'),
    }),
    /** Shared by the replicas: replay windows, rate limits, events. Without it each replica has its own, and no bus. */
    redis: redisConfiguration().optional(),
    /** Serve the protection API on the domain's bus too. Whoever may write to this Redis can then pose as any resource server. */
    bus: z.boolean().default(false),
    /** Requests per minute of one source address, of one client at the token endpoint, and of one RS for tickets and for introspection. */
    limits: z
      .strictObject({
        perSource: z.int().positive().default(6000),
        perClient: z.int().positive().default(6000),
        ticketsPerResourceServer: z.int().positive().default(60_000),
        introspectionsPerResourceServer: z.int().positive().default(60_000),
        /** Discovery of domains and issuers that are not known yet. */
        discovery: discoveryLimits(),
      })
      .prefault({}),
    /** Answers Keycloak's clients below `/realms/{realm}` (docs/protocol/keycloak-alias.md); off without it. */
    keycloakAlias: keycloakConfiguration().optional(),
    /** Development settings; refused with NODE_ENV=production. */
    development: developmentConfiguration(),
    /** PEM file of certificate authorities to trust instead of the built-in ones when talking to others. */
    certificateAuthorityFile: z.string().optional(),
    server: serverConfiguration(),
    logging: loggingConfiguration(),
    metrics: metricsConfiguration(),
  })
  // Whoever may turn an owner's sign-in into a PAT has their ID token; at the owner API that would be the owner's word on everything.
  .refine(
    ({ clients, owners, personalProtectionTokens }) =>
      !personalProtectionTokens.enabled ||
      clients.every(({ clientId, resourceServer }) => resourceServer === undefined || !owners.clientIds.includes(resourceServer.providerClientId ?? clientId)),
    { path: ['owners', 'clientIds'], error: 'a resource server signs owners in as one of these clients: its ID tokens would open the owner API' },
  )
  .refine(({ bus, redis }) => !bus || redis !== undefined, { path: ['bus'], error: 'the bus needs redis' });

/** Configuration of AS-RO after defaults. */
export type AsRoConfiguration = z.output<typeof asRoConfiguration>;
