import type { JsonObject } from '@uma-federation/uma-core';
import { readJsonObject, stringMember } from '../answer-json.ts';
import { sendToPeer, type CallContext } from '../call-context.ts';
import { endpointUrl } from '../endpoint-url.ts';
import { UmaError } from '../uma-error.ts';

/** What this client needs to know of an authorization server of UMA 1.0. */
export interface Uma1Server {
  readonly issuer: string;
  /** Drafts 05 and 07: gives an RPT without permissions. 1.0.1: takes the ticket as well. */
  readonly rptEndpoint: URL;
  /** Drafts 05 (`permission_request_endpoint`) and 07 (`authorization_request_endpoint`); 1.0.1 has none. */
  readonly authorizationEndpoint?: URL | undefined;
}

/**
 * Finds an authorization server of UMA 1.0 by its configuration data (drafts 05 and 07 section 1.5, 1.0.1 section 1.4;
 * protocol.md 4.1).
 * @param issuer `as_uri`, or `am_uri` of draft 05, already accepted
 * @throws UmaError `issuer_mismatch`, `insecure_url`, `malformed_answer`, `peer_unreachable`
 */
export async function findUma1Server(issuer: string, context: CallContext): Promise<Uma1Server> {
  const location = new URL(`${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}/.well-known/uma-configuration`);
  const response = await sendToPeer(context, location, { headers: { accept: 'application/uma-configuration+json, application/json' } });
  const document = await readJsonObject(response, context.answerLimitBytes);
  if (response.status !== 200 || document === undefined) throw new UmaError('malformed_answer', { status: response.status });
  return readConfiguration(document, issuer);
}

function readConfiguration(document: JsonObject, issuer: string): Uma1Server {
  // 1.0.1 section 1.4: the value MUST be identical with the location's base; the rule of RFC 8414 3.3 (A41).
  if (document['issuer'] !== issuer) throw new UmaError('issuer_mismatch');
  const authorization = stringMember(document, 'authorization_request_endpoint') ?? stringMember(document, 'permission_request_endpoint');
  return {
    issuer,
    rptEndpoint: endpointUrl(stringMember(document, 'rpt_endpoint'), issuer),
    authorizationEndpoint: authorization === undefined ? undefined : endpointUrl(authorization, issuer),
  };
}
