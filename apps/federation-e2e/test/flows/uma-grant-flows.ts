import { GRANT_TYPES } from '@uma-federation/uma-core';
import type { Flow, FlowStage } from './flow.ts';

/** The flows of UMA Grant and of the correlated authorization profile. */
export const UMA_GRANT_FLOWS: readonly Flow[] = [
  {
    file: 'correlated-authorization',
    title: 'Correlated authorization: the whole way (seed 003)',
    play: async ({ client, quiet, say }) => {
      const { accessToken } = await quiet.signIn();
      say('The client asks without a token and gets a ticket, and the resource claims token that is bound to it:');
      const challenge = await client.challenge();
      say('At home, the authorization server of Bob’s domain vouches for him. It never sees the ticket, only its hash:');
      const { body } = await client.exchange(accessToken, challenge.resourceClaimsToken);
      say('Alice’s authorization server looks up who may vouch for globex.example, verifies, and asks her shares. `resource` says whom the client talks to:');
      const granted = await client.redeem(challenge.ticket, String(body['access_token']), { resource: client.home.gateway.url });
      say('The RPT opens the note:');
      await client.get(client.note(), `Bearer ${String(granted.body['access_token'])}`);
    },
  },
  {
    file: 'need-info',
    title: 'need_info: claims are missing, the ticket changes',
    play: async ({ client, quiet, say }) => {
      const challenge = await quiet.challenge();
      say('A ticket without claims. The new ticket has another `jti` and the same nonce, so that an identity claims token for the first ticket fits it too:');
      const asked = await client.redeem(challenge.ticket);
      const { accessToken } = await quiet.signIn();
      const exchanged = await quiet.exchange(accessToken, String(asked.body['resource_claims_token']));
      say('With claims:');
      await client.redeem(String(asked.body['ticket']), String(exchanged.body['access_token']));
      say('A ticket that was presented is dead, whatever came of it:');
      await client.redeem(challenge.ticket, String(exchanged.body['access_token']));
    },
  },
  {
    file: 'request-submitted',
    title: 'request_submitted: the owner is asked',
    play: async (stage) => {
      const { client, federation, quiet, say } = stage;
      const note = client.note('2');
      // Owners see old requests too, and what others did before on the same federation is not on the page.
      await federation.query('acme', 'delete from as_ro.authorization_request');
      const share = await quiet.share({ email: 'bob@globex.example' }, note, { ask: true });
      const { challenge, ict } = await quiet.prepared('bob@globex.example', note);
      say('Alice’s share says `{"ask": true}`. Bob’s client is told to come back:');
      const submitted = await client.redeem(challenge.ticket, ict);
      const { idToken } = await quiet.signIn('alice@acme.example');
      say('Alice sees who asks for what, by her ID token:');
      const listed = await client.json('GET', `${client.home.ownerApi.url}/requests`, undefined, idToken);
      const [request] = listed.body['requests'] as { id: string }[];
      say('The client is impatient: the interval doubles. The ticket changes each time:');
      const again = await client.redeem(String(submitted.body['ticket']));
      say('Alice says yes. That is a share with Bob:');
      await client.json('POST', `${client.home.ownerApi.url}/requests/${request?.id}/approve`, {}, idToken);
      say('The next time there is an RPT; no claims token is needed again, the process knows who Bob is:');
      await client.redeem(String(again.body['ticket']));
      await share.end();
      await quiet.endShares('bob@globex.example', note);
    },
  },
  {
    file: 'persisted-claims',
    title: 'Persisted claims: the same questions are not asked twice',
    play: async ({ client, quiet, say }) => {
      const url = `${client.home.asRo.issuer}/persisted-claims`;
      // What others did before on the same federation is not on the page.
      await quiet.json('DELETE', url, undefined, await quiet.rpt('bob@globex.example', url));
      const { challenge, ict } = await quiet.prepared();
      say('A PCT comes with the RPT:');
      const { body } = await client.redeem(challenge.ticket, ict);
      const next = await quiet.challenge();
      say('Later, for whatever resource of whatever owner here, the same client needs no claims token:');
      await client.redeem(next.ticket, undefined, { pct: String(body['pct']) });
      say('What is remembered is for the person to see. AS-RO protects that by UMA itself, so anybody whom a domain vouches for can ask:');
      const own = await client.challenge(url);
      const { accessToken } = await quiet.signIn();
      const exchanged = await quiet.exchange(accessToken, own.resourceClaimsToken);
      const granted = await quiet.redeem(own.ticket, String(exchanged.body['access_token']));
      const rpt = String(granted.body['access_token']);
      say('With the RPT of that flow:');
      await client.get(url, `Bearer ${rpt}`);
      say('And to erase:');
      await client.json('DELETE', url, undefined, rpt);
      const after = await quiet.challenge();
      say('A PCT that is not honoured any more is as good as none:');
      await client.redeem(after.ticket, undefined, { pct: String(body['pct']) });
    },
  },
  {
    file: 'rpt-upgrade',
    title: 'Upgrading an RPT',
    play: async ({ client, quiet, say }) => {
      const note = client.note('2');
      const share = await quiet.share({ email: 'bob@globex.example' }, note);
      const rpt = await quiet.rpt();
      say('The client holds an RPT for Alice’s first note and shows it where it asks for the second. That is answered as if there were no token:');
      const challenge = await client.challenge(note, `Bearer ${rpt}`);
      const { accessToken } = await quiet.signIn();
      const exchanged = await quiet.exchange(accessToken, challenge.resourceClaimsToken);
      say('It sends the RPT along. Its permissions are assessed again and are in the new one; the old one has ended:');
      await client.redeem(challenge.ticket, String(exchanged.body['access_token']), { rpt });
      await share.end();
    },
  },
  {
    file: 'refresh-and-revocation',
    title: 'Refreshing and revoking',
    play: async ({ client, quiet, say }) => {
      const { challenge, ict } = await quiet.prepared();
      const granted = await quiet.redeem(challenge.ticket, ict);
      const token = (refresh_token: unknown, changes = {}) => client.post(`${client.home.asRo.issuer}/token`, { grant_type: GRANT_TYPES.refreshToken, refresh_token: String(refresh_token), ...changes });
      say('Where a setting allows refresh tokens, one comes with the RPT. Refreshing makes no authorization assessment; `scope` may narrow:');
      const refreshed = await token(granted.body['refresh_token'], { scope: 'view' });
      say('The client is done and says so. The RPTs that came of the refresh token end with it, and resource servers hear of them by the revocation feed:');
      await client.post(`${client.home.asRo.issuer}/revoke`, { token: String(refreshed.body['refresh_token']), token_type_hint: 'refresh_token' });
      const pat = await quiet.pat();
      await client.post(`${client.home.asRo.issuer}/introspect`, { token: String(refreshed.body['access_token']) }, `Bearer ${pat}`);
    },
  },
  { file: 'step-up', title: 'Step-up: Alice wants a second factor (seed 000, pushed)', play: playStepUp },
  { file: 'anyone', title: 'A share with anyone at all', play: playAnyone },
];

