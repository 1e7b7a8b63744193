import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalTarget } from './canonical-target.ts';
import { compileRoutes, type RoutePattern } from './route-table.ts';

const route = (id: string, methods: string, path: string): RoutePattern => ({ id, methods: methods.split(' '), path });
const pathOf = (text: string) => canonicalTarget(text).path;

const notes = compileRoutes([
  route('list', 'GET POST', '/users/{owner}/notes'),
  route('read', 'GET', '/users/{owner}/notes/{id}'),
  route('write', 'PUT DELETE', '/users/{who}/notes/{note}'),
  route('files', 'GET', '/files/{path*}'),
  route('root', 'GET', '/'),
  route('folder', 'GET', '/folder/'),
]);

describe('route table', () => {
  it('finds the one route and gives its decoded parameters', () => {
    const match = notes.match('GET', pathOf('/users/alice%40acme.example/notes/caf%c3%a9'));
    expect(match?.route.id).toBe('read');
    expect({ ...match?.params }).toEqual({ owner: 'alice@acme.example', id: 'café' });
  });

  it('gives back the payload with the route', () => {
    const table = compileRoutes([{ ...route('r', 'GET', '/a'), payload: { scopes: ['view'] } }]);
    expect(table.match('GET', pathOf('/a'))?.route.payload.scopes).toEqual(['view']);
  });

  it('names parameters as the matched route does, not as its neighbour does', () => {
    expect({ ...notes.match('PUT', pathOf('/users/a/notes/1'))?.params }).toEqual({ who: 'a', note: '1' });
  });

  it('looks HEAD up as GET [A82]', () => {
    expect(notes.match('HEAD', pathOf('/users/a/notes/1'))?.route.id).toBe('read');
    expect(notes.match('HEAD', pathOf('/'))?.route.id).toBe('root');
  });

  it.each(['/users/a/notes/', '/users//notes', '/Users/a/notes', '/users/a/notes/1/2', '/files', '/files/', '/folder', '/users', '/user/a/notes'])(
    'finds nothing for %s',
    (path) => {
      expect(notes.match('GET', path as ReturnType<typeof pathOf>)).toBeUndefined();
    },
  );

  it('finds nothing for a method no route has, and for a method in lower case [A82]', () => {
    expect(notes.match('PATCH', pathOf('/users/a/notes/1'))).toBeUndefined();
    expect(notes.match('get', pathOf('/users/a/notes/1'))).toBeUndefined();
  });

  it('lets a catch-all take one or more segments, slashes kept', () => {
    expect(notes.match('GET', pathOf('/files/a'))?.params['path']).toBe('a');
    expect(notes.match('GET', pathOf('/files/a/b%20c/d'))?.params['path']).toBe('a/b c/d');
    expect(notes.match('GET', pathOf('/files/a/'))?.params['path']).toBe('a/');
  });

  it('goes back to a named segment when a literal one leads nowhere', () => {
    const table = compileRoutes([route('x', 'GET', '/a/{x}/c'), route('d', 'GET', '/a/b/d'), route('new', 'POST', '/a/new'), route('one', 'PUT', '/a/{id}')]);
    expect(table.match('GET', pathOf('/a/b/c'))?.route.id).toBe('x');
    expect(table.match('GET', pathOf('/a/b/d'))?.route.id).toBe('d');
    expect(table.match('PUT', pathOf('/a/new'))?.route.id).toBe('one');
  });

  it('compares literals decoded, so that no second spelling of a literal slips by', () => {
    const table = compileRoutes([route('at', 'GET', '/x@y')]);
    expect(table.match('GET', pathOf('/x%40y'))?.route.id).toBe('at');
  });

  it('keeps parameter names away from the prototype', () => {
    const table = compileRoutes([route('p', 'GET', '/{__proto__}/{constructor}')]);
    const params = table.match('GET', pathOf('/a/b'))?.params;
    expect(Object.keys(params ?? {})).toEqual(['__proto__', 'constructor']);
    expect('toString' in (params ?? {})).toBe(false);
  });

  it('lists the methods of a path for Allow', () => {
    expect(notes.methodsAt(pathOf('/users/a/notes/1'))).toEqual(['DELETE', 'GET', 'HEAD', 'PUT']);
    expect(notes.methodsAt(pathOf('/nowhere'))).toEqual([]);
  });

  it.each([
    ['/users/{owner}', '/users/{id}'],
    ['/users/{owner}', '/users/me'],
    ['/users/me', '/users/me'],
    ['/files/{path*}', '/files/{name}'],
    ['/files/{path*}', '/files/a/b'],
    ['/files/{path*}', '/files/{name}/'],
    ['/{all*}', '/a/{x}/c'],
    ['/{a}/b', '/a/{b}'],
    ['/a/{x*}', '/{y*}'],
    ['/', '/'],
    ['/x@y', '/x%40y'],
  ])('refuses to compile %s next to %s, and names both', (left, right) => {
    const compile = () => compileRoutes([route('one', 'GET', left), route('two', 'POST GET', right)]);
    expect(compile).toThrow(/"one".*"two".*GET/);
    expect(() => compileRoutes([route('two', 'GET', right), route('one', 'GET', left)])).toThrow(/"two".*"one"/);
  });

  it.each([
    ['/users/{owner}', '/users/{owner}/'],
    ['/files/{path*}', '/files/'],
    ['/files/{path*}', '/files'],
    ['/a/{x}/c', '/a/b/d'],
    ['/a', '/A'],
  ])('compiles %s next to %s', (left, right) => {
    expect(compileRoutes([route('one', 'GET', left), route('two', 'GET', right)])).toBeDefined();
  });

  it.each(['users', '', '/a//b', '/a/{x}/{x}', '/a/{x*}/b', '/a/{x', '/a/pre{x}', '/a/{}', '/a/{1}', '/a/../b', '/a/%2F', '/%61', '/a b', '/a?x', '/é'])(
    'refuses the pattern %p',
    (path) => {
      expect(() => compileRoutes([route('r', 'GET', path)])).toThrow(/route pattern/);
    },
  );

  it.each(['HEAD', 'get', 'TRACE', 'CONNECT', '*'])('refuses a route for the method %s', (method) => {
    expect(() => compileRoutes([route('r', method, '/')])).toThrow(/"r"/);
  });

  it('refuses a route without methods and a repeated id', () => {
    expect(() => compileRoutes([{ id: 'r', methods: [], path: '/' }])).toThrow(/no methods/);
    expect(() => compileRoutes([route('r', 'GET', '/a'), route('r', 'GET', '/b')])).toThrow(/"r"/);
  });

  it('never lets two routes match one request: what compiles is unambiguous, by trial', () => {
    const segment = fc.constantFrom('a', 'b', '{x}', '{y}');
    const pattern = fc
      .tuple(fc.uniqueArray(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/', '/{z*}'))
      .map(([segments, end]) => `/${segments.join('/')}${end}`);
    const deeper = (path: string): string[] => ['a', 'b', 'c'].map((name) => `${path}/${name}`);
    const levels = [deeper('')];
    for (let depth = 2; depth <= 4; depth += 1) levels.push((levels.at(-1) ?? []).flatMap(deeper));
    const paths = levels.flat().flatMap((path) => [path, `${path}/`]);
    fc.assert(
      fc.property(pattern, pattern, (left, right) => {
        const alone = [left, right].map((path) => compileRoutes([route('r', 'GET', path)]));
        const shared = paths.some((path) => alone.every((table) => table.match('GET', pathOf(path)) !== undefined));
        const compile = () => compileRoutes([route('one', 'GET', left), route('two', 'GET', right)]);
        if (shared) expect(compile).toThrow();
        else expect(compile()).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});
