import { describe, expect, it } from '@jest/globals';
import type { ClientId, ResourceId } from '../model/ids.ts';
import type { Resource } from '../model/resource.ts';
import { readResource, registerResource, removeResource, replaceResource, type ActingResourceServer, type ResourceRegistration } from './register-resource.ts';

const server = (id: string, defaultOwner?: string): ActingResourceServer => ({
  clientId: id as ClientId,
  registration: { identifier: `https://${id}.acme.example`, baseUris: [`https://${id}.acme.example/base`], defaultOwner },
});
const RS = server('rs');
const OTHER = server('other');

function registry(...resources: Resource[]): ResourceRegistration & { readonly stored: Map<string, Resource> } {
  const stored = new Map<string, Resource>(resources.map((resource) => [resource.id, resource]));
  let calls = 0;
  return {
    stored,
    servedDomains: ['acme.example'],
    randomness: { bytes: (count) => new Uint8Array(count).fill((calls += 1)) },
    resources: {
      create: async (resource) => void stored.set(resource.id, resource),
      find: async (id) => stored.get(id),
      findAll: async () => [],
      replace: async (resource) => stored.get(resource.id)?.resourceServer === resource.resourceServer && stored.set(resource.id, resource) !== undefined,
      remove: async (id, resourceServer) => stored.get(id)?.resourceServer === resourceServer && stored.delete(id),
      listIds: async () => [],
      listByOwner: async () => [],
    },
  };
}
const description = { scopes: ['view'], localized: {}, owner: 'alice@acme.example' };
const resource = (changes: Partial<Resource> = {}): Resource => ({ ...description, id: 'res_1' as ResourceId, resourceServer: RS.clientId, ...changes });
const ID = 'res_1' as ResourceId;
const NOT_FOUND = { status: 404, error: 'not_found' };
const INVALID = { status: 400, error: 'invalid_request' };

describe('Registering a resource', () => {
  it('gives it a fresh id of 128 random bits and the RS of the PAT [F9]', async () => {
    const deps = registry();
    const first = await registerResource(description, RS, deps);
    const second = await registerResource(description, RS, deps);
    expect(first).toEqual({ ...description, id: expect.stringMatching(/^res_[A-Za-z0-9_-]{22}$/), resourceServer: 'rs' });
    expect(second.id).not.toBe(first.id);
    expect([...deps.stored.keys()]).toEqual([first.id, second.id]);
  });

  it.each(['alice@globex.example', 'alice@sub.acme.example', 'alice@evilacme.example', 'alice@acme.example@evil.example', 'alice'])('refuses the owner %s (protocol.md C15)', async (owner) => {
    const deps = registry();
    await expect(registerResource({ ...description, owner }, RS, deps)).rejects.toMatchObject(INVALID);
    expect(deps.stored.size).toBe(0);
  });

  it('keeps the owner in canonical spelling, and falls back to the RS’s own', async () => {
    expect((await registerResource({ ...description, owner: 'Alice@ACME.example' }, RS, registry())).owner).toBe('Alice@acme.example');
    const withoutOwner = { scopes: ['view'], localized: {} };
    expect((await registerResource(withoutOwner, server('rs', 'office@acme.example'), registry())).owner).toBe('office@acme.example');
    await expect(registerResource(withoutOwner, RS, registry())).rejects.toMatchObject(INVALID);
  });

  it('checks the RS’s own default owner like any other', async () => {
    await expect(registerResource({ scopes: [], localized: {} }, server('rs', 'office@globex.example'), registry())).rejects.toMatchObject(INVALID);
  });

  it('A2 refuses a uri outside the RS’s base URIs', async () => {
    for (const uri of ['https://other.acme.example/base/1', 'https://rs.acme.example/basement', 'https://rs.acme.example/base/../1']) {
      await expect(registerResource({ ...description, uri }, RS, registry())).rejects.toMatchObject(INVALID);
    }
    expect((await registerResource({ ...description, uri: 'https://rs.acme.example/base/1' }, RS, registry())).uri).toBe('https://rs.acme.example/base/1');
  });
});

