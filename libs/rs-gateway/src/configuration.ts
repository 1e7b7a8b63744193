import { byteSize, durationMs, durationSeconds, loggingConfiguration, metricsConfiguration, redisConfiguration, secret, serverConfiguration } from '@uma-federation/nest-kit';
import { parseIssuer, type Issuer } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { GatewayRoutes } from './gateway-routes.ts';
import { routesConfiguration } from './route-table-file.ts';

const origin = z.string().refine((text) => URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text, {
  error: 'an origin is needed: scheme, host and port, without a slash at the end',
});
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'a header name of letters, digits and "-" is needed' });
const perMinute = z.int().min(1);
const authorizationServer = z.strictObject({
  /** Its issuer identifier, which clients get as `as_uri`. */
  issuer: z.string(),
  /** The gateway's client there, registered as a resource server with `publicUrl` as identifier and base URI. */
  clientId: z.string().min(1),
  clientSecret: secret(),
  /**
   * How the gateway asks it: `http` by the HTTP protection API, from anywhere; `bus` over the Redis of its own domain, when AS-RO serves it.
   * Metadata and keys come by HTTP either way.
   */
  transport: z.enum(['http', 'bus']).default('http'),
  /** How long one request to it may take; then the client gets 403 with `Warning: 199`. */
  deadline: durationMs().prefault('1500ms'),
  /** PEM certificates to trust for it instead of the public ones. */
  ca: z.string().optional(),
});
const namedAuthorizationServer = authorizationServer.extend({
  /** What routes call it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: 'a name of lower-case letters, digits, ".", "_" and "-" is needed' }),
});

/** Configuration of the gateway (`apps/rs-gateway/config.example.yaml` shows one). */
export const rsGatewayConfiguration = z
  .strictObject({
    server: serverConfiguration(),
    logging: loggingConfiguration(),
    metrics: metricsConfiguration(),
    /**
     * External origin of the gateway, for example `https://rs.acme.example`: its resource identifier (RFC 8707, RFC 9728), `aud` of every
     * requesting party token for it, the only Host it answers to, and the beginning of every resource's URI.
     */
    publicUrl: origin,
    /** `realm` of the UMA challenge, and name of the resource server in its metadata. Default: the host of `publicUrl`. */
    realm: z.string().regex(/^[\x20-\x7e]{1,128}$/).optional(),
    /** AS-RO, when there is one; either this or `authorizationServers`. */
    authorizationServer: authorizationServer.optional(),
    /** Several AS-ROs, because owners choose theirs: each protected route names the one that guards its resources. */
    authorizationServers: z.array(namedAuthorizationServer).min(1).optional(),
    /** The API behind the gateway. */
    upstream: z.strictObject({
      /** Its origin; http is fine inside a trusted network. */
      origin,
      /** PEM certificates to trust for it instead of the public ones. */
      ca: z.string().optional(),
      /** How long it may take to begin its answer. */
      headersTimeout: durationMs().prefault('30s'),
      /** How long it may pause within its answer; `0ms` for event streams. */
      bodyTimeout: durationMs().prefault('60s'),
    }),
    /** The routes, or the path of a YAML file with them. */
    routes: routesConfiguration(),
    /** Verified tokens that are remembered, so that their signature is not verified each time. `exp` and revocation are checked each time. */
    verifiedTokens: z
      .strictObject({
        /** How many. */
        size: z.int().min(0).default(10_000),
      })
      .prefault({}),
    revocationFeed: z
      .strictObject({
        /** How often AS-RO's revocation feed is read: withdrawn access ends at most this much later. */
        interval: durationMs().refine((ms) => ms >= 100, { error: 'at least 100 ms' }).prefault('2s'),
        /**
         * For how long access goes on when the feed cannot be read: the bound on withdrawn access while AS-RO is away, after which nobody gets in
         * (403 with `Warning: 199`). `0s`: until tokens expire.
         */
        staleAfter: durationSeconds().prefault('5s'),
      })
      .prefault({}),
    dpop: z
      .strictObject({
        /** Refuse requesting party tokens that are not bound to a key (RFC 9449). */
        required: z.boolean().default(false),
      })
      .prefault({}),
    /** Shared by the replicas: DPoP replay windows, challenge limits, what AS-RO tells, and the bus. Without it each replica has its own. */
    redis: redisConfiguration().optional(),
    /** Requests that make the gateway ask AS-RO for a ticket; beyond it 429 (A74). Requests with a sufficient token do not count. */
    challengeLimits: z
      .strictObject({
        /** Per minute and source address. */
        perSource: perMinute.default(120),
        /** Per minute and route. */
        perRoute: perMinute.default(1_200),
      })
      .prefault({}),
    /** Names of the headers that tell the upstream who asks. Whatever a client sends under these names is dropped. */
    forwardedIdentity: z
      .strictObject({
        /** E-mail address of the requesting party (`sub`). */
        email: headerName.default('X-RqP-Email'),
        /** The client at AS-RO. */
        clientId: headerName.default('X-UMA-Client-Id'),
        resourceId: headerName.default('X-UMA-Resource-Id'),
        /** The scopes that the token has for the resource, separated by spaces. */
        scopes: headerName.default('X-UMA-Scopes'),
        /** E-mail address of the resource owner. */
        owner: headerName.default('X-UMA-Owner'),
      })
      .prefault({}),
    /** Web pages that may call the API from a browser. Absent: none. */
    cors: z
      .strictObject({
        /** Exact origins. */
        origins: z.array(origin).min(1),
        /** Request headers they may send. */
        allowedHeaders: z.array(headerName).default(['Authorization', 'DPoP', 'Content-Type']),
        /** How long a browser may remember the answer to a preflight. */
        maxAge: durationMs().prefault('10m'),
      })
      .optional(),
    /** Largest `WWW-Authenticate` that is sent; AS-RO's tokens grow with the length of the path. */
    maxChallenge: byteSize().prefault('4KiB'),
    development: z
      .strictObject({
        /** Permits plain http and loopback addresses for `publicUrl` and the issuer. Refused with NODE_ENV=production. */
        loopback: z.boolean().default(false),
      })
      .prefault({}),
  })
  .superRefine((settings, context) => {
    const rules = { allowLoopback: settings.development.loopback };
    const refuse = (path: readonly string[]): void =>
      context.addIssue({ code: 'custom', path: [...path], message: 'https and a host name are needed; on loopback http too, with development.loopback' });
    if (parseIssuer(settings.publicUrl, rules) === undefined) refuse(['publicUrl']);
    for (const [path, { issuer, transport }] of serversGiven(settings)) {
      if (parseIssuer(issuer, rules) === undefined) refuse([...path, 'issuer']);
      if (transport === 'bus' && settings.redis === undefined) context.addIssue({ code: 'custom', path: [...path, 'transport'], message: 'the bus needs redis' });
    }
    for (const { path, message } of serverMistakes(settings)) context.addIssue({ code: 'custom', path, message });
    const legacy = settings.routes.protectedRoutes.find((route) => route.legacy !== undefined);
    if (settings.dpop.required && legacy !== undefined) {
      context.addIssue({ code: 'custom', path: ['dpop', 'required'], message: `the tokens of the legacy route ${JSON.stringify(legacy.id)} cannot be bound to a key` });
    }
    const names = Object.values(settings.forwardedIdentity).map((name) => name.toLowerCase());
    if (new Set(names).size < names.length) context.addIssue({ code: 'custom', path: ['forwardedIdentity'], message: 'two headers have the same name' });
  })
  .transform((settings) => ({
    ...settings,
    realm: settings.realm ?? new URL(settings.publicUrl).hostname,
    authorizationServers: serversGiven(settings).map(([, server]) => ({ name: new URL(server.issuer).host, ...server, issuer: server.issuer as Issuer })),
  }));

/** What the rules about authorization servers look at. */
interface ServerSettings {
  readonly authorizationServer?: z.output<typeof authorizationServer> | undefined;
  readonly authorizationServers?: readonly z.output<typeof namedAuthorizationServer>[] | undefined;
  readonly routes: GatewayRoutes;
}

/** The AS-ROs in either form, each with where it stands. */
function serversGiven({ authorizationServer: one, authorizationServers: several = [] }: ServerSettings): (readonly [path: readonly string[], server: z.output<typeof authorizationServer>])[] {
  const named = several.map((server, index) => [['authorizationServers', String(index)], server] as const);
  return one === undefined ? named : [[['authorizationServer'], one], ...named];
}

/** What is wrong with the AS-ROs together, and with how routes name them. */
function serverMistakes(settings: ServerSettings): { readonly path: string[]; readonly message: string }[] {
  const { authorizationServer: one, authorizationServers: several, routes } = settings;
  if ((one === undefined) === (several === undefined)) return [{ path: ['authorizationServer'], message: 'either authorizationServer or authorizationServers is needed' }];
  const servers = several ?? [];
  const mistakes: { path: string[]; message: string }[] = [];
  const refuse = (path: string, message: string): void => void mistakes.push({ path: [path], message });
  for (const member of ['name', 'issuer'] as const) {
    if (new Set(servers.map((server) => server[member])).size < servers.length) refuse('authorizationServers', `two have the same ${member}`);
  }
  if (servers.filter(({ transport }) => transport === 'bus').length > 1) refuse('authorizationServers', 'one AS-RO at most is on the bus: that of the own domain');
  for (const { id, authorizationServer: name } of routes.protectedRoutes) {
    if (name === undefined && servers.length > 1) refuse('routes', `route ${JSON.stringify(id)} has to name its authorizationServer`);
    if (name !== undefined && !servers.some((server) => server.name === name)) refuse('routes', `route ${JSON.stringify(id)} names an authorizationServer that there is not`);
  }
  // A80: their tokens do not say who made them. Introspecting one would show it to an AS-RO that it may not be of, and that could come here with it.
  const legacyServers = new Set(routes.protectedRoutes.filter(({ legacy }) => legacy !== undefined).map(({ authorizationServer: name }) => name ?? servers[0]?.name));
  if (legacyServers.size > 1) refuse('routes', 'the legacy routes have to be at one authorizationServer');
  return mistakes;
}

export type RsGatewayConfiguration = z.output<typeof rsGatewayConfiguration>;
/** One AS-RO of the configuration; one without a name is called after its host. */
export type AuthorizationServerConfiguration = RsGatewayConfiguration['authorizationServers'][number];

/** Settings that a production system may not have, for `refuseInProduction`. */
export function developmentSettings(configuration: RsGatewayConfiguration): Readonly<Record<string, unknown>> {
  return {
    'development.loopback': configuration.development.loopback,
    publicUrl: configuration.publicUrl,
    'authorizationServer.issuer': configuration.authorizationServers.map(({ issuer }) => issuer),
  };
}
