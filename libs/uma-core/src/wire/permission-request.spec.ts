import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../errors/protocol-error.ts';
import { readPermissionRequest } from './permission-request.ts';

describe('A permission request', () => {
  it('is an object or an array of one or more, and reads the same either way [F17]', () => {
    const one = { resource_id: 'res_1', resource_scopes: ['view'] };
    const read = { resourceId: 'res_1', scopes: ['view'], resourceUri: undefined };
    expect(readPermissionRequest(one)).toEqual([read]);
    expect(readPermissionRequest([one, one])).toEqual([read, read]);
  });

  it('may ask for no scopes, for one twice, and name where the resource is [F18]', () => {
    expect(readPermissionRequest({ resource_id: 'res_1', resource_scopes: [] })[0]?.scopes).toEqual([]);
    expect(readPermissionRequest({ resource_id: 'res_1', resource_scopes: ['a', 'b', 'a'], resource_uri: 'https://rs.example/x' })).toEqual([
      { resourceId: 'res_1', scopes: ['a', 'b'], resourceUri: 'https://rs.example/x' },
    ]);
  });

  it('ignores members that it does not know [G9]', () => {
    expect(readPermissionRequest({ resource_id: 'res_1', resource_scopes: [], claims: {}, resourceId: 'x' })).toEqual([{ resourceId: 'res_1', scopes: [], resourceUri: undefined }]);
  });

  it.each([
    [undefined],
    [null],
    ['res_1'],
    [[]],
    [[[]]],
    [{}],
    [{ resource_id: 'res_1' }],
    [{ resource_scopes: [] }],
    [{ resource_id: '', resource_scopes: [] }],
    [{ resource_id: 1, resource_scopes: [] }],
    [{ resource_id: 'x'.repeat(257), resource_scopes: [] }],
    [{ resource_id: 'res_1', resource_scopes: 'view' }],
    [{ resource_id: 'res_1', resource_scopes: [''] }],
    [{ resource_id: 'res_1', resource_scopes: [null] }],
    [{ resource_id: 'res_1', resource_scopes: Array.from({ length: 65 }, () => 'x') }],
    [{ resource_id: 'res_1', resource_scopes: [], resource_uri: 1 }],
    [Array.from({ length: 33 }, () => ({ resource_id: 'res_1', resource_scopes: [] }))],
  ])('case %# is invalid_request', (json: unknown) => {
    expect(() => readPermissionRequest(json)).toThrow(ProtocolError);
  });
});
