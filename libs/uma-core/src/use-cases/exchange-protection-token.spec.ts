import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ACME, NOW, party, PROVIDER, readToken, type Party } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient, ClientRegistration } from '../model/client-registration.ts';
import type { ClientId, ConsentId } from '../model/ids.ts';
import type { ProtectionRefreshToken, ProtectionRefreshTokens } from '../ports/protection-refresh-tokens.ts';
import type { SubjectClaims } from '../ports/subject-tokens.ts';
import { GRANT_TYPES } from '../wire/urns.ts';
import { exchangeProtectionToken, refreshProtectionToken, type PersonalProtectionTokens } from './exchange-protection-token.ts';

const ALICE = 'alice@acme.example';
const CONSENT = 'cns_1' as ConsentId;
const RS: ClientRegistration = {
  clientId: 'photos' as ClientId,
  grantTypes: [GRANT_TYPES.tokenExchange, GRANT_TYPES.refreshToken],
  scopes: ['uma_protection'],
  redirectUris: [],
  requireResource: false,
  resourceServer: { identifier: 'https://photos.example', baseUris: ['https://photos.example'], providerClientId: 'photos-at-id' },
};
const SUBJECT: SubjectClaims = { issuer: PROVIDER, subject: 'user-1', email: 'Alice@ACME.example', emailVerified: true, clientId: 'photos-at-id', expiresAt: NOW + 300 };
const INVALID_REQUEST = { status: 400, error: 'invalid_request' };

let acme: Party;
beforeAll(async () => {
  acme = await party('acme-1');
});

/** What was asked of the ports. */
interface Seen {
  readonly verified: unknown[];
  readonly used: unknown[];
  readonly kept: ProtectionRefreshToken[];
  readonly rotated: unknown[];
}

function world(subject: Partial<SubjectClaims> | Error = {}, { ended = false, rotation }: { ended?: boolean; rotation?: Awaited<ReturnType<ProtectionRefreshTokens['rotate']>> } = {}): PersonalProtectionTokens & { seen: Seen } {
  const seen: Seen = { verified: [], used: [], kept: [], rotated: [] };
  return {
    ...acme,
    seen,
    issuer: ACME,
    servedDomains: ['acme.example'],
    lifetimeSeconds: 600,
    refreshLifetimeSeconds: 1000,
    subjectTokens: {
      verify: async (...parameters) => {
        seen.verified.push(parameters);
        if (subject instanceof Error) throw subject;
        return { ...SUBJECT, ...subject };
      },
    },
    consents: {
      use: async (consent) => {
        seen.used.push(consent);
        return ended ? undefined : CONSENT;
      },
      holds: async () => true,
      listByOwner: async () => [],
      end: async () => true,
      allow: async () => undefined,
    },
    refreshTokens: {
      keep: async (token) => void seen.kept.push(token),
      rotate: async (...parameters) => {
        seen.rotated.push(parameters);
        return rotation;
      },
      revoke: async () => 'unknown',
    },
  };
}
const client = (changes: Partial<ClientRegistration> = {}, method: AuthenticatedClient['method'] = 'client_secret_basic'): AuthenticatedClient => ({ registration: { ...RS, ...changes }, method });
const exchange = (deps: PersonalProtectionTokens, by = client(), thumbprint?: string) => exchangeProtectionToken({ subjectToken: 'token', subjectTokenType: 'id_token' }, by, thumbprint, deps);
const sha256 = (text: string | undefined): string => createHash('sha256').update(String(text)).digest('base64url');

