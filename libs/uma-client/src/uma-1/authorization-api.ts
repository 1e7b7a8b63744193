import type { JsonObject } from '@uma-federation/uma-core';
import { readJsonObject, stringMember } from '../answer-json.ts';
import { sendToPeer, type CallContext } from '../call-context.ts';
import type { Deadline } from '../deadline.ts';
import { readRequest } from '../outgoing-request.ts';
import { traceableResponse } from '../trace.ts';
import { UmaClient } from '../uma-client.ts';
import { UmaError } from '../uma-error.ts';
import type { Uma1FetchOptions } from './uma-1-options.ts';
import { readUma1Refusal } from './uma-1-refusal.ts';
import type { Uma1Server } from './uma-1-server.ts';

/** What the authorization API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** The authorization API of one server of UMA 1.0, as one client and person use it. */
export class AuthorizationApi {
  readonly #server: Uma1Server;
  readonly #options: Uma1FetchOptions;
  readonly #client: UmaClient;

  constructor(server: Uma1Server, options: Uma1FetchOptions, context: CallContext) {
    const endpoints = [server.rptEndpoint, server.authorizationEndpoint].filter((url) => url !== undefined);
    // Whatever the challenge of an endpoint says: it is a resource of this server and of no other (duty vi).
    const trusted = [...new Set(endpoints.map(({ origin }) => origin))].map((origin) => ({ origin, asUri: server.issuer }));
    this.#server = server;
    this.#options = options;
    // An RPT of UMA 1.0 belongs to the AAT that it was given for: one AAT serves all endpoints.
    this.#client = new UmaClient({ ...options, trustedResourceServers: trusted, tokenReuse: 'origin', ownerEmail: undefined }, context);
  }

  /**
   * An RPT, to which permissions are added (drafts 05 and 07 section 3.4.1).
   * @throws UmaError `malformed_answer` without one, and as `readUma1Refusal`
   */
  async newToken(context: CallContext, deadline: Deadline): Promise<string> {
    const { status, body } = await this.#post(this.#server.rptEndpoint, undefined, ['Ask for a token without permissions', 'The token'], context, deadline);
    if (status !== 201 && status !== 200) throw this.#refusal(status, body, '');
    return readToken(body, status);
  }

  /**
   * Asks for what a ticket stands for (draft 05 section 3.4.5, draft 07 section 3.4.2, 1.0.1 section 3.5).
   * @param held the RPT that the permissions are added to; the drafts require it
   * @returns the RPT that has them; undefined when the server does not take the token any more
   * @throws UmaError as `readUma1Refusal`
   */
  async authorize(ticket: string, held: string | undefined, context: CallContext, deadline: Deadline): Promise<string | undefined> {
    const { rptEndpoint, authorizationEndpoint } = this.#server;
    const token = held ?? (authorizationEndpoint === undefined ? undefined : await this.newToken(context, deadline));
    const message = { ...(token === undefined ? {} : { rpt: token }), ticket };
    const { status, body } = await this.#post(authorizationEndpoint ?? rptEndpoint, message, ['Ask for what the ticket stands for', 'The answer'], context, deadline);
    if (status === 200) return authorizationEndpoint === undefined || token === undefined ? readToken(body, status) : token;
    // L12: the token is not live, or belongs to another AAT.
    if (status === 401 && token !== undefined) return undefined;
    throw this.#refusal(status, body, ticket);
  }

  /** Forgets and revokes the AAT. @returns what could not be revoked */
  revoke(deadlineMs: number): Promise<readonly UmaError[]> {
    return this.#client.revoke(undefined, deadlineMs);
  }

  #refusal(status: number, body: JsonObject, ticket: string): UmaError {
    return readUma1Refusal(status, body, { issuer: this.#server.issuer, ticket });
  }

  async #post(url: URL, message: JsonObject | undefined, titles: readonly [string, string], context: CallContext, deadline: Deadline): Promise<ApiAnswer> {
    const body = message === undefined ? undefined : JSON.stringify(message);
    const headers = { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const given = await this.#options.authorizationApiToken?.(this.#server.issuer);
    const secrets = given === undefined ? {} : { authorization: `Bearer ${given}` };
    context.trace(7, { title: titles[0], request: { method: 'POST', url: url.href, headers: { ...headers, ...secrets }, json: message } });
    const init = { method: 'POST', headers: { ...headers, ...secrets }, ...(body === undefined ? {} : { body }) };
    const response =
      given === undefined
        ? await this.#client.ask(await readRequest(url, { ...init, redirect: 'error' }), context, deadline)
        : await sendToPeer(context, url, init);
    const document = await readJsonObject(response, context.answerLimitBytes);
    context.trace(8, { title: titles[1], response: traceableResponse(response, document) });
    return { status: response.status, body: document ?? {} };
  }
}

function readToken(body: JsonObject, status: number): string {
  const token = stringMember(body, 'rpt');
  // A token that could not stand in a header (RFC 6750 2.1) is no token.
  if (token === undefined || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new UmaError('malformed_answer', { step: 8, status });
  return token;
}
