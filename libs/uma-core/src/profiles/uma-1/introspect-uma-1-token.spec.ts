import { describe, expect, it } from '@jest/globals';
import type { ClientId, ResourceId } from '../../model/ids.ts';
import type { Uma1TokenState } from '../../ports/uma-1-token-store.ts';
import { introspectUma1Token, type Uma1Introspection } from './introspect-uma-1-token.ts';

const TOKEN = `uma1_${'A'.repeat(43)}`;
const RS = { clientId: 'rs' as ClientId, registration: { identifier: 'https://rs.acme.example', baseUris: ['https://rs.acme.example'] } };
const ALICES = { resourceId: 'res_alice' as ResourceId, scopes: ['view'] };
const ANNAS = { resourceId: 'res_anna' as ResourceId, scopes: ['view'] };

/** A server where the token has these permissions. */
function world(permissions: readonly object[]): Uma1Introspection {
  const resources = [
    { id: 'res_alice', owner: 'alice@acme.example', scopes: ['view'] },
    { id: 'res_anna', owner: 'anna@acme.example', scopes: ['view'] },
  ];
  return {
    uma1Tokens: { find: async () => ({ resourceServer: 'rs', permissions }) as unknown as Uma1TokenState },
    resources: { findAll: async (ids: readonly string[]) => resources.filter(({ id }) => ids.includes(id)) },
    clients: { find: async () => ({ dialects: ['uma-1'] }) },
    clock: { now: () => 1 },
  } as unknown as Uma1Introspection;
}

describe('A29 An RPT of UMA 1.0 at the PAT of one owner [F5]', () => {
  it('shows what belongs to that owner and nothing else', async () => {
    const alice = { ...RS, owner: 'alice@acme.example' };
    expect(await introspectUma1Token(TOKEN, alice, world([ALICES]))).toMatchObject({ permissions: [ALICES] });
    expect(await introspectUma1Token(TOKEN, alice, world([ALICES, ANNAS]))).toMatchObject({ permissions: [ALICES] });
    expect(await introspectUma1Token(TOKEN, alice, world([ANNAS]))).toBeUndefined();
    expect(await introspectUma1Token(TOKEN, alice, world([]))).toMatchObject({ permissions: [] });
  });

  it('shows an organisation’s resource server everything', async () => {
    expect(await introspectUma1Token(TOKEN, RS, world([ALICES, ANNAS]))).toMatchObject({ permissions: [ALICES, ANNAS] });
  });
});
