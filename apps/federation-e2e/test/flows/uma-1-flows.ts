import { parseUmaChallenge } from '@uma-federation/uma-core';
import type { Flow, FlowStage } from './flow.ts';

/** Draft 07 of UMA 1.0 (seeds 001 and 004), for clients and resource servers that are marked for it. */
export const UMA_1_FLOWS: readonly Flow[] = [
  {
    file: 'uma-1',
    title: 'UMA 1.0, draft 07 (seeds 001 and 004)',
    play: async (stage) => {
      const { client, quiet, say } = stage;
      const { asRo, gateway } = client.home;
      const note = `${gateway.url}/shelves/archive/alice/1`;
      const share = await quiet.share({ email: 'bob@globex.example' }, note);
      const api = `${asRo.issuer}/uma-1`;
      say('AS-RO says `uma1: { enabled: true, version: draft-07 }`; client and gateway are registered with `dialects: [uma-1]`, and the route says `legacy: draft-07`. Where everything is:');
      await client.get(`${asRo.issuer}/.well-known/uma-configuration`);
      say('Without a token the gateway points to the authorization server. There is no ticket yet:');
      await client.get(note);
      say('For an RPT the client needs an authorization API token (AAT). Asking without one leads to it, by the ordinary correlated flow; the AAT is an RPT of UMA 2.0 for AS-RO’s own resource:');
      const aat = await authorizationApiToken(stage, `${api}/rpt`);
      say('With it, an RPT without permissions:');
      const issued = await client.json('POST', `${api}/rpt`, undefined, aat);
      const rpt = String(issued.body['rpt']);
      say('Valid and not enough: 403, with the ticket in the body:');
      const refused = await client.get(note, `Bearer ${rpt}`);
      say('The ticket adds a permission to the same RPT:');
      const { ticket } = refused.body;
      await client.json('POST', `${api}/authorization`, { rpt, ticket }, aat);
      say('The RPT opens the note:');
      await client.get(note, `Bearer ${rpt}`);
      say('Tickets are used up when they are presented, here too:');
      await client.json('POST', `${api}/authorization`, { rpt, ticket }, aat);
      await share.end();
      say('When the owner takes the share back, the permission is gone at once; the RPT is not:');
      const again = await client.get(note, `Bearer ${rpt}`);
      await client.json('POST', `${api}/authorization`, { rpt, ticket: again.body['ticket'] }, aat);
    },
  },
];

async function authorizationApiToken({ client, quiet, recorder }: FlowStage, url: string): Promise<string> {
  const { headers } = await recorder.fetch(url, { method: 'POST' });
  const { ticket = '', resourceClaimsToken = '' } = parseUmaChallenge(headers.get('www-authenticate') ?? '') ?? {};
  const { accessToken } = await quiet.signIn();
  const exchanged = await client.exchange(accessToken, resourceClaimsToken);
  const granted = await client.redeem(ticket, String(exchanged.body['access_token']));
  return String(granted.body['access_token']);
}
