import { canonicalTarget, RequestRefusal } from '@uma-federation/reverse-proxy';
import type { JsonObject } from '@uma-federation/uma-core';
import { DPOP_ALGORITHMS } from './answer.ts';
import type { GatewayRoutes } from './gateway-routes.ts';
import type { ProtectedRoute } from './route.ts';

/** Path of the metadata below the public URL (RFC 9728 3). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** What the gateway says of itself. */
export interface ResourceMetadataSettings {
  readonly publicUrl: string;
  readonly realm: string;
  readonly bindingRequired: boolean;
  readonly routes: GatewayRoutes;
  /** Of every AS-RO. */
  readonly issuers: readonly string[];
  /** Of the AS-RO that guards a route. */
  readonly issuerOf: (route: ProtectedRoute) => string | undefined;
}

/** The gateway's descriptions of itself as a protected resource (RFC 9728 2). */
export class ProtectedResourceMetadata {
  readonly #settings: ResourceMetadataSettings;
  /** Of the gateway as a whole, whose identifier is the audience of its tokens: all AS-ROs, all scopes. */
  readonly whole: JsonObject;

  constructor(settings: ResourceMetadataSettings) {
    this.#settings = settings;
    this.whole = this.#describe(settings.publicUrl, settings.issuers, settings.routes.scopes);
  }

  /**
   * Of one URL of the gateway (RFC 9728 3.1: the well-known part stands before its path), with the AS-RO and the scopes of the routes there. It
   * follows from the route table alone and tells nobody whether the resource exists.
   * @param target of the request, which begins with `METADATA_PATH`
   * @returns undefined where no route takes tokens of UMA 2.0
   */
  ofPart(target: string): JsonObject | undefined {
    const path = canonicalPath(target)?.slice(METADATA_PATH.length);
    const routes = path === undefined ? [] : this.#routesAt(path);
    if (routes.length === 0) return undefined;
    const issuers = new Set(routes.flatMap((route) => this.#settings.issuerOf(route) ?? []));
    const scopes = new Set(routes.flatMap((route) => [...route.scopes.values()].flat()));
    return this.#describe(`${this.#settings.publicUrl}${path}`, [...issuers], [...scopes].sort());
  }

  #routesAt(path: string): readonly ProtectedRoute[] {
    const canonical = canonicalPath(path);
    if (canonical === undefined) return [];
    const { table } = this.#settings.routes;
    const matches = table.methodsAt(canonical).map((method) => table.match(method, canonical)?.route);
    return [...new Set(matches)].filter((route): route is ProtectedRoute => route?.kind === 'protected' && route.legacy === undefined);
  }

  #describe(resource: string, issuers: readonly string[], scopes: readonly string[]): JsonObject {
    const { realm, bindingRequired } = this.#settings;
    return {
      resource,
      resource_name: realm,
      authorization_servers: issuers,
      bearer_methods_supported: ['header'],
      ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
      dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
      ...(bindingRequired ? { dpop_bound_access_tokens_required: true } : {}),
    };
  }
}

function canonicalPath(target: string) {
  try {
    return canonicalTarget(target).path;
  } catch (error) {
    if (error instanceof RequestRefusal) return undefined;
    throw error;
  }
}
