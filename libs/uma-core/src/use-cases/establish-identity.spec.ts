import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CONTEXT, GLOBEX, NOW, party, readToken, sign, type Party } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import type { AuthenticatedClient, ClientRegistration } from '../model/client-registration.ts';
import type { ClientId, Issuer, TokenId } from '../model/ids.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { JsonObject } from '../model/json.ts';
import { mintIdentityClaimsToken, type IdentityClaimsInput } from '../tokens/identity-claims-token.ts';
import type { PermissionTicket } from '../tokens/permission-ticket.ts';
import { ticketHash } from '../tokens/ticket-hash.ts';
import { TOKEN_TYPE_URNS } from '../wire/urns.ts';
import { establishIdentity, type IdentityEstablishing } from './establish-identity.ts';

const NONCE = 'uGZ1bVYq3sZ8b1m0oJcT5w';
/** The example of protocol.md 1.4 in the style of seed 002, and its hash. */
const TICKET = '016f84e8-f9b9-11e0-bd6f-0021cc6004de';
const CHALLENGE = 'Pn3swUIhNUiYFpJdpL67uuVdjcbI1CPRsm04Z-Q77_c';
const KEY = 'k'.repeat(43);
const OPEN = { mode: 'open', allow: [], deny: [] } as const;
let globex: Party;
let evil: Party;
beforeAll(async () => {
  globex = await party('globex-1');
  evil = await party('evil-1');
});

const ticket = (identity?: IdentityClaims): PermissionTicket => ({
  issuer: ACME,
  tokenId: 'jti' as TokenId,
  text: TICKET,
  nonce: NONCE,
  issuedAt: NOW,
  expiresAt: NOW + 300,
  context: { ...CONTEXT, process: { clientId: 'app' as ClientId, rounds: 1, deadline: NOW + 900, identity } },
});
const client = (method: AuthenticatedClient['method'] = 'client_secret_basic', id = 'app'): AuthenticatedClient => ({
  registration: { clientId: id as ClientId, grantTypes: [], scopes: [], redirectUris: [], requireResource: false },
  method,
});

const GATEWAY: ClientRegistration = {
  clientId: CONTEXT.resourceServer,
  clientName: 'RS API',
  grantTypes: [],
  scopes: [],
  redirectUris: [],
  requireResource: false,
  resourceServer: { identifier: 'https://rs.acme.example', baseUris: ['https://rs.acme.example'] },
};

/** globex.example names `issuer`; `failure` is thrown instead. Remembers what it was asked. */
function directory(issuer: string = GLOBEX, failure?: Error): IdentityEstablishing['directory'] & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    issuerFor: async ({ domain }, role) => {
      asked.push(`${role} ${domain}`);
      if (failure !== undefined) throw failure;
      return issuer as Issuer;
    },
    keysOf: (of) => {
      asked.push(`keys ${of}`);
      return globex.keys;
    },
  };
}
const deps = (changes: Partial<IdentityEstablishing> = {}): IdentityEstablishing => ({
  signatures: globex.signatures,
  clock: globex.clock,
  issuer: ACME,
  directory: directory(),
  clients: { find: async (id) => (id === CONTEXT.resourceServer ? GATEWAY : undefined) },
  identityTrust: OPEN,
  holderBinding: 'required',
  ...changes,
});
async function tokenOf(changes: Partial<IdentityClaimsInput> = {}, by: Party = globex): Promise<string> {
  const input = { issuer: GLOBEX, audience: ACME, email: 'bob@globex.example', clientId: 'app' as ClientId, actor: { ticketHash: await ticketHash(NONCE), issuer: ACME }, expiresAt: NOW + 120 };
  return (await mintIdentityClaimsToken({ ...input, ...changes }, by)).token;
}
/** A good token with other claims. */
const changed = async (changes: JsonObject): Promise<string> => sign(globex, 'uma-identity-claims+jwt', { ...(readToken(await tokenOf()).claims as JsonObject), ...changes });

const establish = (token: string, presenter: Partial<{ ticket: PermissionTicket; client: AuthenticatedClient; thumbprint: string }> = {}, parts: Partial<IdentityEstablishing> = {}, format: string = TOKEN_TYPE_URNS.jwt) =>
  establishIdentity({ token, format }, { ticket: ticket(), client: client(), thumbprint: undefined, ...presenter }, deps(parts));
