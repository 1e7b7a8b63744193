import type { JsonObject } from '@uma-federation/uma-core';
import { readJsonObject, stringMember } from './answer-json.ts';
import { sendToPeer, type CallContext } from './call-context.ts';
import { authenticateClient } from './client-authentication.ts';
import type { ClientCredentials } from './options.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { traceableResponse } from './trace.ts';
import { UmaError } from './uma-error.ts';
import { readRetryAfter } from './wait.ts';

/** An answer of a token endpoint: status and JSON body. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A token request and where it stands in the flow. */
export interface TokenRequest {
  readonly step: 5 | 7;
  /** Titles of request and answer where they are not those of the step. */
  readonly titles?: readonly [request: string, answer: string] | undefined;
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Posts a form to a token endpoint, with a DPoP proof when DPoP is on.
 * RFC 9449 8: a server that asks for a nonce gets the request once more with it.
 * @returns the answer, whatever its status
 * @throws UmaError `malformed_answer` when the body is no JSON object, `rate_limited` for a 429, `answer_too_large`, `peer_unreachable`,
 *   `client_unknown`
 */
export async function requestToken(request: TokenRequest, context: CallContext): Promise<TokenAnswer> {
  const first = await attempt(request, context);
  const wantsNonce = first.status === 400 && first.body['error'] === 'use_dpop_nonce' && context.prover !== undefined;
  return wantsNonce ? attempt(request, context) : first;
}

async function attempt({ step, titles, server, credentials, parameters }: TokenRequest, context: CallContext): Promise<TokenAnswer> {
  const authentication = await authenticateClient(credentials, server, context);
  const form = { ...parameters, ...authentication.form };
  const proof = await context.prover?.prove({ method: 'POST', url: server.tokenEndpoint });
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    ...authentication.headers,
    ...(proof === undefined ? {} : { dpop: proof }),
  };
  context.trace(step, { title: titles?.[0], request: { method: 'POST', url: server.tokenEndpoint.href, headers, form } });
  const response = await sendToPeer(context, server.tokenEndpoint, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  context.prover?.rememberNonce(server.tokenEndpoint, response.headers);
  const body = await readJsonObject(response, context.answerLimitBytes);
  const { status } = response;
  context.trace(step === 5 ? 6 : 8, { title: titles?.[1], response: traceableResponse(response, body) });
  if (status === 429) throw new UmaError('rate_limited', { step: step + 1, status, retryAfterSeconds: readRetryAfter(response.headers, context.clock) });
  if (body === undefined) throw new UmaError('malformed_answer', { step: step + 1, status });
  return { status, body };
}

/**
 * The `error` member of an answer that is not 200.
 * @returns undefined for 200
 * @throws UmaError `malformed_answer` when there is none
 */
export function answeredError({ status, body }: TokenAnswer, step: 6 | 8): string | undefined {
  if (status === 200) return undefined;
  const error = stringMember(body, 'error');
  if (error === undefined) throw new UmaError('malformed_answer', { step, status });
  return error;
}
