import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../errors/protocol-error.ts';
import type { ClientId, ResourceId } from '../model/ids.ts';
import { readResourceDescription, resourceDescriptionAnswer } from './resource-description.ts';

const FULL = {
  resource_scopes: ['view', 'https://scopes.example/print'],
  name: 'A note',
  description: 'Text',
  icon_uri: 'https://rs.example/icon.png',
  type: 'https://types.example/note',
  uri: 'https://rs.example/notes/1',
  owner: 'alice@acme.example',
  'name#de': 'Eine Notiz',
  'description#ja-Jpan-JP': 'メモ',
};

describe('A resource description', () => {
  it('comes back as it was sent, with _id and language-tagged members [F10]', () => {
    const { owner = '', ...description } = readResourceDescription(FULL);
    const resource = { ...description, owner, id: 'res_1' as ResourceId, resourceServer: 'rs' as ClientId };
    expect(resourceDescriptionAnswer(resource)).toEqual({ _id: 'res_1', ...FULL });
  });

  it('needs scopes only, and names each once [F15]', () => {
    expect(readResourceDescription({ resource_scopes: ['b', 'a', 'b'] })).toEqual({ scopes: ['b', 'a'], iconUri: undefined, localized: {} });
  });

  it('A69 takes no member that it does not know, be it named like one of the server’s own', () => {
    const read = readResourceDescription({ resource_scopes: [], _id: 'x', id: 'x', scopes: ['admin'], iconUri: 'x', resourceServer: 'x', localized: { name: 'x' }, constructor: 'x', 'name#': 'x', 'type#de': 'x', 'name#de<script>': 'x' });
    expect(read).toEqual({ scopes: [], iconUri: undefined, localized: {} });
  });

  it('shows no member that is not there, and never the RS that registered it', () => {
    const answer = resourceDescriptionAnswer({ id: 'res_1' as ResourceId, resourceServer: 'rs' as ClientId, owner: 'alice@acme.example', scopes: [], name: undefined, localized: {} });
    expect(answer).toEqual({ _id: 'res_1', resource_scopes: [], owner: 'alice@acme.example' });
  });

  it.each([
    [null],
    ['x'],
    [[]],
    [{}],
    [{ resource_scopes: null }],
    [{ resource_scopes: 'view' }],
    [{ resource_scopes: [1] }],
    [{ resource_scopes: [''] }],
    [{ resource_scopes: Array.from({ length: 65 }, (_, index) => `s${index}`) }],
    [{ resource_scopes: [], name: 1 }],
    [{ resource_scopes: [], name: 'x'.repeat(513) }],
    [{ resource_scopes: [], 'name#de': 1 }],
    [{ resource_scopes: [], 'name#de': 'x'.repeat(4097) }],
    [{ resource_scopes: [], ...Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`name#x${index}`, 'x'])) }],
    [{ resource_scopes: [], owner: 1 }],
    [{ resource_scopes: [], uri: {} }],
    [{ resource_scopes: [], icon_uri: 'javascript:alert(1)' }],
    [{ resource_scopes: [], icon_uri: 'javascript://x.example/%0aalert(1)' }],
    [{ resource_scopes: [], icon_uri: 'data:image/svg+xml,x' }],
    [{ resource_scopes: [], icon_uri: 'https://x.example/"onerror=' }],
    [{ resource_scopes: [], icon_uri: 'https://x.example/ y' }],
  ])('case %# is invalid_request [F14]', (json: unknown) => {
    expect(() => readResourceDescription(json)).toThrow(ProtocolError);
  });

  it('names in the log the member that is wrong, not its value', () => {
    expect(() => readResourceDescription({ resource_scopes: [], owner: { secret: 'x' } })).toThrow(expect.objectContaining({ detail: 'owner' }));
  });
});
