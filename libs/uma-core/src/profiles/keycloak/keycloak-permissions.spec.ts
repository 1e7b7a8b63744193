import { expect, it } from '@jest/globals';
import type { ClientId, ResourceId } from '../../model/ids.ts';
import type { Resource } from '../../model/resource.ts';
import { toKeycloakPermissions } from './keycloak-permissions.ts';

const resource = (id: string, changes: Partial<Resource> = {}): Resource => ({
  id: id as ResourceId,
  resourceServer: 'rs' as ClientId,
  owner: 'alice@acme.example',
  scopes: ['view', 'edit'],
  localized: {},
  ...changes,
});
const granted = (id: string, scopes: readonly string[]) => ({ resourceId: id as ResourceId, scopes });

it('writes rsid, rsname and scopes', () => {
  const resources = [resource('r1', { name: 'Note' }), resource('r2')];
  expect(toKeycloakPermissions([granted('r1', ['view']), granted('r2', ['edit'])], resources)).toEqual([
    { rsid: 'r1', rsname: 'Note', scopes: ['view'] },
    { rsid: 'r2', scopes: ['edit'] },
  ]);
  expect(toKeycloakPermissions([granted('r1', ['view'])], resources, false)).toEqual([{ rsid: 'r1', scopes: ['view'] }]);
});

it('leaves out what an enforcer would read as more than it is: no scopes of a resource that has some, and resources that are gone', () => {
  const resources = [resource('r1'), resource('bare', { scopes: [] })];
  expect(toKeycloakPermissions([granted('r1', []), granted('bare', []), granted('gone', ['view'])], resources)).toEqual([{ rsid: 'bare' }]);
});
