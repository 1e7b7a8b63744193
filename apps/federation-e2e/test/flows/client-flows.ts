import { GRANT_TYPES } from '@uma-federation/uma-core';
import type { Flow, FlowStage } from './flow.ts';

/** How clients become known. */
export const CLIENT_FLOWS: readonly Flow[] = [{ file: 'client-registration', title: 'A client registers itself', play: playRegistration }];

async function playRegistration({ client, quiet, say, recorder }: FlowStage): Promise<void> {
  const { asRo } = client.home;
  const metadata = {
    client_name: 'Reader',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [GRANT_TYPES.umaTicket],
    claims_redirect_uris: ['https://reader.example/claims'],
  };
  const send = (method: string, url: string, body?: object, token?: string) =>
    recorder.fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  say('Where the setting is open, anybody may register a client for the uma-ticket grant (RFC 7591):');
  const registered = (await (await send('POST', `${asRo.issuer}/register`, metadata)).json()) as Record<string, string>;
  const { registration_client_uri: uri = '', registration_access_token: token = '', client_id: id = '', client_secret: secret = '' } = registered;
  const { ticket } = await quiet.challenge();
  say('It can use its credentials at once; what it is given is up to the owner’s shares, as for every client:');
  await client.post(`${asRo.issuer}/token`, { grant_type: GRANT_TYPES.umaTicket, ticket, resource: client.home.gateway.url }, `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
  say('It manages its registration with the token that it got (RFC 7592):');
  await send('GET', uri, undefined, token);
  await send('DELETE', uri, undefined, token);
  say('Then it is unknown:');
  await send('GET', uri, undefined, token);
}
