import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { canonicalTarget } from '@uma-federation/reverse-proxy';
import { routesConfiguration } from './route-table-file.ts';

const schema = routesConfiguration();
const note = { id: 'note', path: '/users/{owner}/notes/{id}', methods: { GET: ['view'], PUT: ['edit'] }, resource: 'note {id}', owner: '{owner}@acme.example', instances: [{ owner: 'alice', id: '1' }] };
const problems = (routes: unknown): string => (schema.safeParse(routes).error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');

describe('The route table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'routes-'));
  const file = (text: string): string => {
    const path = join(folder, 'routes.yaml');
    writeFileSync(path, text);
    return path;
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read from a YAML file', () => {
    const routes = schema.parse(
      file(`
routes:
  - id: note
    path: /users/{owner}/notes/{id}
    methods: { GET: [view], PUT: [edit] }
    resource: "note {id} of {owner}"
    owner: "{owner}@acme.example"
    instances:
      - { owner: alice, id: "1" }
  - id: health
    path: /public/{rest*}
    public: true
`),
    );
    expect(routes.resources).toEqual([{ path: '/users/alice/notes/1', name: 'note 1 of alice', owner: 'alice@acme.example', type: undefined, scopes: ['edit', 'view'] }]);
    expect(routes.scopes).toEqual(['edit', 'view']);
    expect(routes.table.match('GET', canonicalTarget('/public/x').path)?.route).toMatchObject({ kind: 'public', id: 'health' });
    expect(routes.table.match('POST', canonicalTarget('/public/x').path)).toBeUndefined();
  });

  it.each([
    ['no file', '/nowhere/routes.yaml', 'cannot be read'],
    ['no YAML', () => file('a: [b'), 'cannot be read or is not YAML'],
    ['a member twice', () => file('routes: []\nroutes: []'), 'is not YAML'],
    ['another member', () => file('routes: []\nextra: 1'), 'extra'],
    ['a misspelt setting', () => file('routes: [{ id: a, path: /a, public: true, metods: [GET] }]'), 'metods'],
    ['no route', () => file('routes: []'), 'Too small'],
  ])('cannot be %s', (_description, source, expected) => {
    expect(problems(typeof source === 'string' ? source : source())).toContain(expected);
  });

  it.each([
    ['a misspelt setting', { ...note, introspekt: true }, 'introspekt'],
    ['an unknown method', { ...note, methods: { FETCH: ['view'] } }, 'methods'],
    ['OPTIONS, which the gateway answers itself', { ...note, methods: { OPTIONS: [] } }, 'methods'],
    ['no method', { ...note, methods: {} }, 'needs a method'],
    ['a scope with a space', { ...note, methods: { GET: ['view edit'] } }, 'not a scope'],
    ['both public and protected', { ...note, public: true }, 'Unrecognized'],
    ['public as text', { ...note, public: 'yes' }, 'public'],
    ['a name that uses what the path lacks', { ...note, resource: '{title}' }, '"title"'],
    ['an owner that uses what the path lacks', { ...note, owner: '{user}@acme.example' }, '"user"'],
    ['a resource path that uses what the path lacks', { ...note, uri: '/n/{x}' }, '"x"'],
    ['a name that uses more than the resource path', { ...note, uri: '/users/{owner}', instances: [] }, '"id"'],
    ['an instance with a variable too few', { ...note, instances: [{ owner: 'alice' }] }, 'exactly the variables owner, id'],
    ['an instance with a variable too many', { ...note, instances: [{ owner: 'alice', id: '1', x: '2' }] }, 'exactly the variables'],
    ['an instance that is no canonical path', { ...note, instances: [{ owner: '..', id: '1' }] }, 'dot_segment'],
    ['a path that is not canonical', { ...note, path: '/users/{owner}/../notes/{id}' }, 'canonical'],
  ])('refuses a route with %s', (_description, route, expected) => {
    expect(problems([route])).toContain(expected);
  });

  it('refuses two routes that one request would match, and says which', () => {
    const both = problems([note, { id: 'other', path: '/users/alice/{rest*}', public: true }]);
    expect(both).toContain('"note"');
    expect(both).toContain('"other"');
  });

  it('joins the scopes of routes that share a resource, and refuses two descriptions of one', () => {
    const comments = { id: 'comments', path: '/users/{owner}/notes/{id}/comments', uri: note.path, methods: { POST: ['comment'] }, resource: note.resource, owner: note.owner, instances: note.instances };
    expect(schema.parse([note, comments]).resources).toMatchObject([{ path: '/users/alice/notes/1', scopes: ['comment', 'edit', 'view'] }]);
    expect(problems([note, { ...comments, resource: 'comments on {id}' }])).toContain('differently');
  });

  it('takes a route without variables for one resource', () => {
    expect(schema.parse([{ id: 'vault', path: '/vault', methods: { GET: ['view'] }, resource: 'vault' }]).resources).toEqual([
      { path: '/vault', name: 'vault', scopes: ['view'], type: undefined, owner: undefined },
    ]);
  });
});
