import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient, type Answer } from './support/raw-client.ts';

/** Every kind of token that the federation makes. */
type Kind = 'ticket' | 'RCT' | 'ICT' | 'RPT' | 'PAT' | 'access token' | 'ID token' | 'garbage';
const KINDS: readonly Kind[] = ['ticket', 'RCT', 'ICT', 'RPT', 'PAT', 'access token', 'ID token', 'garbage'];

let federation: FederationUnderTest;
let client: RawClient;
let tokens: Record<Kind, string>;

beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
  const { challenge, ict, accessToken, idToken } = await client.prepared();
  tokens = {
    ticket: challenge.ticket,
    RCT: challenge.resourceClaimsToken,
    ICT: ict,
    RPT: await client.rpt(),
    PAT: await client.pat(),
    'access token': accessToken,
    'ID token': idToken,
    garbage: 'eyJhbGciOiJub25lIn0.e30.',
  };
});
afterAll(() => federation.stop());

/** A place for a token: which kind belongs there, how a token is presented, and what a wrong one gets. */
interface Slot {
  readonly name: string;
  readonly belongs: Kind;
  readonly present: (token: string) => Promise<Answer>;
  readonly refusal: readonly (readonly [status: number, error: string | undefined])[];
}

const acme = () => federation.manifest.domains.acme;
const SLOTS: readonly Slot[] = [
  {
    name: 'RPT at the gateway',
    belongs: 'RPT',
    present: (token) => client.get(client.note(), `Bearer ${token}`),
    refusal: [[401, 'uma_authorization_required']],
  },
  {
    name: 'ticket at AS-RO',
    belongs: 'ticket',
    present: (token) => client.redeem(token, tokens.ICT),
    refusal: [[400, 'invalid_grant']],
  },
  {
    name: 'claim_token at AS-RO',
    belongs: 'ICT',
    // A fresh ticket each time: the wrong token alone decides. Even the right kind is bound to another ticket here.
    present: async (token) => client.redeem((await client.challenge()).ticket, token),
    refusal: [[403, 'request_denied'], [403, 'need_info']],
  },
  {
    name: 'subject_token (access_token) at AS-RqP',
    belongs: 'access token',
    present: (token) => client.exchange(token, tokens.RCT),
    refusal: [[400, 'invalid_request']],
  },
  {
    name: 'subject_token (id_token) at AS-RqP',
    belongs: 'ID token',
    present: (token) => client.exchange(token, tokens.RCT, { subject_token_type: TOKEN_TYPE_URNS.idToken }),
    refusal: [[400, 'invalid_request']],
  },
  {
    name: 'actor_token at AS-RqP',
    belongs: 'RCT',
    present: (token) => client.exchange(tokens['access token'], token),
    refusal: [[400, 'invalid_request'], [400, 'invalid_target']],
  },
  {
    name: 'PAT at the permission endpoint',
    belongs: 'PAT',
    present: (token) => client.json('POST', `${acme().asRo.issuer}/permission`, { resource_id: 'res_unknown', resource_scopes: [] }, token),
    refusal: [[401, 'invalid_token']],
  },
  {
    name: 'PAT at resource registration',
    belongs: 'PAT',
    present: (token) => client.json('GET', `${acme().asRo.issuer}/resource`, undefined, token),
    refusal: [[401, 'invalid_token']],
  },
  {
    name: 'PAT at introspection',
    belongs: 'PAT',
    present: (token) => client.post(`${acme().asRo.issuer}/introspect`, { token: tokens.RPT }, `Bearer ${token}`),
    refusal: [[401, 'invalid_token']],
  },
  {
    name: 'ID token at the owner API',
    // Bob's ID token is of another domain's provider: no kind belongs here, not even an ID token.
    belongs: 'garbage',
    present: (token) => client.json('GET', `${acme().ownerApi.url}/shares`, undefined, token),
    refusal: [[401, 'invalid_token']],
  },
];

describe('A3, A4, A5 Tokens in the wrong slot', () => {
  for (const slot of SLOTS) {
    it.each(KINDS.filter((kind) => kind !== slot.belongs || slot.name.startsWith('ID token')))(`A50 refuses a %s as ${slot.name}`, async (kind) => {
      const { status, body } = await slot.present(tokens[kind]);
      expect(slot.refusal).toContainEqual([status, body['error']]);
      expect(JSON.stringify(body['error_description'] ?? '')).not.toMatch(/eyJ|@/);
    });
  }

  it('A7 refuses an ICT that is bound to another ticket', async () => {
    const { status, body } = await client.redeem((await client.challenge()).ticket, tokens.ICT);
    expect([status, body['error']]).toEqual([403, 'request_denied']);
  });

  it('A88 refuses a token in the query of a protected resource and of the protection API', async () => {
    const atGateway = await client.get(`${client.note()}?access_token=${tokens.RPT}`);
    expect(atGateway.status).toBe(400);
    const atServer = await client.get(`${acme().asRo.issuer}/resource?access_token=${tokens.PAT}`);
    expect(atServer.status).toBe(400);
  });

  it('introspects everything but an RPT as inactive, without a reason', async () => {
    for (const kind of KINDS.filter((candidate) => candidate !== 'RPT')) {
      const { status, body } = await client.post(`${acme().asRo.issuer}/introspect`, { token: tokens[kind] }, `Bearer ${tokens.PAT}`);
      expect([status, body]).toEqual([200, { active: false }]);
    }
  });
});

describe('A28 An access token without uma_protection', () => {
  it('is refused with 403 insufficient_scope on every protection endpoint', async () => {
    const token = await client.pat('view');
    const { issuer } = acme().asRo;
    const answers = await Promise.all([
      client.json('POST', `${issuer}/permission`, { resource_id: 'x', resource_scopes: [] }, token),
      client.json('GET', `${issuer}/resource`, undefined, token),
      client.json('POST', `${issuer}/resource`, { resource_scopes: [] }, token),
      client.json('GET', `${issuer}/resource/res_x`, undefined, token),
      client.json('PUT', `${issuer}/resource/res_x`, { resource_scopes: [] }, token),
      client.json('DELETE', `${issuer}/resource/res_x`, undefined, token),
      client.post(`${issuer}/introspect`, { token: 'x' }, `Bearer ${token}`),
    ]);
    expect(answers.map(({ status, body }) => `${status} ${String(body['error'])}`)).toEqual(answers.map(() => '403 insufficient_scope'));
  });
});
