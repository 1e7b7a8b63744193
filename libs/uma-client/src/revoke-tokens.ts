import { readLimited } from './answer-json.ts';
import { sendToPeer, type CallContext } from './call-context.ts';
import { authenticateClient } from './client-authentication.ts';
import type { ClientCredentials } from './options.ts';
import { findResourceOwnerServer } from './server-metadata.ts';
import { traceableResponse } from './trace.ts';
import { UmaError } from './uma-error.ts';

/** The kinds of tokens that an AS-RO gives to a client. */
export type TokenKind = 'rpt' | 'refresh_token' | 'pct';

/** RFC 7009 2.1; UMA Grant 3.7 registers `pct` (G46). */
const HINTS = { rpt: 'access_token', refresh_token: 'refresh_token', pct: 'pct' } as const satisfies Record<TokenKind, string>;

/** A token to be revoked where it came from. */
export interface RevocableToken {
  readonly kind: TokenKind;
  readonly issuer: string;
  readonly token: string;
}

/**
 * Revokes one token (RFC 7009 2; UMA Grant 3.7) at the AS-RO that issued it, and nowhere else (G55).
 * @throws UmaError `revocation_refused` when that server has no revocation endpoint or does not answer 200, `client_unknown`,
 *   `peer_unreachable`, and as `findResourceOwnerServer`
 */
export async function revokeToken({ kind, issuer, token }: RevocableToken, credentials: ClientCredentials | undefined, context: CallContext): Promise<void> {
  if (credentials === undefined) throw new UmaError('client_unknown');
  const server = await findResourceOwnerServer(issuer, context);
  const { revocationEndpoint: url } = server;
  if (url === undefined) throw new UmaError('revocation_refused');
  const authentication = await authenticateClient(credentials, server, context);
  const form = { token, token_type_hint: HINTS[kind], ...authentication.form };
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...authentication.headers };
  context.trace(7, { title: 'Revoke a token', request: { method: 'POST', url: url.href, headers, form } });
  const response = await sendToPeer(context, url, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  context.trace(8, { title: 'The answer to the revocation', response: traceableResponse(response) });
  await readLimited(response.body, context.answerLimitBytes);
  // RFC 7009 2.2: 200 for a token that is revoked, and for one that the server does not know.
  if (response.status !== 200) throw new UmaError('revocation_refused', { status: response.status });
}