async function playAnyone({ client, quiet, say }: FlowStage): Promise<void> {
  const note = client.note('2');
  const share = await quiet.share({ anyone: true, unidentified: true }, note);
  const challenge = await quiet.challenge(note);
  say('Alice shares with `{"anyone": true, "unidentified": true}`: no claims are needed, and the RPT is about the client:');
  const { body } = await client.redeem(challenge.ticket);
  say('The API behind the gateway is told of no person:');
  await client.get(note, `Bearer ${String(body['access_token'])}`);
  await share.end();
}

async function playStepUp({ client, quiet, say }: FlowStage): Promise<void> {
  const acr = 'urn:uma-federation:acr:otp';
  const note = client.note('2');
  const share = await quiet.share({ email: 'bob@globex.example' }, note, { acr_values: [acr], max_age: 300 });
  const { challenge, ict } = await quiet.prepared('bob@globex.example', note);
  say('Alice’s share says `{"acr_values": ["urn:uma-federation:acr:otp"], "max_age": 300}`. Bob has signed in with a password:');
  const asked = await client.redeem(challenge.ticket, ict);
  const stronger = await quiet.signIn('bob@globex.example', { otp: '000000', acr_values: acr });
  say('Bob signs in again at home, with a second factor. The exchange takes the fresh resource claims token:');
  const exchanged = await client.exchange(stronger.accessToken, String(asked.body['resource_claims_token']));
  say('With the new ticket; the RPT records how Bob signed in:');
  await client.redeem(String(asked.body['ticket']), String(exchanged.body['access_token']));
  await share.end();
}