describe('Replacing a resource', () => {
  it('is in full: what is left out is gone, the owner stays [F11]', async () => {
    const deps = registry(resource({ name: 'A note', type: 'note', localized: { 'name#de': 'Notiz' } }));
    const replaced = await replaceResource(ID, { scopes: ['edit'], localized: {} }, RS, deps);
    expect(replaced).toEqual({ id: ID, resourceServer: 'rs', owner: 'alice@acme.example', scopes: ['edit'], localized: {} });
    expect(deps.stored.get(ID)).toEqual(replaced);
  });

  it('cannot change the owner, but may name the present one', async () => {
    const deps = registry(resource());
    await expect(replaceResource(ID, { ...description, owner: 'anna@acme.example' }, RS, deps)).rejects.toMatchObject(INVALID);
    await expect(replaceResource(ID, { ...description, owner: 'alice@ACME.example' }, RS, deps)).resolves.toMatchObject({ owner: 'alice@acme.example' });
  });

  it('A2 refuses a uri outside the RS’s base URIs', async () => {
    await expect(replaceResource(ID, { ...description, uri: 'https://other.acme.example/base' }, RS, registry(resource()))).rejects.toMatchObject(INVALID);
  });

  it('is not found when the resource goes away meanwhile', async () => {
    const deps = registry(resource());
    const racing = { ...deps, resources: { ...deps.resources, replace: async () => false } };
    await expect(replaceResource(ID, description, RS, racing)).rejects.toMatchObject(NOT_FOUND);
  });
});

describe('A29 A resource of another RS', () => {
  it('is not found, whatever is tried, and stays as it is', async () => {
    const deps = registry(resource());
    for (const id of [ID, 'res_unknown' as ResourceId]) {
      await expect(readResource(id, OTHER, deps)).rejects.toMatchObject(NOT_FOUND);
      await expect(replaceResource(id, description, OTHER, deps)).rejects.toMatchObject(NOT_FOUND);
      await expect(removeResource(id, OTHER, deps)).rejects.toMatchObject(NOT_FOUND);
    }
    expect(deps.stored.get(ID)).toEqual(resource());
  });
});

describe('Removing a resource', () => {
  it('ends it for its RS [F12]', async () => {
    const deps = registry(resource());
    await removeResource(ID, RS, deps);
    await expect(readResource(ID, RS, deps)).rejects.toMatchObject(NOT_FOUND);
  });
});

describe('A29 With the PAT of one owner [F5, F13]', () => {
  const ALICES = { ...RS, owner: 'alice@acme.example' };
  const annas = resource({ owner: 'anna@acme.example' });

  it('resources are registered for that owner, named or not, and for no other', async () => {
    const withoutOwner = { scopes: ['view'], localized: {} };
    const withDefault = { ...server('rs', 'office@acme.example'), owner: 'alice@acme.example' };
    for (const [acting, owner] of [[ALICES, undefined], [withDefault, undefined], [ALICES, 'alice@ACME.example']] as const) {
      expect((await registerResource({ ...withoutOwner, owner }, acting, registry())).owner).toBe('alice@acme.example');
    }
    for (const owner of ['anna@acme.example', 'Alice@acme.example', 'office@acme.example']) {
      await expect(registerResource({ ...withoutOwner, owner }, withDefault, registry())).rejects.toMatchObject({ ...INVALID, reason: 'owner_of_another_pat' });
    }
  });

  it('resources of another owner do not exist', async () => {
    const deps = registry(annas);
    await expect(readResource(ID, ALICES, deps)).rejects.toMatchObject(NOT_FOUND);
    await expect(replaceResource(ID, { scopes: ['edit'], localized: {} }, ALICES, deps)).rejects.toMatchObject(NOT_FOUND);
    expect(deps.stored.get(ID)).toEqual(annas);
    expect(await readResource(ID, { ...RS, owner: 'anna@acme.example' }, deps)).toEqual(annas);
  });

  it('the registry is told whose resource may be removed', async () => {
    const asked: unknown[] = [];
    const { resources, ...rest } = registry(annas);
    const deps = { ...rest, resources: { ...resources, remove: async (...parameters: unknown[]) => asked.push(parameters) === 0 } };
    await expect(removeResource(ID, ALICES, deps)).rejects.toMatchObject(NOT_FOUND);
    expect(asked).toEqual([[ID, RS.clientId, 'alice@acme.example']]);
  });
});
