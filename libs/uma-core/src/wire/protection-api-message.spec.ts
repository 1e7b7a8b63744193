import { describe, expect, it } from '@jest/globals';
import type { ClientId, ResourceId } from '../model/ids.ts';
import { protectionApiMessage, readProtectionApiMessage, type ProtectionApiRequest } from './protection-api-message.ts';

const client = 'rs' as ClientId;
const id = 'res_1' as ResourceId;

describe('A message of the protection API', () => {
  it.each<ProtectionApiRequest>([
    { operation: 'permission.request', body: { resource_id: 'res_1', resource_scopes: ['view'] } },
    { operation: 'resource.create', body: { resource_scopes: ['view'] } },
    { operation: 'resource.replace', id, body: { resource_scopes: ['view'] } },
    { operation: 'resource.read', id },
    { operation: 'resource.remove', id },
    { operation: 'resource.list' },
    { operation: 'rpt.introspect', token: 'eyJ' },
    { operation: 'revocation.read', cursor: 'c' },
    { operation: 'revocation.read' },
  ])('is read as it was written: $operation', (request) => {
    expect(readProtectionApiMessage(request.operation, protectionApiMessage(request, client))).toEqual({ clientId: client, request });
  });

  it.each([
    ['resource.read', {}],
    ['resource.read', { client_id: 'rs' }],
    ['resource.read', { client_id: '', id: 'res_1' }],
    ['resource.read', { client_id: 'rs', id: 1 }],
    ['rpt.introspect', { client_id: 'rs', token: '' }],
    ['permission.request', { client_id: 'rs' }],
    ['revocation.read', { client_id: 'rs', cursor: 'c'.repeat(257) }],
    ['resource.list', undefined],
    ['resource.list', []],
  ] as const)('is refused when a member is missing or wrong: %s %j', (operation, data) => {
    expect(() => readProtectionApiMessage(operation, data)).toThrow(expect.objectContaining({ error: 'invalid_request', reason: 'protection_api_message_malformed' }));
  });
});
