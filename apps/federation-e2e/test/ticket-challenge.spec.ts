import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUmaFetch, type TraceStep, type UmaFetchOptions } from '@uma-federation/uma-client';
import { GRANT_TYPES, ticketChallenge, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient } from './support/raw-client.ts';

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

describe('Seed 002 between two domains', () => {
  it('takes our own client to Alice’s note: challenge at AS-RqP, pushed_claims at AS-RO [C3, C4]', async () => {
    const steps: TraceStep[] = [];
    const answer = await bobsFetch('gateway', (step) => steps.push(step))(client.note());
    expect([answer.status, ((await answer.json()) as { owner: string }).owner]).toEqual([200, 'alice']);
    const sent = JSON.stringify(steps);
    expect(sent).toContain('ticket_challenge');
    expect(sent).toContain('pushed_claims');
    expect(sent).not.toContain('actor_token');
  });

  it('A1 gives nothing to a client that talks to another resource server than the ticket is for', async () => {
    await expect(bobsFetch('elsewhere', () => undefined)(client.note())).rejects.toThrow('request_denied');
  });

  it('A14 mixes with the ordinary dialect at neither server [T21]', async () => {
    const { challenge, ict, accessToken } = await client.prepared();
    const ticket_challenge = await ticketChallenge(challenge.ticket);
    const both = await client.exchange(accessToken, challenge.resourceClaimsToken, { ticket_challenge });
    expect([both.status, both.body['error']]).toEqual([400, 'invalid_request']);
    const pushedTwice = await client.redeem(challenge.ticket, ict, { pushed_claims: ict });
    expect([pushedTwice.status, pushedTwice.body['error']]).toEqual([400, 'invalid_request']);
    expect((await client.redeem(challenge.ticket, ict)).status).toBe(200);
  });

  it('is for clients that are marked for it: the public client is not', async () => {
    const { challenge, accessToken } = await client.prepared();
    const { clientId } = federation.manifest.clients.public;
    const form = {
      grant_type: GRANT_TYPES.tokenExchange,
      client_id: clientId,
      subject_token: accessToken,
      subject_token_type: TOKEN_TYPE_URNS.accessToken,
      ticket_challenge: await ticketChallenge(challenge.ticket),
      resource: client.home.asRo.issuer,
    };
    const refused = await federation.fetch(`${client.abroad.asRqp.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
    const redeemed = { grant_type: GRANT_TYPES.umaTicket, client_id: clientId, ticket: challenge.ticket, pushed_claims: 'x' };
    const pushed = await federation.fetch(`${client.home.asRo.issuer}/token`, { method: 'POST', body: new URLSearchParams(redeemed) });
    expect([pushed.status, ((await pushed.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
  });

  it('A11 vouches for nobody to a server that takes no tickets, though it is one', async () => {
    const { challenge, accessToken } = await client.prepared();
    for (const resource of [client.abroad.asRqp.issuer, client.home.identityProvider.issuer, client.home.gateway.url]) {
      const { status, body } = await client.post(`${client.abroad.asRqp.issuer}/token`, {
        grant_type: GRANT_TYPES.tokenExchange,
        subject_token: accessToken,
        subject_token_type: TOKEN_TYPE_URNS.accessToken,
        ticket_challenge: await ticketChallenge(challenge.ticket),
        resource,
      });
      expect([status, body['error']]).toEqual([400, 'invalid_target']);
    }
  });
});

/** Our client in the dialect. @param name what it is configured to call the gateway */
function bobsFetch(name: 'gateway' | 'elsewhere', onStep: (step: TraceStep) => void): typeof fetch {
  const { clients, domains } = federation.manifest;
  const { clientId, clientSecret } = clients.confidential;
  const { url } = domains.acme.gateway;
  const server = { origin: url, asUri: domains.acme.asRo.issuer, name: name === 'gateway' ? url : 'https://rs.other.example' };
  const options: UmaFetchOptions = {
    subjectToken: async () => ({ token: (await client.signIn()).accessToken, type: 'access_token' }),
    requestingPartyServer: { issuer: domains.globex.asRqp.issuer, clientId, clientSecret },
    resourceOwnerClient: () => ({ clientId, clientSecret }),
    trustedResourceServers: [server],
    dialect: 'ticket-challenge',
    fetch: federation.fetch,
    onStep,
  };
  return createUmaFetch(options);
}
