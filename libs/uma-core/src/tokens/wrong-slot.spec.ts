import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CLIENT, CONTEXT, GLOBEX, NOW, party, type Party, PROVIDER, sign } from '../../test/token-support.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { readClientAssertion, verifyClientAssertion } from './client-assertion.ts';
import { generateDpopKey } from './dpop-key.ts';
import { mintDpopProof, verifyDpopProof } from './dpop-proof.ts';
import { mintIdentityClaimsToken, verifyIdentityClaimsToken } from './identity-claims-token.ts';
import { mintPermissionTicket, verifyPermissionTicket } from './permission-ticket.ts';
import { mintAccessToken, verifyAccessToken } from './protection-api-token.ts';
import { mintRequestingPartyToken, verifyRequestingPartyToken } from './requesting-party-token.ts';
import { mintResourceClaimsToken, verifyResourceClaimsToken } from './resource-claims-token.ts';
import { verifySubjectAccessToken, verifySubjectIdToken } from './subject-token.ts';
import { ticketHash } from './ticket-hash.ts';

const KINDS = [
  'permission ticket',
  'resource claims token',
  'identity claims token',
  'requesting party token',
  'protection API token',
  'subject access token',
  'ID token',
  'DPoP proof',
  'client assertion',
] as const;
type Kind = (typeof KINDS)[number];

/** The worst case: one key signs every kind, and issuers and audiences are set so that only the kind itself can tell tokens apart. */
describe('A4 A50 the wrong-slot matrix', () => {
  let one: Party;
  let tokens: Readonly<Record<Kind, string>>;
  let verifiers: Readonly<Record<Kind, (token: string) => Promise<unknown>>>;

  beforeAll(async () => {
    one = await party('one');
    const { token: permissionTicket, nonce, expiresAt } = await mintPermissionTicket({ issuer: ACME, context: CONTEXT, lifetimeSeconds: 300 }, one);
    const hash = await ticketHash(nonce);
    const email = 'bob@globex.example';
    const identity = { issuer: ACME, audience: ACME, email, clientId: CLIENT, actor: { ticketHash: hash, issuer: ACME }, expiresAt };
    const rpt = { issuer: ACME, audience: ACME, subject: email, clientId: CLIENT, permissions: CONTEXT.permissions, lifetimeSeconds: 600 };
    const pat = { issuer: ACME, audience: ACME, subject: CLIENT, clientId: CLIENT, scope: 'uma_protection', lifetimeSeconds: 600 };
    const person = { iss: ACME, sub: email, iat: NOW, exp: NOW + 60, email, email_verified: true, client_id: CLIENT };
    const request = { method: 'POST', url: `${ACME}/token` };
    tokens = {
      'permission ticket': permissionTicket,
      'resource claims token': (await mintResourceClaimsToken({ issuer: ACME, resourceUri: ACME, nonce, expiresAt }, one)).token,
      'identity claims token': (await mintIdentityClaimsToken(identity, one)).token,
      'requesting party token': (await mintRequestingPartyToken(rpt, one)).token,
      'protection API token': (await mintAccessToken(pat, one)).token,
      'subject access token': await sign(one, 'at+jwt', { ...person, aud: ACME, jti: 'at-1' }),
      'ID token': await sign(one, 'JWT', { ...person, aud: CLIENT }),
      'DPoP proof': await mintDpopProof(request, { ...one, key: await generateDpopKey() }),
      'client assertion': await sign(one, 'client-authentication+jwt', { iss: CLIENT, sub: CLIENT, aud: ACME, iat: NOW, exp: NOW + 60, jti: 'assertion-1', client_id: CLIENT, email, email_verified: true }),
    };
    const own = { issuer: ACME, audience: ACME, keys: one.keys };
    verifiers = {
      'permission ticket': (token) => verifyPermissionTicket(token, own, one),
      'resource claims token': (token) => verifyResourceClaimsToken(token, { keysOf: () => one.keys, issuerRules: { allowLoopback: false } }, one),
      'identity claims token': (token) => verifyIdentityClaimsToken(token, { ...own, ticketHash: hash }, one),
      'requesting party token': (token) => verifyRequestingPartyToken(token, own, one),
      'protection API token': (token) => verifyAccessToken(token, own, one),
      'subject access token': (token) => verifySubjectAccessToken(token, own, one),
      'ID token': (token) => verifySubjectIdToken(token, { issuer: ACME, clientId: CLIENT, keys: one.keys }, one),
      'DPoP proof': (token) => verifyDpopProof(token, request, one),
      'client assertion': async (token) => verifyClientAssertion(readClientAssertion(token), own, one),
    };
  });

  it.each(KINDS)('takes a %s in its own slot', async (kind) => {
    await expect(verifiers[kind](tokens[kind])).resolves.toBeDefined();
  });

  // An RPT or PAT that AS-RqP's own provider key had signed would be an access token of that provider: RFC 9068 leaves
  // further claims open. Issuer and audience tell them apart, because a provider is configured and never is an AS-RO.
  const sameKind = (kind: Kind, slot: Kind): boolean =>
    slot === 'subject access token' && (kind === 'requesting party token' || kind === 'protection API token');
  const pairs = KINDS.flatMap((kind) => KINDS.filter((slot) => slot !== kind && !sameKind(kind, slot)).map((slot) => [kind, slot] as const));

  it.each(pairs)('A50 refuses a %s as %s', async (kind, slot) => {
    await expect(verifiers[slot](tokens[kind])).rejects.toBeInstanceOf(TokenFault);
  });

  it('A5 A50 refuses RPTs and PATs as access tokens of an identity provider by issuer and audience', async () => {
    for (const kind of ['requesting party token', 'protection API token'] as const) {
      const verify = (expected: { issuer: string; audience: string }) => verifySubjectAccessToken(tokens[kind], { ...expected, keys: one.keys }, one);
      await expect(verify({ issuer: PROVIDER, audience: ACME })).rejects.toMatchObject({ reason: 'wrong_issuer' });
      await expect(verify({ issuer: ACME, audience: GLOBEX })).rejects.toMatchObject({ reason: 'wrong_audience' });
    }
  });
});
