import { clientConfiguration, clientDocumentConfiguration, developmentConfiguration, discoveryLimits, trustConfiguration } from '@uma-federation/oauth-server';
import { durationSeconds, loggingConfiguration, metricsConfiguration, redisConfiguration, secret, serverConfiguration } from '@uma-federation/nest-kit';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { z } from 'zod';

const identityProvider = z.strictObject({
  /** Issuer identifier of an OpenID Provider whose tokens are taken as subject tokens; its endpoints are on the same origin. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** How to ask this provider about opaque access tokens; without it only JWTs are taken. */
  introspection: z
    .strictObject({
      clientId: z.string(),
      clientSecret: secret(),
      /** What `aud` of an introspection answer may name besides our issuer identifier: how this provider calls us. */
      audiences: z.array(z.string()).default([]),
    })
    .optional(),
});

/** Configuration of AS-RqP. */
export const asRqpConfiguration = z.strictObject({
  /** Issuer identifier; also the base of every endpoint's public URL. */
  issuer: z.string(),
  /** E-mail domains (lower-case A-labels) whose people this server vouches for. */
  emailDomains: z.array(z.string()).min(1),
  /** Issuer identifier of the AS-RO of the same domains, published by WebFinger. */
  resourceOwnerIssuer: z.string().optional(),
  /** The domain's own OpenID Providers. Asked about opaque tokens in this order. */
  identityProviders: z.array(identityProvider).min(1),
  /** AS-ROs that learn who our people are: issuer identifiers. */
  trust: trustConfiguration(),
  /** Registered clients. */
  clients: z.array(clientConfiguration()).default([]),
  /**
   * Authenticate clients by the certificate that a front names in `Client-Cert` (`tls_client_auth`: RFC 8705 2.1, RFC 9440). The front checks
   * its chain; it must be among `server.trustedProxies`, and no one else's word is taken.
   */
  clientCertificates: z.boolean().default(false),
  /** Clients that nobody registered, known by a document at the URL that is their id. */
  clientIdMetadataDocuments: clientDocumentConfiguration([GRANT_TYPES.tokenExchange]),
  /** File with the private signing keys (JWK Set, newest first); made at first start when it is not there. */
  keyFile: z.string(),
  /** Lifetime of an identity claims token. */
  tokenLifetime: durationSeconds().refine((seconds) => seconds > 0 && seconds <= 120, { error: 'at most 120 s' }).prefault('2m'),
  /** Emit `act.aud` with the owner's URI (Decision D7). */
  emitActorAudience: z.boolean().default(false),
  /** Shared by the replicas: replay windows and rate limits. Without it each replica has its own. */
  redis: redisConfiguration().optional(),
  /** Requests per minute: of one source address, of one client, and for one AS-RO. */
  limits: z
    .strictObject({
      perSource: z.int().positive().default(6000),
      perClient: z.int().positive().default(6000),
      perResourceOwnerServer: z.int().positive().default(6000),
      /** Discovery of domains and issuers that are not known yet. */
      discovery: discoveryLimits(),
    })
    .prefault({}),
  /** Development settings; refused with NODE_ENV=production. */
  development: developmentConfiguration(),
  /** PEM file of certificate authorities to trust instead of the built-in ones when talking to others. */
  certificateAuthorityFile: z.string().optional(),
  server: serverConfiguration(),
  logging: loggingConfiguration(),
  metrics: metricsConfiguration(),
});

/** Configuration of AS-RqP after defaults. */
export type AsRqpConfiguration = z.output<typeof asRqpConfiguration>;