const refused = (reason: string) => ({ outcome: 'refused', reason });
const curable = (reason: string) => ({ outcome: 'curable', reason });

describe('A claims token', () => {
  it('tells who the requesting party is', async () => {
    await expect(establish(await tokenOf({ acr: 'otp', claims: { department: 'sales' } }))).resolves.toMatchObject({
      outcome: 'identified',
      identity: { issuer: GLOBEX, email: 'bob@globex.example', clientId: 'app', acr: 'otp', claims: { department: 'sales' } },
    });
  });

  it('makes discovery be asked before its issuer’s keys are', async () => {
    const asking = directory();
    await establish(await tokenOf(), {}, { directory: asking });
    expect(asking.asked).toEqual(['requesting-party globex.example', `keys ${GLOBEX}`]);
  });

  it('in another format could be had in the right one', async () => {
    expect(await establish(await tokenOf(), {}, {}, TOKEN_TYPE_URNS.idToken)).toEqual(curable('claim_token_format'));
  });

  it.each([
    ['garbage', async () => 'garbage', curable('claim_token_malformed')],
    ['expired', async () => changed({ iat: NOW - 200, nbf: NOW - 200, exp: NOW - 100 }), curable('claim_token_expired')],
    ['of a key that is not known yet', async () => tokenOf({}, evil), curable('claim_token_unknown_key')],
    ['without a verified address', async () => changed({ email_verified: false }), curable('claim_token_email_unverified')],
    ['of another kind', async () => sign(globex, 'at+jwt', readToken(await tokenOf()).claims as JsonObject), refused('claim_token_wrong_typ')],
    ['A6 for another server', async () => tokenOf({ audience: GLOBEX }), refused('claim_token_wrong_audience')],
    ['A7 for another ticket', async () => tokenOf({ actor: { ticketHash: await ticketHash('another'), issuer: ACME } }), refused('claim_token_binding_mismatch')],
    ['A13 bound to the hash of something else', async () => changed({ act: { sub: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' } }), refused('claim_token_binding_mismatch')],
    ['A14 with two bindings', async () => changed({ ticket_challenge: 'x' }), refused('claim_token_mixed_binding')],
    ['A32 about two addresses at once', async () => changed({ sub: 'bob@globex.example@evil.example' }), refused('claim_token_bad_email')],
    ['A33 about another spelling of an address', async () => changed({ sub: 'bob@GLOBEX.example', email: 'bob@GLOBEX.example' }), refused('subject_not_an_email_address')],
  ])('%s ends as protocol.md 8.0 says', async (_what, token, expected) => {
    expect(await establish(await token())).toEqual(expected);
  });

  it('whose keys have the same id but are others is refused', async () => {
    const impostor = await party('globex-1');
    expect(await establish(await tokenOf({}, impostor))).toEqual(refused('claim_token_bad_signature'));
  });

  it('may name the owner of the ticket and nobody else in act.aud', async () => {
    const actor = { ticketHash: await ticketHash(NONCE), issuer: ACME };
    for (const audience of ['mailto:alice@acme.example', 'acct:alice@acme.example']) expect(await establish(await tokenOf({ actor: { ...actor, audience } }))).toMatchObject({ outcome: 'identified' });
    expect(await establish(await tokenOf({ actor: { ...actor, audience: 'mailto:anna@acme.example' } }))).toEqual(refused('claim_token_wrong_actor_audience'));
  });
});

describe('A30 The issuer and the e-mail domain', () => {
  it.each(['https://as.evil.example', `${GLOBEX}/`, `${GLOBEX}:8443`, 'https://AS.globex.example'])('the domain names %s: the token of another issuer is refused before its keys are looked at', async (named) => {
    const asking = directory(named);
    expect(await establish(await tokenOf(), {}, { directory: asking })).toEqual(refused('issuer_not_authoritative'));
    expect(asking.asked).toEqual(['requesting-party globex.example']);
  });

  it('an outage of the domain could pass: not refused', async () => {
    const down = directory(GLOBEX, new DiscoveryFailure('webfinger_timeout'));
    expect(await establish(await tokenOf(), {}, { directory: down })).toEqual(curable('claim_token_discovery_webfinger_timeout'));
  });

  it('A46 a used-up budget is 429', async () => {
    const spent = directory(GLOBEX, new DiscoveryFailure('discovery_budget'));
    await expect(establish(await tokenOf(), {}, { directory: spent })).rejects.toMatchObject({ status: 429 });
  });

  it('a bug stays a bug', async () => {
    await expect(establish(await tokenOf(), {}, { directory: directory(GLOBEX, new Error('bug')) })).rejects.toThrow('bug');
  });
});

describe('Decision D5', () => {
  it.each([
    [{ ...OPEN, deny: ['globex.example'] }],
    [{ ...OPEN, deny: [GLOBEX] }],
    [{ mode: 'allowlist', allow: [], deny: [] }],
    [{ mode: 'allowlist', allow: [GLOBEX], deny: ['globex.example'] }],
    [{ mode: 'allowlist', allow: ['globex.example'], deny: [GLOBEX] }],
  ] as const)('under %j globex is not even asked', async (identityTrust) => {
    const asking = directory();
    expect(await establish(await tokenOf(), {}, { identityTrust, directory: asking })).toEqual(refused('domain_not_trusted'));
    expect(asking.asked).toEqual([]);
  });

  it.each([[{ mode: 'allowlist', allow: ['globex.example'], deny: [] }], [{ mode: 'allowlist', allow: [GLOBEX], deny: [] }]] as const)('under %j it is heard', async (identityTrust) => {
    expect(await establish(await tokenOf(), {}, { identityTrust })).toMatchObject({ outcome: 'identified' });
  });
});

describe('Decision D3', () => {
  const HELD = { outcome: 'identified' };
  const STOLEN = refused('presenter_is_not_the_holder');
  it.each([
    ['the same key', KEY, KEY, client('none', 'other'), HELD],
    ['another key', KEY, 'x'.repeat(43), client('none'), STOLEN],
    ['no key', KEY, undefined, client('none'), STOLEN],
    ['a key where the token has none', undefined, KEY, client('none'), STOLEN],
    ['a bare client_id', undefined, undefined, client('none'), STOLEN],
    ['the authenticated client of the token', undefined, undefined, client('client_secret_basic'), HELD],
    ['the same, by post', undefined, undefined, client('client_secret_post'), HELD],
    ['another authenticated client', undefined, undefined, client('client_secret_basic', 'other'), STOLEN],
  ] as const)('required: %s', async (_who, bound, proven, presenter, expected) => {
    const token = await tokenOf(bound === undefined ? {} : { confirmationThumbprint: bound });
    const as = { client: presenter, ...(proven === undefined ? {} : { thumbprint: proven }) };
    expect(await establish(token, as)).toMatchObject(expected);
    // `optional` forgives a token that names no key; a key that it does name has to be proven (RFC 7800 3).
    expect(await establish(token, as, { holderBinding: 'optional' })).toMatchObject(bound === undefined ? HELD : expected);
  });
});

describe('A process that knows the requesting party already', () => {
  const known = (email: string) => ticket({ email } as IdentityClaims);
  it('hears the same one again', async () => {
    expect(await establish(await tokenOf(), { ticket: known('bob@globex.example') })).toMatchObject({ outcome: 'identified' });
  });

  it('ends when it is another one', async () => {
    expect(await establish(await tokenOf(), { ticket: known('carol@globex.example') })).toEqual(refused('requesting_party_changed'));
  });
});

describe('A14 The ticket-challenge dialect of seed 002', () => {
  const speaking = (dialects: ClientRegistration['dialects']): AuthenticatedClient => {
    const { registration, method } = client();
    return { registration: { ...registration, dialects }, method };
  };
  const marked = () => speaking(['ticket-challenge']);
  const challenged = (challenge: Partial<NonNullable<IdentityClaimsInput['challenge']>> = {}) =>
    tokenOf({ actor: undefined, challenge: { ticketChallenge: CHALLENGE, ...challenge } });

  it('is bound to the whole ticket string', async () => {
    expect(await establish(await challenged(), { client: marked() })).toMatchObject({ outcome: 'identified', identity: { email: 'bob@globex.example', claims: {} } });
    const other = { ...ticket(), text: `${TICKET}x` };
    expect(await establish(await challenged(), { client: marked(), ticket: other })).toEqual(refused('claim_token_binding_mismatch'));
  });

  it.each([
    ['not marked at all', undefined],
    ['marked for another dialect', ['uma-1']],
    ['marked for none', []],
  ] as const)('is not heard from a client that is %s', async (_who, dialects) => {
    expect(await establish(await challenged(), { client: speaking(dialects) })).toEqual(refused('claim_token_missing_act'));
  });

  it('is no other hash than that of the ticket string [C5]', async () => {
    for (const ticketChallenge of [await ticketHash(NONCE), `${CHALLENGE}=`, Buffer.from(CHALLENGE, 'base64url').toString('hex'), await ticketHash(''), TICKET, '']) {
      expect(await establish(await challenged({ ticketChallenge }), { client: marked() })).toEqual(refused('claim_token_binding_mismatch'));
    }
    for (const ticket_challenge of [[CHALLENGE], { 0: CHALLENGE }, 1, null, true]) {
      expect(await establish(await changed({ act: undefined, ticket_challenge } as unknown as JsonObject), { client: marked() })).toEqual(refused('claim_token_binding_mismatch'));
    }
  });

  it('is never tried on a token with act, whichever of the two is right [C5]', async () => {
    const act = { sub: await ticketHash(NONCE), iss: ACME };
    for (const both of [{ act, ticket_challenge: CHALLENGE }, { act, ticket_challenge: 'x' }, { act: { sub: CHALLENGE }, ticket_challenge: CHALLENGE }, { act: null, ticket_challenge: CHALLENGE }]) {
      expect(await establish(await changed(both), { client: marked() })).toEqual(refused('claim_token_mixed_binding'));
    }
  });

  it('leaves the rule of seed 003 to tokens with act', async () => {
    expect(await establish(await tokenOf(), { client: marked() })).toMatchObject({ outcome: 'identified' });
    expect(await establish(await tokenOf({ actor: { ticketHash: CHALLENGE, issuer: ACME } }), { client: marked() })).toEqual(refused('claim_token_binding_mismatch'));
    expect(await establish(await changed({ act: undefined } as unknown as JsonObject), { client: marked() })).toEqual(refused('claim_token_missing_act'));
  });

  it('may name the resource server of the ticket, by identifier or name, and no other', async () => {
    for (const resource of ['RS API', 'https://rs.acme.example']) {
      expect(await establish(await challenged({ resource }), { client: marked() })).toMatchObject({ outcome: 'identified' });
    }
    for (const resource of ['rs api', 'RS API ', 'https://rs.acme.example/', 'https://rs2.acme.example', CONTEXT.resourceServer, '']) {
      expect(await establish(await challenged({ resource }), { client: marked() })).toEqual(refused('claim_token_wrong_resource'));
    }
    const nobody = { find: async () => undefined };
    expect(await establish(await challenged({ resource: 'RS API' }), { client: marked() }, { clients: nobody })).toEqual(refused('claim_token_wrong_resource'));
    const ownResources = { clientId: CONTEXT.resourceServer, registration: { identifier: ACME, baseUris: [ACME] }, owner: 'postmaster@acme.example' };
    expect(await establish(await challenged({ resource: ACME }), { client: marked() }, { clients: nobody, ownResources })).toMatchObject({ outcome: 'identified' });
  });

  it('is for the holder that the token names (Decision D3)', async () => {
    const token = await tokenOf({ actor: undefined, challenge: { ticketChallenge: CHALLENGE }, confirmationThumbprint: KEY });
    const stranger: AuthenticatedClient = { registration: { ...marked().registration, clientId: 'other' as ClientId }, method: 'none' };
    expect(await establish(token, { client: stranger })).toEqual(refused('presenter_is_not_the_holder'));
    expect(await establish(token, { client: stranger, thumbprint: KEY })).toMatchObject({ outcome: 'identified' });
  });
});
