import { describe, expect, it } from '@jest/globals';
import { randomness } from '../test/fake-issuer.ts';
import { beginClaimsInteraction, finishClaimsInteraction } from './claims-interaction.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import type { NeedInfo } from './uma-error.ts';

const server: AuthorizationServer = {
  issuer: 'https://as.acme.example',
  tokenEndpoint: new URL('https://as.acme.example/token'),
  authenticationMethods: [],
  namesItselfInRedirects: true,
};
const missing: NeedInfo = {
  issuer: server.issuer,
  ticket: 'ticket-2',
  requiredClaims: [],
  acrValues: [],
  redirectUser: 'https://as.acme.example/uma/claims?txn=1',
};
const client = { clientId: 'app', redirectUri: 'http://127.0.0.1:5000/claims' };
const begin = (changed: Partial<NeedInfo> = {}, at = server) => beginClaimsInteraction({ ...missing, ...changed }, client, at, randomness);
const code = (value: string) => expect.objectContaining({ code: value });

describe('Gathering claims in a browser', () => {
  it('sends the person with ticket, client, redirect URI and an unguessable state [G50]', () => {
    const first = begin();
    const url = new URL(first.url);
    expect(Object.fromEntries(url.searchParams)).toEqual({ txn: '1', client_id: 'app', ticket: 'ticket-2', claims_redirect_uri: client.redirectUri, state: first.state });
    expect(first.state).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(begin().state).not.toBe(first.state);
  });

  it('takes the next ticket from the redirect and ignores parameters it does not know [G21]', () => {
    const { state, ...rest } = begin();
    const redirectedTo = `${client.redirectUri}?ticket=ticket-3&state=${state}&iss=${encodeURIComponent(server.issuer)}&foo=1`;
    expect(finishClaimsInteraction({ state, ...rest }, redirectedTo)).toBe('ticket-3');
  });

  it('refuses a ticket that did not change [G60], and an error', () => {
    const interaction = begin();
    const back = `${client.redirectUri}?state=${interaction.state}&iss=${encodeURIComponent(server.issuer)}`;
    expect(() => finishClaimsInteraction(interaction, `${back}&ticket=ticket-2`)).toThrow(code('ticket_unchanged'));
    expect(() => finishClaimsInteraction(interaction, `${back}&error=access_denied&ticket=ticket-3`)).toThrow(
      expect.objectContaining({ code: 'interaction_refused', oauthError: 'access_denied' }),
    );
    expect(() => finishClaimsInteraction(interaction, back)).toThrow(code('malformed_answer'));
  });
});

describe('A9 Malicious AS relays interactive gathering', () => {
  it.each(['https://as2.example/uma/claims?txn=1', 'https://as.acme.example:8443/uma/claims', 'https://as.acme.example.evil.example/'])(
    'does not send the person to another server: %s',
    (redirectUser) => {
      expect(() => begin({ redirectUser })).toThrow(code('interaction_mismatch'));
    },
  );

  it.each(['http://as.acme.example/uma/claims', 'javascript:alert(1)', 'https://user@as.acme.example/', undefined])('does not send the person to %s', (redirectUser) => {
    expect(() => begin({ redirectUser })).toThrow(code('insecure_url'));
  });

  it('ends with an error when the redirect back names another issuer than the one kept with the state', () => {
    const interaction = begin();
    const back = `${client.redirectUri}?ticket=ticket-3&state=${interaction.state}`;
    expect(() => finishClaimsInteraction(interaction, `${back}&iss=https%3A%2F%2Fas2.example`)).toThrow(code('interaction_mismatch'));
    expect(() => finishClaimsInteraction(interaction, back)).toThrow(code('interaction_mismatch'));
    const older = begin({}, { ...server, namesItselfInRedirects: false });
    expect(finishClaimsInteraction(older, `${client.redirectUri}?ticket=ticket-3&state=${older.state}`)).toBe('ticket-3');
  });
});

describe('A60 Client-side CSRF', () => {
  const iss = `iss=${encodeURIComponent(server.issuer)}`;
  it.each([
    ['without state', `?ticket=ticket-3&${iss}`],
    ['with an empty state', `?ticket=ticket-3&state=&${iss}`],
    ['with another state', `?ticket=ticket-3&state=${'A'.repeat(43)}&${iss}`],
  ])('is an error: a redirect %s [G51] [G52]', (_name, query) => {
    expect(() => finishClaimsInteraction(begin(), `${client.redirectUri}${query}`)).toThrow(code('interaction_mismatch'));
  });

  it('is an error: a state given twice, or another redirect URI [G49]', () => {
    const interaction = begin();
    const query = `?ticket=ticket-3&state=${interaction.state}&${iss}`;
    expect(() => finishClaimsInteraction(interaction, `${client.redirectUri}${query}&state=x`)).toThrow(code('interaction_mismatch'));
    for (const uri of ['http://127.0.0.1:5000/other', 'http://127.0.0.1:5001/claims', 'nonsense']) {
      expect(() => finishClaimsInteraction(interaction, `${uri}${query}`)).toThrow(code('interaction_mismatch'));
    }
    expect(finishClaimsInteraction(interaction, `${client.redirectUri}${query}`)).toBe('ticket-3');
  });
});
