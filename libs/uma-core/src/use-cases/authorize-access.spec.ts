import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import { authorizeAccess } from './authorize-access.ts';

const permission = (id: string, ...scopes: string[]): Permission => ({ resourceId: id as ResourceId, scopes });
const decide = (granted: readonly Permission[], needed: Permission) => authorizeAccess({ permissions: granted }, needed);

describe('A81 An RPT for another resource or scope', () => {
  it.each([
    ['r1 does not open r10', [permission('r1', 'view')], permission('r10', 'view')],
    ['r10 does not open r1', [permission('r10', 'view')], permission('r1', 'view')],
    ['another case of the id', [permission('R1', 'view')], permission('r1', 'view')],
    ['view is not viewer', [permission('r1', 'view')], permission('r1', 'viewer')],
    ['viewer is not view', [permission('r1', 'viewer')], permission('r1', 'view')],
    ['a wildcard is a scope like any other', [permission('r1', '*')], permission('r1', 'view')],
    ['a wildcard is an id like any other', [permission('*', 'view')], permission('r1', 'view')],
    ['the scope on another resource', [permission('r1', 'edit'), permission('r2', 'view')], permission('r1', 'view')],
    ['one of two scopes', [permission('r1', 'view')], permission('r1', 'view', 'edit')],
    ['no scopes for one that is needed', [permission('r1')], permission('r1', 'view')],
    ['nothing at all [G43]', [], permission('r1')],
  ])('%s', (_what, granted, needed) => {
    expect(decide(granted, needed)).toBe('insufficient');
  });

  it('is permitted by exactly what is needed, by more, and by scopes spread over two permissions', () => {
    expect(decide([permission('r1', 'view')], permission('r1', 'view'))).toBe('permitted');
    expect(decide([permission('r1', 'view', 'edit')], permission('r1', 'edit'))).toBe('permitted');
    expect(decide([permission('r1', 'view'), permission('r1', 'edit')], permission('r1', 'edit', 'view'))).toBe('permitted');
    expect(decide([permission('r1')], permission('r1'))).toBe('permitted');
  });

  it('never depends on order, and never becomes less by more permissions (property)', () => {
    const permissions = fc.array(fc.tuple(fc.constantFrom('r1', 'r10', 'r2'), fc.subarray(['view', 'viewer', 'edit'])).map(([id, scopes]) => permission(id, ...scopes)));
    const needed = fc.tuple(fc.constantFrom('r1', 'r10'), fc.subarray(['view', 'viewer', 'edit'])).map(([id, scopes]) => permission(id, ...scopes));
    fc.assert(
      fc.property(permissions, permissions, needed, (first, second, wanted) => {
        const one = decide([...first, ...second], wanted);
        expect(decide([...second, ...first].reverse(), wanted)).toBe(one);
        if (decide(first, wanted) === 'permitted') expect(one).toBe('permitted');
      }),
    );
  });
});