describe('Exchanging an owner’s token for a PAT', () => {
  it('binds the PAT to owner, RS, this server and the consent [F4, F5]', async () => {
    const deps = world();
    const pat = await exchange(deps);
    expect(pat).toEqual({ token: expect.any(String), expiresIn: 600, tokenType: 'Bearer', refreshToken: expect.stringMatching(/^urp_[A-Za-z0-9_-]{43}$/) });
    expect(readToken(pat.token).claims).toMatchObject({ iss: ACME, aud: ACME, sub: 'Alice@acme.example', client_id: 'photos', scope: 'uma_protection', consent: CONSENT, exp: NOW + 600 });
    expect(deps.seen.verified).toEqual([['token', 'id_token', 'photos-at-id']]);
    expect(deps.seen.used).toEqual([{ owner: 'Alice@acme.example', resourceServer: 'photos', fresh: expect.stringMatching(/^cns_[A-Za-z0-9_-]{22}$/), now: NOW }]);
    expect(deps.seen.kept).toEqual([{ hash: sha256(pat.refreshToken), resourceServer: 'photos', consent: CONSENT, expiresAt: NOW + 1000 }]);
  });

  it('binds it to the proven key, and keeps no refresh token for an RS that may not refresh', async () => {
    const deps = world({ confirmationThumbprint: 'k'.repeat(43) });
    const pat = await exchange(deps, client({ grantTypes: [GRANT_TYPES.tokenExchange] }), 'k'.repeat(43));
    expect({ ...pat, cnf: readToken(pat.token).claims['cnf'] }).toEqual({ token: pat.token, expiresIn: 600, tokenType: 'DPoP', cnf: { jkt: 'k'.repeat(43) } });
    expect(deps.seen.kept).toEqual([]);
  });

  it.each<[string, Partial<SubjectClaims> | Error]>([
    ['of another client [T7]', { clientId: 'photos' }],
    ['without an address [T8]', { email: undefined }],
    ['of an address that is not verified [T8]', { emailVerified: false }],
    ['of another domain [T8]', { email: 'alice@globex.example' }],
    ['of a key that was not proven', { confirmationThumbprint: 'k'.repeat(43) }],
    ['that somebody else may act with [A53]', { mayAct: { client_id: 'other' } }],
    ['that an authorization server may act with, which asks for nothing here [A53]', { mayAct: { iss: ACME } }],
    ['that is not valid [T6]', new TokenFault('expired')],
    ['whose issuer’s keys cannot be had', new DiscoveryFailure('peer_timeout')],
  ])('refuses a token %s before the owner is taken to have consented', async (_what, subject) => {
    const deps = world(subject);
    await expect(exchange(deps)).rejects.toMatchObject(INVALID_REQUEST);
    expect(deps.seen).toMatchObject({ used: [], kept: [] });
  });

  it('refuses what the owner has ended (RFC 8693 2.2.2 "unacceptable based on policy")', async () => {
    const deps = world({}, { ended: true });
    await expect(exchange(deps)).rejects.toMatchObject({ ...INVALID_REQUEST, reason: 'owner_has_ended_the_consent' });
    expect(deps.seen.kept).toEqual([]);
  });

  it.each<[string, AuthenticatedClient, string]>([
    ['is public', client({}, 'none'), 'unauthorized_client'],
    ['is no resource server', client({ resourceServer: undefined }), 'unauthorized_client'],
    ['may not have the scope', client({ scopes: [] }), 'invalid_scope'],
  ])('looks at no token of a client that %s', async (_what, by, error) => {
    const deps = world({}, { rotation: { owner: ALICE, consent: CONSENT } });
    await expect(exchange(deps, by)).rejects.toMatchObject({ error });
    await expect(refreshProtectionToken('urp_x', by, undefined, deps)).rejects.toMatchObject({ error });
    expect(deps.seen).toMatchObject({ verified: [], rotated: [] });
  });
});

describe('Refreshing a PAT', () => {
  it('gives the next PAT of the consent’s owner and the next refresh token; the store sees hashes', async () => {
    const deps = world({}, { rotation: { owner: ALICE, consent: CONSENT } });
    const pat = await refreshProtectionToken('urp_first', client(), 'k'.repeat(43), deps);
    expect(readToken(pat.token).claims).toMatchObject({ sub: ALICE, client_id: 'photos', consent: CONSENT, cnf: { jkt: 'k'.repeat(43) } });
    expect(deps.seen.rotated).toEqual([[{ hash: sha256('urp_first'), resourceServer: 'photos', now: NOW }, { hash: sha256(pat.refreshToken), expiresAt: NOW + 1000 }]]);
  });

  it.each([[undefined, 'refresh_token_unknown'], ['reused' as const, 'refresh_token_reused']])('is invalid_grant when the store says %s; only the log knows which', async (rotation, reason) => {
    await expect(refreshProtectionToken('urp_x', client(), undefined, world({}, { rotation }))).rejects.toMatchObject({ status: 400, error: 'invalid_grant', reason });
  });
});
