import { describe, expect, it } from '@jest/globals';
import { countingRandomness } from '../../test/token-support.ts';
import type { ClientId } from '../model/ids.ts';
import { parseEmailAddress } from '../model/email-address.ts';
import type { RegisteredClient } from '../ports/client-store.ts';
import { readClientMetadata } from '../wire/client-metadata.ts';
import { GRANT_TYPES } from '../wire/urns.ts';
import { findByRegistrationToken, isSecretOf, registerClient, replaceClient, toClientRegistration, type ClientRegistering } from './register-client.ts';

function registering(): ClientRegistering & { readonly clients: Map<string, RegisteredClient> } {
  const clients = new Map<string, RegisteredClient>();
  return {
    clients,
    store: {
      create: async (client, limit) => clients.size < limit && clients.set(client.clientId, client).size > 0,
      find: async (clientId) => clients.get(clientId),
      replace: async (client) => clients.has(client.clientId) && clients.set(client.clientId, client as RegisteredClient).size > 0,
      remove: async (clientId) => clients.delete(clientId),
    },
    randomness: countingRandomness(),
    clock: { now: () => 1_800_000_000 },
    methods: ['none', 'client_secret_basic', 'private_key_jwt'],
    grantTypes: [GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken],
    maxClients: 2,
  };
}
const read = (json: object = {}) => readClientMetadata(json);

describe('registerClient', () => {
  it('gives ids that are neither URLs nor e-mail addresses, and secrets that are nowhere kept', async () => {
    const deps = registering();
    const { client, secret = '', registrationToken } = await registerClient(read(), deps);
    expect([client.clientId.startsWith('dcr_'), URL.canParse(client.clientId), parseEmailAddress(client.clientId)]).toEqual([true, false, undefined]);
    expect(JSON.stringify([...deps.clients.values()])).not.toContain(secret);
    expect(JSON.stringify([...deps.clients.values()])).not.toContain(registrationToken);
    expect([await isSecretOf(client, secret, deps), await isSecretOf(client, `${secret}x`, deps)]).toEqual([true, false]);
    expect([await findByRegistrationToken(client.clientId, registrationToken, deps), await findByRegistrationToken(client.clientId, secret, deps)]).toEqual([client, undefined]);
    expect(await findByRegistrationToken('dcr_other', registrationToken, deps)).toBeUndefined();
  });

  it('refuses methods that the server has not, the protection API and more clients than may be', async () => {
    const deps = registering();
    await expect(registerClient(read({ token_endpoint_auth_method: 'client_secret_post' }), deps)).rejects.toMatchObject({ error: 'invalid_client_metadata', reason: 'method_not_supported' });
    await expect(registerClient(read({ scope: 'uma_protection' }), deps)).rejects.toMatchObject({ reason: 'protection_scope_requested' });
    await expect(registerClient(read({ grant_types: ['client_credentials'] }), deps)).rejects.toMatchObject({ reason: 'no_grant_type_left' });
    expect(deps.clients.size).toBe(0);
    for (let count = 0; count < 2; count += 1) await registerClient(read(), deps);
    await expect(registerClient(read(), deps)).rejects.toMatchObject({ status: 503 });
  });

  it('makes no resource server and no speaker of an older dialect', async () => {
    const { client } = await registerClient(read({ dialects: ['uma-1'], resourceServer: {} }), registering());
    const registration = toClientRegistration(client, { requireResource: true, grantTypes: [GRANT_TYPES.umaTicket] });
    expect([registration.resourceServer, registration.dialects, registration.requireResource]).toEqual([undefined, undefined, true]);
  });
});

describe('replaceClient', () => {
  it('keeps the secret while the method needs one, and gives one to a client that comes to need it', async () => {
    const deps = registering();
    const { client } = await registerClient(read(), deps);
    const same = await replaceClient(client, read({ client_name: 'x' }), deps);
    expect([same.secret, same.client.secretHash]).toEqual([undefined, client.secretHash]);
    const open = await replaceClient(client, read({ token_endpoint_auth_method: 'none' }), deps);
    expect([open.secret, open.client.secretHash]).toEqual([undefined, undefined]);
    expect((await replaceClient(open.client, read(), deps)).secret).toHaveLength(43);
  });

  it('does not bring back a client that has gone', async () => {
    const deps = registering();
    const gone = { ...(await registerClient(read(), deps)).client, clientId: 'dcr_gone' as ClientId };
    await expect(replaceClient(gone, read(), deps)).rejects.toMatchObject({ reason: 'client_has_gone' });
    expect(deps.clients.has('dcr_gone')).toBe(false);
  });
});
