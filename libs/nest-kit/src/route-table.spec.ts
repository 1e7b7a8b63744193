import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './route-table.ts';

describe('RouteTable', () => {
  const routes = new RouteTable();
  routes.add('/token', 'POST');
  routes.add('/register/:id', ['GET', 'PUT']);
  routes.add('/register/:id', 'DELETE');
  routes.add('/register/special', 'POST');
  routes.add('/.well-known/webfinger', 'GET');
  routes.add('/files/*', 'GET');

  it.each([
    ['/token', ['POST']],
    ['/token?grant_type=x', ['POST']],
    ['/register/r1', ['DELETE', 'GET', 'PUT']],
    ['/register/special', ['DELETE', 'GET', 'POST', 'PUT']],
    ['/files/a/b', ['GET']],
    ['/register/', []],
    ['/register/r1/x', []],
    ['/xwell-known/webfinger', []],
    ['/Token', []],
    ['*', []],
  ])('knows what %s serves', (target, methods) => {
    expect(routes.methodsAt(target)).toEqual(methods);
  });
});
