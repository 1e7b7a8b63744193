import { encodeBase64Url, equalInConstantTime } from '@uma-federation/uma-core';
import type { Randomness } from '@uma-federation/uma-core';
import { endpointUrl } from './endpoint-url.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { UmaError, type NeedInfo } from './uma-error.ts';

/** An interaction that was started: where the person goes, and what their return must match. */
export interface ClaimsInteraction {
  readonly url: string;
  readonly state: string;
  readonly redirectUri: string;
  /** The ticket that went along; the one that comes back must differ. */
  readonly ticket: string;
  /** The server that the person was sent to, kept per state (RFC 9700 4.4: mix-up defence). */
  readonly server: AuthorizationServer;
}

/**
 * Starts the gathering of claims in a browser (UMA Grant 3.3.2). `state` is 256 random bits (G49, G50) without meaning (G53).
 * @throws UmaError `interaction_mismatch` when `redirect_user` leads to another origin than the issuer's (A9: a malicious
 *   server sends the person into an interaction of another one), `insecure_url` as `endpointUrl`
 */
export function beginClaimsInteraction(
  { redirectUser, ticket }: NeedInfo,
  client: { readonly clientId: string; readonly redirectUri: string },
  server: AuthorizationServer,
  randomness: Randomness,
): ClaimsInteraction {
  const url = endpointUrl(redirectUser, server.issuer);
  if (url.origin !== new URL(server.issuer).origin) throw new UmaError('interaction_mismatch', { step: 8 });
  const state = encodeBase64Url(randomness.bytes(32));
  url.searchParams.set('client_id', client.clientId);
  url.searchParams.set('ticket', ticket);
  url.searchParams.set('claims_redirect_uri', client.redirectUri);
  url.searchParams.set('state', state);
  return { url: url.href, state, redirectUri: client.redirectUri, ticket, server };
}

/**
 * Reads the redirect back (UMA Grant 3.3.3). Parameters it does not know are ignored (G21).
 * @param redirectedTo the complete URL that the browser was sent to
 * @returns the next ticket
 * @throws UmaError `interaction_mismatch` for another redirect URI, a missing, repeated or wrong `state` (A60, G51, G52) or another
 *   server's `iss` (A9, RFC 9207 2.4); `interaction_refused` for an `error`; `ticket_unchanged` (G60); `malformed_answer` without a ticket
 */
export function finishClaimsInteraction(interaction: ClaimsInteraction, redirectedTo: string): string {
  const { state, redirectUri, ticket, server } = interaction;
  const url = URL.canParse(redirectedTo) ? new URL(redirectedTo) : undefined;
  const expected = new URL(redirectUri);
  if (url === undefined || url.origin !== expected.origin || url.pathname !== expected.pathname) throw mismatch();
  const answeredState = single(url, 'state');
  if (answeredState === undefined || !equalInConstantTime(answeredState, state)) throw mismatch();
  const issuer = single(url, 'iss');
  if (issuer === undefined ? server.namesItselfInRedirects : issuer !== server.issuer) throw mismatch();
  const oauthError = single(url, 'error');
  if (oauthError !== undefined) throw new UmaError('interaction_refused', { step: 8, oauthError });
  const next = single(url, 'ticket');
  if (next === undefined) throw new UmaError('malformed_answer', { step: 8 });
  if (next === ticket) throw new UmaError('ticket_unchanged', { step: 8 });
  return next;
}

function single(url: URL, name: string): string | undefined {
  const values = url.searchParams.getAll(name);
  if (values.length > 1) throw mismatch();
  return values[0];
}

function mismatch(): UmaError {
  return new UmaError('interaction_mismatch', { step: 8 });
}
