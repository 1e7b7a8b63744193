import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../errors/protocol-error.ts';
import type { ShareId } from '../model/ids.ts';
import { readShareDraft, shareDocument } from './share-document.ts';

const NOW = 1_800_000_000;
const good = { resource_id: 'res_1', scopes: ['view'], grantee: { email: 'bob@globex.example' } };
const read = (changes: object) => readShareDraft({ ...good, ...changes }, NOW);

describe('The document of a share', () => {
  it('becomes a draft: scopes once, addresses and domains in canonical spelling', () => {
    expect(read({ scopes: ['view', 'edit', 'view'] })).toEqual({ resourceId: 'res_1', scopes: ['view', 'edit'], grantee: { kind: 'person', email: 'bob@globex.example' }, notBefore: undefined, expiresAt: undefined, conditions: {} });
    expect(read({ grantee: { email: 'Bob@GLOBEX.example' } }).grantee).toEqual({ kind: 'person', email: 'Bob@globex.example' });
    expect(read({ grantee: { domain: 'Bücher.Example' } }).grantee).toEqual({ kind: 'domain', domain: 'xn--bcher-kva.example' });
    expect(read({ grantee: { anyone: true } }).grantee).toEqual({ kind: 'anyone' });
  });

  it.each([
    ['2027-01-15T08:00:01Z', NOW + 1],
    ['2027-01-15T09:00:01+01:00', NOW + 1],
    ['2027-01-15T08:00:01.999Z', NOW + 1],
    [NOW + 1, NOW + 1],
  ])('reads the time %s in whole seconds', (text, seconds) => {
    expect(read({ expires_at: text }).expiresAt).toBe(seconds);
  });

  it('comes back with times in UTC', () => {
    const conditions = { acr_values: ['otp', 'fpt'], claims: { department: 'sales', level: { min: 3 } } };
    const draft = read({ not_before: NOW + 10, expires_at: NOW + 20, conditions });
    expect(shareDocument({ ...draft, id: 'shr_1' as ShareId, owner: 'alice@acme.example', createdAt: NOW })).toEqual({
      id: 'shr_1',
      ...good,
      not_before: '2027-01-15T08:00:10.000Z',
      expires_at: '2027-01-15T08:00:20.000Z',
      conditions,
      created_at: '2027-01-15T08:00:00.000Z',
    });
  });

  it('read, shown and read again is the same draft', () => {
    for (const changes of [{}, { grantee: { domain: 'globex.example' } }, { grantee: { anyone: true } }, { not_before: 0, expires_at: NOW + 5, conditions: { claims: { a: [1, null] } } }]) {
      const draft = read(changes);
      const { id: _id, created_at: _createdAt, ...shown } = shareDocument({ ...draft, id: 'shr_1' as ShareId, owner: 'alice@acme.example', createdAt: NOW });
      expect(readShareDraft(shown, NOW)).toEqual(draft);
    }
  });

  it.each([
    [{ resource_id: '' }],
    [{ resource_id: 1 }],
    [{ scopes: [] }],
    [{ scopes: 'view' }],
    [{ scopes: [''] }],
    [{ grantee: null }],
    [{ grantee: {} }],
    [{ grantee: { email: 'bob' } }],
    [{ grantee: { email: 'bob@globex.example@evil.example' } }],
    [{ grantee: { email: 'bob@globex.example', domain: 'globex.example' } }],
    [{ grantee: { domain: 'localhost' } }],
    [{ grantee: { domain: '*.globex.example' } }],
    [{ grantee: { domain: 'gl\u043ebex.example' } }],
    [{ grantee: { anyone: false } }],
    [{ grantee: { anyone: 'true' } }],
    [{ not_before: 'now' }],
    [{ expires_at: '2030-01-01' }],
    [{ expires_at: '2030-01-01T00:00:00' }],
    [{ expires_at: NOW + 0.5 }],
    [{ expires_at: Infinity }],
    [{ expires_at: NOW }],
    [{ expires_at: NOW - 1 }],
    [{ not_before: NOW + 10, expires_at: NOW + 10 }],
    [{ conditions: [] }],
    [{ conditions: { acr_values: [] } }],
    [{ conditions: { acr_values: 'otp' } }],
    [{ conditions: { claims: [] } }],
    [{ conditions: { ip: '10.0.0.1' } }],
    [{ owner: 'alice@acme.example' }],
    [{ id: 'shr_1' }],
  ])('%j is refused', (changes) => {
    expect(() => read(changes)).toThrow(ProtocolError);
  });
});
