/** The routes of a service, to tell an unknown path (404) from an unsupported method (405). */
export class RouteTable {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /**
   * @param template the router's path template: `:name` is one segment, `*` the rest
   * @param methods one method or several
   */
  add(template: string, methods: string | readonly string[]): void {
    const route = this.#routes.get(template) ?? { pattern: patternOf(template), methods: new Set<string>() };
    for (const method of [methods].flat()) route.methods.add(method);
    this.#routes.set(template, route);
  }

  /**
   * The methods that are served at a path, sorted; empty when the path is unknown.
   * @param target a request target; the query is ignored
   */
  methodsAt(target: string): readonly string[] {
    const path = target.replace(/[?#].*$/s, '');
    const methods = [...this.#routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }
}

function patternOf(template: string): RegExp {
  const source = template
    .split(/(:[A-Za-z_][A-Za-z0-9_]*|\*)/)
    .map((part) => {
      if (part === '*') return '.*';
      return part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, 's');
}
