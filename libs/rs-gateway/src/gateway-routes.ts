import { compileRoutes, type CanonicalPath, type RouteTable } from '@uma-federation/reverse-proxy';
import { renderPath, renderText, templateVariables, type Variables } from './path-template.ts';
import type { GatewayRoute, ProtectedRoute } from './route.ts';

/** What the gateway says of a resource at AS-RO (Federated Authorization 3.1). */
export interface ResourceDescription {
  /** Canonical path below the public URL: the identity of the resource. */
  readonly path: string;
  readonly name: string;
  readonly type?: string | undefined;
  /** E-mail address; absent for the organisation's own resources. */
  readonly owner?: string | undefined;
  /** Sorted, each once. */
  readonly scopes: readonly string[];
  /** Name of the AS-RO where it is registered; absent where there is one. */
  readonly authorizationServer?: string | undefined;
}

/** The compiled route table and the resources that have to be registered for it. */
export interface GatewayRoutes {
  readonly table: RouteTable<GatewayRoute>;
  readonly protectedRoutes: readonly ProtectedRoute[];
  readonly resources: readonly ResourceDescription[];
  /** All scopes of all routes, sorted. */
  readonly scopes: readonly string[];
}

/**
 * Compiles routes and names the resources of their instances.
 * @throws Error (configuration) for whatever `compileRoutes` refuses, for a template with a variable that the path lacks, for an instance
 *   with other variables than its resource, and for two routes that describe one resource differently
 */
export function compileGatewayRoutes(routes: readonly GatewayRoute[]): GatewayRoutes {
  const table = compileRoutes(routes);
  const protectedRoutes = routes.filter((route) => route.kind === 'protected');
  protectedRoutes.forEach(checkTemplates);
  const resources = new Map<string, ResourceDescription>();
  for (const route of protectedRoutes) {
    for (const instance of instancesOf(route)) {
      const description = describeResource(route, instance);
      resources.set(description.path, merge(resources.get(description.path), description, route));
    }
  }
  return { table, protectedRoutes, resources: [...resources.values()], scopes: sorted(protectedRoutes.flatMap(scopesOf)) };
}

/** The path of the resource that a request with these variables is about; one spelling per set of values. */
export function resourcePath(route: ProtectedRoute, variables: Variables): string {
  return renderPath(route.uri, variables);
}

/**
 * The path of the resource that a request is about.
 * @param path of the request, which matched the route
 * @param variables what the route's path has in it
 */
export function requestedResourcePath(route: ProtectedRoute, path: CanonicalPath, variables: Variables): string {
  // Without escapes there is one spelling, and filling the template it was taken apart with gives it back.
  return route.uri === route.path && !path.includes('%') ? path : resourcePath(route, variables);
}

function describeResource(route: ProtectedRoute, variables: Variables): ResourceDescription {
  return {
    path: resourcePath(route, variables),
    name: renderText(route.resource, variables),
    type: route.type,
    owner: route.owner === undefined ? undefined : renderText(route.owner, variables),
    scopes: sorted(scopesOf(route)),
    authorizationServer: route.authorizationServer,
  };
}

function checkTemplates(route: ProtectedRoute): void {
  const known = templateVariables(route.path);
  const identifying = templateVariables(route.uri);
  // What is said of a resource follows from its identity, or two requests would describe one resource in two ways.
  for (const [field, template, allowed] of [
    ['uri', route.uri, known],
    ['resource', route.resource, identifying],
    ['owner', route.owner ?? '', identifying],
  ] as const) {
    const foreign = templateVariables(template).find((name) => !allowed.includes(name));
    if (foreign !== undefined) throw new Error(`route ${JSON.stringify(route.id)}: ${field} uses the variable ${JSON.stringify(foreign)}, which its path does not have`);
  }
}

function instancesOf(route: ProtectedRoute): readonly Variables[] {
  const names = templateVariables(route.uri);
  for (const instance of route.instances) {
    const given = Object.keys(instance);
    if (given.length !== names.length || !names.every((name) => given.includes(name))) {
      throw new Error(`route ${JSON.stringify(route.id)}: an instance needs exactly the variables ${names.join(', ') || '(none)'}`);
    }
  }
  return names.length === 0 ? [{}] : route.instances;
}

function merge(known: ResourceDescription | undefined, added: ResourceDescription, route: ProtectedRoute): ResourceDescription {
  if (known === undefined) return added;
  if (known.name !== added.name || known.type !== added.type || known.owner !== added.owner) {
    throw new Error(`route ${JSON.stringify(route.id)}: another route describes the resource ${known.path} differently`);
  }
  if (known.authorizationServer !== added.authorizationServer) {
    throw new Error(`route ${JSON.stringify(route.id)}: another route has the resource ${known.path} at another authorization server`);
  }
  return { ...known, scopes: sorted([...known.scopes, ...added.scopes]) };
}

function scopesOf(route: ProtectedRoute): readonly string[] {
  return [...route.scopes.values()].flat();
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
