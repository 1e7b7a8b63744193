import type { CanonicalPath } from './canonical-target.ts';
import { parseRoutePattern, patternsOverlap, type PatternSegment } from './route-pattern.ts';

/** What every route has; whatever else the caller's route type holds comes back with the match. */
export interface RoutePattern {
  readonly id: string;
  /** Of GET, POST, PUT, PATCH, DELETE, OPTIONS; HEAD is served by the routes of GET. */
  readonly methods: readonly string[];
  readonly path: string;
}

export interface RouteMatch<T extends RoutePattern> {
  readonly route: T;
  /** Percent-decoded values by name, on an object without prototype; a `{name*}` value keeps its inner slashes. */
  readonly params: Readonly<Record<string, string>>;
}

export interface RouteTable<T extends RoutePattern> {
  /** The one route that matches, or undefined. HEAD is looked up as GET; everything is case sensitive. */
  match(method: string, path: CanonicalPath): RouteMatch<T> | undefined;
  /** The methods that have a route for this path, sorted, HEAD included where GET is: the value of `Allow`. */
  methodsAt(path: CanonicalPath): readonly string[];
}

interface CompiledRoute<T extends RoutePattern> {
  readonly route: T;
  readonly segments: readonly PatternSegment[];
}

interface Node<T extends RoutePattern> {
  readonly literals: Map<string, Node<T>>;
  param: Node<T> | undefined;
  readonly ends: Map<string, CompiledRoute<T>>;
  readonly rests: Map<string, CompiledRoute<T>>;
}

const ROUTABLE_METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Compiles routes into a trie over path segments.
 *
 * @param routes the caller's route objects
 * @returns a table in which at most one route matches any method and path
 * @throws Error (configuration) on a bad pattern or method, a repeated id, and on two routes that some request would
 *   match both; the message names both. An order of precedence would make the decision depend on where a line stands.
 */
export function compileRoutes<T extends RoutePattern>(routes: readonly T[]): RouteTable<T> {
  const compiled = routes.map((route) => ({ route, segments: parseRoutePattern(route.path) }));
  refuseRepeatedIds(routes);
  routes.forEach(refuseUnroutableMethods);
  refuseAmbiguity(compiled);

  const root = emptyNode<T>();
  for (const entry of compiled) insert(root, entry);
  return {
    match: (method, path) => {
      const segments = decodedSegments(path);
      const found = find(root, method === 'HEAD' ? 'GET' : method, segments, 0);
      return found === undefined ? undefined : { route: found.route, params: paramsOf(found.segments, segments) };
    },
    methodsAt: (path) => {
      const segments = decodedSegments(path);
      const methods = [...ROUTABLE_METHODS].filter((method) => find(root, method, segments, 0) !== undefined);
      return (methods.includes('GET') ? [...methods, 'HEAD'] : methods).sort();
    },
  };
}

function refuseRepeatedIds(routes: readonly RoutePattern[]): void {
  const seen = new Set<string>();
  for (const { id } of routes) {
    if (seen.has(id)) throw new Error(`two routes have the id ${JSON.stringify(id)}`);
    seen.add(id);
  }
}

function refuseUnroutableMethods(route: RoutePattern): void {
  if (route.methods.length === 0) throw new Error(`route ${JSON.stringify(route.id)} has no methods`);
  for (const method of route.methods) {
    if (!ROUTABLE_METHODS.has(method)) {
      throw new Error(`route ${JSON.stringify(route.id)}: ${JSON.stringify(method)} is not one of ${[...ROUTABLE_METHODS].join(', ')}`);
    }
  }
}

function refuseAmbiguity<T extends RoutePattern>(compiled: readonly CompiledRoute<T>[]): void {
  compiled.forEach((left, index) => {
    for (const right of compiled.slice(index + 1)) {
      const method = left.route.methods.find((name) => right.route.methods.includes(name));
      if (method !== undefined && patternsOverlap(left.segments, right.segments)) {
        throw new Error(
          `routes ${JSON.stringify(left.route.id)} (${left.route.path}) and ${JSON.stringify(right.route.id)} (${right.route.path}) both match some ${method} requests`,
        );
      }
    }
  });
}

function emptyNode<T extends RoutePattern>(): Node<T> {
  return { literals: new Map(), param: undefined, ends: new Map(), rests: new Map() };
}

function insert<T extends RoutePattern>(root: Node<T>, entry: CompiledRoute<T>): void {
  let node = root;
  for (const segment of entry.segments) {
    if (segment.kind === 'rest') {
      for (const method of entry.route.methods) node.rests.set(method, entry);
      return;
    }
    node = childOf(node, segment);
  }
  for (const method of entry.route.methods) node.ends.set(method, entry);
}

function childOf<T extends RoutePattern>(node: Node<T>, segment: PatternSegment): Node<T> {
  if (segment.kind !== 'literal') return (node.param ??= emptyNode<T>());
  const known = node.literals.get(segment.text);
  if (known !== undefined) return known;
  const created = emptyNode<T>();
  node.literals.set(segment.text, created);
  return created;
}

/** Every branch is tried, in any order: the table is unambiguous, so the first hit is the only one. */
function find<T extends RoutePattern>(node: Node<T>, method: string, segments: readonly string[], index: number): CompiledRoute<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.ends.get(method);
  const literal = node.literals.get(segment);
  const found = literal === undefined ? undefined : find(literal, method, segments, index + 1);
  if (found !== undefined || segment === '') return found;
  const viaParam = node.param === undefined ? undefined : find(node.param, method, segments, index + 1);
  return viaParam ?? node.rests.get(method);
}

/** The canonical form holds no encoded slash and only valid UTF-8, so decoding neither splits a segment nor throws. */
function decodedSegments(path: CanonicalPath): readonly string[] {
  return path
    .slice(1)
    .split('/')
    .map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment));
}

function paramsOf(pattern: readonly PatternSegment[], segments: readonly string[]): Readonly<Record<string, string>> {
  const params = Object.create(null) as Record<string, string>;
  pattern.forEach((segment, index) => {
    if (segment.kind === 'param') params[segment.name] = segments[index] ?? '';
    if (segment.kind === 'rest') params[segment.name] = segments.slice(index).join('/');
  });
  return params;
}
