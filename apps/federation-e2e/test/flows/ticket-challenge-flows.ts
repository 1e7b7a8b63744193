import { GRANT_TYPES, ticketChallenge, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import type { Answer } from '../support/raw-client.ts';
import type { Flow, FlowStage } from './flow.ts';

/** The dialect of seed 002, for clients that are marked for it at both servers. */
export const TICKET_CHALLENGE_FLOWS: readonly Flow[] = [
  {
    file: 'ticket-challenge',
    title: 'The ticket challenge (seed 002)',
    play: async (stage) => {
      const { client, quiet, say } = stage;
      const { asRo, gateway } = client.home;
      const { accessToken } = await quiet.signIn();
      say('The client is registered with `dialects: [ticket-challenge]` at both servers; for others `ticket_challenge` and `pushed_claims` are `invalid_request`. It asks without a token and gets a ticket:');
      const { ticket } = await client.challenge();
      say('The challenge is the hash of the whole ticket string. `resource` names the AS-RO (or its owner, as `mailto:`), `audience` the resource server, by identifier or registered name:');
      const exchanged = await challenged(stage, { accessToken, ticket, resource: asRo.issuer, audience: gateway.url });
      say('AS-RO hashes the ticket as it was presented, and compares `resource` with the resource server that the ticket was made for:');
      const granted = await push(stage, ticket, exchanged);
      say('The RPT opens the note:');
      await client.get(client.note(), `Bearer ${String(granted.body['access_token'])}`);
      say('A client that is shown the ticket of another resource server than it talks to names the one that it talks to, and gets nothing:');
      const relayed = await client.challenge();
      const other = await challenged(stage, { accessToken, ticket: relayed.ticket, resource: asRo.issuer, audience: 'https://rs.other.example' });
      await push(stage, relayed.ticket, other);
      say('The letter of the seed, `resource=RS API`, is no absolute URI (RFC 8693 2.1) and names no AS-RO:');
      await challenged(stage, { accessToken, ticket: relayed.ticket, resource: 'RS API' });
    },
  },
];

/** Seed 002 steps 3 to 5. */
async function challenged({ client }: FlowStage, named: { accessToken: string; ticket: string; resource: string; audience?: string }): Promise<Answer> {
  const { accessToken, ticket, resource, audience } = named;
  return client.post(`${client.abroad.asRqp.issuer}/token`, {
    grant_type: GRANT_TYPES.tokenExchange,
    requested_token_type: TOKEN_TYPE_URNS.jwt,
    subject_token: accessToken,
    subject_token_type: TOKEN_TYPE_URNS.accessToken,
    ticket_challenge: await ticketChallenge(ticket),
    resource,
    ...(audience === undefined ? {} : { audience }),
  });
}

/** Seed 002 steps 6 and 7. */
function push({ client }: FlowStage, ticket: string, { body }: Answer): Promise<Answer> {
  return client.post(`${client.home.asRo.issuer}/token`, { grant_type: GRANT_TYPES.umaTicket, ticket, pushed_claims: String(body['access_token']) });
}
