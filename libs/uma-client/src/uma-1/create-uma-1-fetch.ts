import { readJsonObject } from '../answer-json.ts';
import type { CallContext, ClientContext } from '../call-context.ts';
import { checkConfigured, type KnownResources } from '../check-challenge.ts';
import { clientContext } from '../client-context.ts';
import type { Deadline } from '../deadline.ts';
import { readRequest, type OutgoingRequest, type UmaRequestInit } from '../outgoing-request.ts';
import { challengedRequest, performRequest, traced } from '../perform-request.ts';
import { sendWithToken, sendWithoutToken } from '../resource-request.ts';
import { traceableResponse } from '../trace.ts';
import { UmaError } from '../uma-error.ts';
import { AuthorizationApi } from './authorization-api.ts';
import { isUma1Challenge, readUma1Challenge, type Uma1Challenge } from './uma-1-challenge.ts';
import type { Uma1FetchOptions } from './uma-1-options.ts';
import { findUma1Server } from './uma-1-server.ts';

/** A `fetch` for resource servers that speak UMA 1.0. */
export interface Uma1Fetch {
  (input: string | URL | Request, init?: UmaRequestInit): Promise<Response>;
  /**
   * Forgets all tokens, and revokes AATs and what came with them where they came from: for sign-out. RPTs of UMA 1.0 cannot be revoked.
   * @returns what could not be revoked; it is forgotten all the same
   */
  revoke(): Promise<readonly UmaError[]>;
}

const DEFAULT_DEADLINE_MS = 30_000;

/** Requests of one resource in one call: with a token that has ended, an empty one, none after it was refused, another empty one, and the permission. */
const MAX_REQUESTS = 5;

/**
 * Makes a `fetch` for resource servers that speak UMA 1.0: draft 05, draft 07 or 1.0.1, whichever the challenges and the configuration
 * data of the authorization server say (protocol.md 1.2, 1.5, section 4). A 401 makes it get an RPT, a 403 with a ticket the permission.
 *
 * UMA 1.0 has no resource claims token: nothing in a challenge proves that resource server and authorization server belong together.
 * So it deals with `trustedResourceServers` only, and any other challenge is `challenge_stripped` (duty vi). An RPT is a bearer token;
 * it goes to the origin that it was got for and to no other.
 * @param options see `UmaFetchOptions`; the AAT is what the dance of UMA 2.0 at the authorization API yields, DPoP included
 */
export function createUma1Fetch(options: Uma1FetchOptions): Uma1Fetch {
  const context: ClientContext = clientContext(options);
  const client = new Uma1Client(options);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const uma1Fetch = async (input: string | URL | Request, init?: UmaRequestInit) =>
    performRequest(await readRequest(input, init), (...asked) => client.ask(...asked), context, deadlineMs);
  return Object.assign(uma1Fetch, { revoke: () => client.revoke(deadlineMs) });
}

/** An RPT and the one origin it may be sent to. */
interface HeldToken {
  readonly token: string;
  readonly issuer: string;
}

/** What is kept until the person signs out. */
interface Session {
  readonly apis: Map<string, AuthorizationApi>;
  /** By the origin of the resource server: the RPT is for requesting party, resource server and authorization server (draft 07 section 1.2). */
  readonly tokens: Map<string, HeldToken>;
}

/** What answering a challenge led to: an RPT without permissions, one with them, or the end of the one that there was. */
type Progress = 'issued' | 'authorized' | 'refused';

class Uma1Client {
  readonly #options: Uma1FetchOptions;
  readonly #known: KnownResources;
  /** Replaced at sign-out: what a call that began before puts into the old one is gone. */
  #session: Session = { apis: new Map(), tokens: new Map() };

  constructor(options: Uma1FetchOptions) {
    const { trustedResourceServers = [], resourcePrefixes = [] } = options;
    this.#options = options;
    this.#known = { trustedResourceServers, resourcePrefixes };
  }

  async ask(first: OutgoingRequest, context: CallContext, deadline: Deadline): Promise<Response> {
    let request = first;
    const session = this.#session;
    if (request.body?.replayable === false && !session.tokens.has(request.url.origin)) throw new UmaError('body_not_replayable', { step: 1 });
    let progress: Progress | undefined;
    for (let count = 1; ; count += 1) {
      const held = session.tokens.get(request.url.origin);
      const response = await this.#send(request, held, context);
      const challenged = challengedRequest(request, response, isUma1Challenge);
      if (challenged === undefined || count === MAX_REQUESTS) return held === undefined ? traced(response, context) : response;
      if (request.body?.replayable === false) {
        await response.body?.cancel();
        throw new UmaError('body_not_replayable', { step: 10, status: response.status });
      }
      // What was got just now and is not enough will not be enough the next time.
      if (progress === 'authorized' || (progress === 'issued' && response.status === 401)) return response;
      request = challenged;
      progress = await this.#answer(await readChallenged(response, context), request, session, context, deadline);
    }
  }

  async revoke(deadlineMs: number): Promise<readonly UmaError[]> {
    const { apis } = this.#session;
    this.#session = { apis: new Map(), tokens: new Map() };
    const failures = [];
    for (const api of apis.values()) failures.push(...(await api.revoke(deadlineMs)));
    return failures;
  }

  async #answer(challenge: Uma1Challenge, { url }: OutgoingRequest, { apis, tokens }: Session, context: CallContext, deadline: Deadline): Promise<Progress> {
    const { asUri, ticket } = challenge;
    checkConfigured(asUri, url, this.#known);
    const api = await this.#apiOf(asUri, apis, context);
    const held = tokens.get(url.origin);
    const token = held?.issuer === asUri ? held.token : undefined;
    if (ticket === undefined) {
      // L1, L2: no token, or one that is not valid any more.
      tokens.set(url.origin, { issuer: asUri, token: await api.newToken(context, deadline) });
      return 'issued';
    }
    const authorized = await api.authorize(ticket, token, context, deadline);
    if (authorized === undefined) {
      tokens.delete(url.origin);
      return 'refused';
    }
    tokens.set(url.origin, { issuer: asUri, token: authorized });
    return 'authorized';
  }

  async #apiOf(issuer: string, apis: Session['apis'], context: CallContext): Promise<AuthorizationApi> {
    const known = apis.get(issuer);
    if (known !== undefined) return known;
    const api = new AuthorizationApi(await findUma1Server(issuer, context), this.#options, context);
    apis.set(issuer, api);
    return api;
  }

  async #send(request: OutgoingRequest, held: HeldToken | undefined, context: CallContext): Promise<Response> {
    if (held === undefined) return sendWithoutToken(request, context);
    const { token, issuer } = held;
    return sendWithToken(request, { token, issuer, scheme: 'Bearer', origin: request.url.origin }, context);
  }
}

async function readChallenged(response: Response, context: CallContext): Promise<Uma1Challenge> {
  const body = await readJsonObject(response, context.answerLimitBytes);
  context.trace(4, { title: 'The resource server answers with a challenge of UMA 1.0', response: traceableResponse(response, body) });
  return readUma1Challenge(response.headers.get('www-authenticate') ?? '', body);
}
