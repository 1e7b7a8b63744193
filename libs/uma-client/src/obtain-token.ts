import { readJsonObject } from './answer-json.ts';
import { redeemProcess, type Dance } from './authorization-process.ts';
import { checkCopiesAgree, readChallenge } from './challenge.ts';
import { checkChallenge, checkConfigured, checkNamedServer } from './check-challenge.ts';
import type { ClientCredentials, UmaFetchOptions } from './options.ts';
import type { Grant, RedemptionForm } from './redeem-ticket.ts';
import type { GrantedToken } from './requesting-party-token.ts';
import { checkResourceMetadata } from './resource-metadata.ts';
import { findResourceOwnerServer } from './server-metadata.ts';
import { traceableResponse } from './trace.ts';
import { UmaError, type SubmittedRequest } from './uma-error.ts';

/**
 * Steps 4 to 8 of seed 003: from the 401 to an RPT. All duties that the challenge allows are checked before any authorization
 * server is contacted, and AS-RO's metadata before the person's token is used.
 * @param response a 401 with a `UMA` challenge; its body is used up
 * @param url the URL that was requested
 * @param previous an RPT that the same resource server was sent; it is shown to the AS-RO that issued it and to no other
 * @throws UmaError
 */
export async function obtainToken(response: Response, url: URL, previous: GrantedToken | undefined, dance: Dance): Promise<Grant> {
  const { known, context, options } = dance;
  const challenge = readChallenge(response.headers.get('www-authenticate') ?? '');
  const body = await readJsonObject(response, context.answerLimitBytes);
  context.trace(2);
  context.trace(3);
  context.trace(4, { response: traceableResponse(response, body) });
  checkCopiesAgree(challenge, body ?? {});
  checkChallenge(challenge, url, known);
  const { asUri, resourceMetadata } = challenge;
  const form = formOf(options);
  // Seed 002: nobody verifies the resource claims token, so it proves nothing here (duty vi).
  if (form === 'ticket-challenge') checkConfigured(asUri, url, known);
  const resource = resourceMetadata === undefined ? url.origin : await checkResourceMetadata(resourceMetadata, asUri, url, context);
  const credentials = credentialsFor(asUri, options);
  const server = await findResourceOwnerServer(asUri, context);
  const usable = previous !== undefined && previous.issuer === asUri && previous.origin === url.origin;
  return redeemProcess({ url, resource, server, credentials, form, previousToken: usable ? previous.token : undefined }, challenge, dance);
}

/**
 * Goes on with a request that waits for the owner, from `UmaError.submitted`.
 * @param url the URL that is requested; it must be the one that was asked for
 * @throws UmaError `resource_mismatch` for another URL, `request_submitted` when it is too early and nobody is to wait, and as `obtainToken`
 */
export async function resumeSubmitted(submitted: SubmittedRequest, url: URL, dance: Dance): Promise<Grant> {
  const { known, context, options } = dance;
  const { issuer, resource } = submitted;
  if (submitted.url !== url.href) throw new UmaError('resource_mismatch', { step: 7 });
  const form = formOf(options);
  if (form === 'ticket-challenge') checkConfigured(issuer, url, known);
  else checkNamedServer(issuer, url, known);
  const credentials = credentialsFor(issuer, options);
  const server = await findResourceOwnerServer(issuer, context);
  return redeemProcess({ url, resource, server, credentials, form }, { submitted }, dance);
}

function credentialsFor(asUri: string, options: UmaFetchOptions): ClientCredentials {
  const credentials = options.resourceOwnerClient(asUri);
  if (credentials === undefined) throw new UmaError('client_unknown', { step: 4 });
  return credentials;
}

function formOf({ dialect, profile }: UmaFetchOptions): RedemptionForm {
  if (dialect === 'ticket-challenge') return 'ticket-challenge';
  return profile ?? 'uma';
}
