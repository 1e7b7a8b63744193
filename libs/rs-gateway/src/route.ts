import { durationSeconds } from '@uma-federation/nest-kit';
import { z } from 'zod';
import { LEGACY_DIALECTS, type LegacyDialect } from './legacy-dialect.ts';
import type { TokenKind } from './token-verification.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** RFC 6749 3.3: scope-token. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, { error: 'this is not a scope' });
const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: 'an id of lower-case letters, digits, ".", "_" and "-" is needed' });
/** `/users/{owner}/notes/{id}`: `{name}` is one segment, `{name*}` at the end one or more. */
const path = z.string().startsWith('/').max(512);
const template = z.string().min(1).max(512);

const publicRoute = z.strictObject({
  /** Names the route in logs. */
  id,
  path,
  /** Proxied without a token; nobody is identified to the upstream. */
  public: z.literal(true),
  /** Only these methods are let through. HEAD goes with GET. */
  methods: z.array(z.enum(METHODS)).min(1).default(['GET']),
});

const protectedRouteSettings = z.strictObject({
  /** Names the route in logs. */
  id,
  path,
  /** Absent or false: a requesting party token is needed. */
  public: z.literal(false).optional(),
  /** Method → the scopes that a requesting party token must have for the resource. HEAD needs those of GET. */
  methods: z
    .partialRecord(z.enum(METHODS), z.array(scope).max(64))
    .refine((methods) => Object.keys(methods).length > 0, { error: 'a route needs a method' }),
  /** Name of the registered resource, with variables of the path. */
  resource: template,
  /** Path of the resource, when several paths belong to one resource: `/albums/{album}` for `/albums/{album}/{photo*}`. Default: the path. */
  uri: path.optional(),
  /** Type of the registered resource, a URI. */
  type: template.optional(),
  /** E-mail address of the resource owner, with variables of the path. Absent: the resource belongs to the organisation. */
  owner: template.optional(),
  /** The resources that exist: values for the variables of `uri`. A route without variables is one resource by itself. */
  instances: z.array(z.record(z.string(), z.string().min(1))).default([]),
  /** Name of the AS-RO that guards the resources, because their owner chose it; needed when there are several. */
  authorizationServer: z.string().optional(),
  /** Ask AS-RO about each token instead of validating it locally (Decision D10). */
  introspect: z.boolean().default(false),
  /**
   * Speak this draft of UMA 1.0 to clients instead of UMA 2.0 (Decision D9). The route then takes the tokens of AS-RO's UMA 1.0 facade and no
   * others, and AS-RO is asked about each.
   */
  legacy: z.enum(LEGACY_DIALECTS).optional(),
  /** RFC 9470: the requesting party must have been authenticated with one of these classes. */
  acrValues: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).min(1).optional(),
  /** RFC 9470: and not longer ago than this. */
  maxAge: durationSeconds().optional(),
});
const protectedRoute = protectedRouteSettings.refine(({ legacy, acrValues, maxAge }) => legacy === undefined || (acrValues ?? maxAge) === undefined, {
  error: 'UMA 1.0 has no step-up: legacy goes without acrValues and maxAge',
  path: ['legacy'],
});

/** Configuration field: one route of the gateway. */
export const routeSchema = z.discriminatedUnion('public', [publicRoute, protectedRoute]);

export type RouteSettings = z.output<typeof routeSchema>;

/** A route that is proxied without a token. */
export interface PublicRoute {
  readonly kind: 'public';
  readonly id: string;
  readonly path: string;
  readonly methods: readonly string[];
}

/** A route that needs a requesting party token. */
export interface ProtectedRoute extends Omit<PublicRoute, 'kind'> {
  readonly kind: 'protected';
  /** Needed scopes by method. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
  readonly resource: string;
  /** Path template of the resource. */
  readonly uri: string;
  readonly type?: string | undefined;
  readonly owner?: string | undefined;
  readonly instances: readonly Readonly<Record<string, string>>[];
  /** Absent where there is one AS-RO. */
  readonly authorizationServer?: string | undefined;
  readonly legacy?: LegacyDialect | undefined;
  /** The tokens that are taken, and how they are verified. */
  readonly tokens: TokenKind;
  readonly acrValues?: readonly string[] | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

export type GatewayRoute = PublicRoute | ProtectedRoute;

/** The route that the settings describe. */
export function toRoute(settings: RouteSettings): GatewayRoute {
  if (settings.public === true) return { kind: 'public', id: settings.id, path: settings.path, methods: settings.methods };
  const { methods, maxAge, introspect, public: _public, ...rest } = settings;
  const scopes = new Map(Object.entries(methods));
  const tokens = settings.legacy !== undefined ? 'legacy' : introspect ? 'introspected' : 'signed';
  return { ...rest, kind: 'protected', uri: settings.uri ?? settings.path, methods: [...scopes.keys()], scopes, tokens, maxAgeSeconds: maxAge };
}
