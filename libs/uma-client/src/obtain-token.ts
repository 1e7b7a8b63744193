import type { CallContext } from './call-context.ts';
import { readJsonObject } from './answer-json.ts';
import { checkCopiesAgree, readChallenge } from './challenge.ts';
import { checkChallenge, checkResourceClaims } from './check-challenge.ts';
import type { KnownResources } from './check-challenge.ts';
import { beginClaimsInteraction, finishClaimsInteraction } from './claims-interaction.ts';
import type { Deadline } from './deadline.ts';
import { exchangeToken } from './exchange-token.ts';
import type { ClientCredentials, SubjectToken, UmaFetchOptions } from './options.ts';
import { redeemTicket } from './redeem-ticket.ts';
import type { GrantedToken } from './requesting-party-token.ts';
import { checkResourceMetadata } from './resource-metadata.ts';
import { findRequestingPartyServer, findResourceOwnerServer, type AuthorizationServer } from './server-metadata.ts';
import { traceableResponse } from './trace.ts';
import { UmaError, type NeedInfo } from './uma-error.ts';

/** Greatest number of token requests at AS-RO for one challenge. */
const MAX_ROUNDS = 4;

/** What the dance needs besides the challenge. */
export interface Dance {
  readonly options: UmaFetchOptions;
  readonly known: KnownResources;
  readonly ownerUri: string | undefined;
  readonly context: CallContext;
  readonly deadline: Deadline;
}

/** One authorization process at AS-RO. */
interface Process {
  readonly url: URL;
  readonly resource: string;
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
}

/**
 * Steps 4 to 8 of seed 003: from the 401 to an RPT. All duties that the challenge allows are checked before any authorization
 * server is contacted, and AS-RO's metadata before the person's token is used.
 * @param response a 401 with a `UMA` challenge; its body is used up
 * @param url the URL that was requested
 * @throws UmaError
 */
export async function obtainToken(response: Response, url: URL, dance: Dance): Promise<GrantedToken> {
  const { known, context, options } = dance;
  const challenge = readChallenge(response.headers.get('www-authenticate') ?? '');
  const body = await readJsonObject(response, context.answerLimitBytes);
  context.trace(2);
  context.trace(3);
  context.trace(4, { response: traceableResponse(response, body) });
  checkCopiesAgree(challenge, body ?? {});
  checkChallenge(challenge, url, known);
  const { asUri, resourceMetadata } = challenge;
  const resource = resourceMetadata === undefined ? url.origin : await checkResourceMetadata(resourceMetadata, asUri, url, context);
  const credentials = options.resourceOwnerClient(asUri);
  if (credentials === undefined) throw new UmaError('client_unknown', { step: 4 });
  const server = await findResourceOwnerServer(asUri, context);
  return redeem({ url, resource, server, credentials }, challenge, dance);
}

/** Redeems the ticket, and goes on after `need_info` while there is a way to learn more about the person. */
async function redeem(process: Process, first: { ticket: string; resourceClaimsToken?: string | undefined }, dance: Dance): Promise<GrantedToken> {
  const presented = new Set<string>();
  let { ticket, resourceClaimsToken } = first;
  let previous: Exchanged | undefined;
  let missing: NeedInfo | undefined;
  for (let round = 1; ; round += 1) {
    presented.add(ticket);
    // The same person's token gets the same answer: only once may its claims have been stale and are worth another exchange.
    const exhausted = round > 2 ? previous?.subject : undefined;
    const exchanged = resourceClaimsToken === undefined ? undefined : await exchange(process, resourceClaimsToken, { missing, exhausted }, dance);
    const redeemed = await redeemTicket({ ...process, ticket, identityClaimsToken: exchanged?.token }, dance.context);
    if ('granted' in redeemed) return redeemed.granted;
    previous = exchanged ?? previous;
    missing = redeemed.needInfo;
    const next = round < MAX_ROUNDS ? await nextRound(process, missing, dance) : undefined;
    if (next === undefined) throw needInfo(missing);
    // UMA Grant 3.3.6: no ticket of the process comes back (G60).
    if (presented.has(next.ticket)) throw new UmaError('ticket_unchanged', { step: 8 });
    ({ ticket, resourceClaimsToken } = next);
  }
}

/** What AS-RO missed last time, and the subject token that could not supply it. */
interface Demand {
  readonly missing: NeedInfo | undefined;
  readonly exhausted: string | undefined;
}

interface Exchanged {
  readonly token: string;
  readonly subject: string;
}

async function exchange(process: Process, resourceClaimsToken: string, { missing, exhausted }: Demand, dance: Dance): Promise<Exchanged> {
  const { options, context, deadline, ownerUri } = dance;
  const { issuer, ...credentials } = options.requestingPartyServer;
  const server = await findRequestingPartyServer(issuer, context);
  const subjectToken: SubjectToken = await deadline.pausedFor(() => options.subjectToken(missing));
  if (missing !== undefined && subjectToken.token === exhausted) throw needInfo(missing);
  const asUri = process.server.issuer;
  const token = await exchangeToken({ server, credentials, subjectToken, resourceClaimsToken, ownerUri, asUri }, context);
  return { token, subject: subjectToken.token };
}

/** Decision D1: a fresh resource claims token allows another exchange; else the person may supply claims in a browser. */
async function nextRound(process: Process, missing: NeedInfo, dance: Dance): Promise<{ ticket: string; resourceClaimsToken?: string | undefined } | undefined> {
  const { options, known, context, deadline } = dance;
  const { claimsGathering } = options;
  if (missing.redirectUser !== undefined && claimsGathering !== undefined) {
    const client = { clientId: process.credentials.clientId, redirectUri: claimsGathering.redirectUri };
    const interaction = beginClaimsInteraction(missing, client, process.server, context.randomness);
    return { ticket: finishClaimsInteraction(interaction, await deadline.pausedFor(() => claimsGathering.visit(interaction.url))) };
  }
  const { ticket, resourceClaimsToken } = missing;
  if (resourceClaimsToken === undefined) return undefined;
  checkResourceClaims(resourceClaimsToken, process.server.issuer, process.url, known.resourcePrefixes);
  return { ticket, resourceClaimsToken };
}

function needInfo(missing: NeedInfo): UmaError {
  return new UmaError('need_info', { step: 8, status: 403, oauthError: 'need_info', needInfo: missing });
}
