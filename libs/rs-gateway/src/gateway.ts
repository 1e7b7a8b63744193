import { strippedNames, type ForwardedFor, type ForwardOptions, type RouteMatch, type RouteTable, type StrippedNames } from '@uma-federation/reverse-proxy';
import type { Clock } from '@uma-federation/uma-core';
import type { IncomingMessage } from 'node:http';
import { dpopRefusal, errorAnswer, formRefusal, malformedAuthorization, undecidedAnswer, unreachableAnswer, type Answer, type MetadataLocation } from './answer.ts';
import type { AsRoLink } from './as-ro-link.ts';
import type { Challenger } from './challenger.ts';
import { corsHeaders, optionsAnswer, type CorsSettings } from './cors.ts';
import { decide, type AccessRequirement, type Decision, type Facts } from './decide.ts';
import { requestedResourcePath } from './gateway-routes.ts';
import { identityHeaders, type IdentityHeaderNames } from './identity-headers.ts';
import { inspectRequest, type InspectedRequest } from './inspect-request.ts';
import type { Variables } from './path-template.ts';
import { METADATA_PATH } from './protected-resource-metadata.ts';
import { hasTokenInQuery, readCredentials, type Credentials } from './read-credentials.ts';
import type { GatewayRoute, ProtectedRoute } from './route.ts';
import { streamDeadlineEpochMs } from './stream-deadline.ts';

/** What becomes of a request. */
export type Judgement =
  /** The gateway answers itself; the upstream sees nothing. `reason` is a stable id for the log. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly reason: string; readonly routeId?: string | undefined }
  /** The request goes to the upstream, exactly like this; `responseHeaders` are added to its answer. */
  | { readonly kind: 'forward'; readonly options: ForwardOptions; readonly responseHeaders: Readonly<Record<string, string>>; readonly routeId?: string | undefined };

/** What the gateway is set to. */
export interface GatewaySettings extends MetadataLocation {
  readonly publicUrl: string;
  /** `Host` values that are its own, in lower case. */
  readonly hosts: readonly string[];
  readonly identity: IdentityHeaderNames;
  readonly cors?: CorsSettings | undefined;
}

/** What the gateway works with. */
export interface GatewayDependencies {
  readonly routes: RouteTable<GatewayRoute>;
  /** What guards a protected route, by the route's id. */
  readonly links: ReadonlyMap<string, AsRoLink>;
  readonly challenger: Challenger;
  readonly clock: Clock;
}

/** A request that goes to the upstream. */
export type Admission = Extract<Judgement, { kind: 'forward' }>;

/** Decides about requests: forward, or one of its own answers. It never reads a body and never talks to the upstream. */
export class Gateway {
  readonly #settings: GatewaySettings;
  readonly #deps: GatewayDependencies;
  readonly #forwarded: Omit<ForwardedFor, 'clientAddress'>;
  readonly #strip: StrippedNames;

  constructor(settings: GatewaySettings, dependencies: GatewayDependencies) {
    this.#settings = settings;
    this.#deps = dependencies;
    const { protocol, host } = new URL(settings.publicUrl);
    this.#forwarded = { scheme: protocol === 'https:' ? 'https' : 'http', host };
    const { email, clientId, resourceId, scopes, owner } = settings.identity;
    // Stripped also where nobody is identified, or a public route could be told who asks.
    this.#strip = strippedNames([email, clientId, resourceId, scopes, owner]);
  }

  /**
   * Admits a request for which nothing has to be asked, computed or answered: a public route, or a bearer token that was verified lately and
   * covers the request. The decision is the one that `judge` takes.
   * @returns undefined when `judge` has to be asked; never throws for what a client sent
   */
  admitAtOnce(request: IncomingMessage): Admission | undefined {
    const inspected = inspectRequest(request, this.#settings.hosts);
    if (inspected.kind === 'refused') return undefined;
    const { method, target } = inspected;
    const match = isOwn(target.path) ? undefined : this.#deps.routes.match(method, target.path);
    if (match === undefined) return undefined;
    const { route } = match;
    const who = route.kind === 'public' ? this.#nobody(inspected) : this.#remembered(route, match.params, inspected);
    if (who === undefined) return undefined;
    const options = this.#forwardOptions(inspected, request.socket.remoteAddress, who);
    return { kind: 'forward', options, responseHeaders: corsHeaders(inspected.headers, this.#settings.cors), routeId: route.id };
  }

  /**
   * Judges a request (protocol.md 3.5).
   * @param request its head; the body is untouched
   * @param source address of the client, for limits
   * @throws for faults of ours only; the caller then answers 500 (A92)
   */
  async judge(request: IncomingMessage, source: string): Promise<Judgement> {
    const inspected = inspectRequest(request, this.#settings.hosts);
    if (inspected.kind === 'refused') return { kind: 'answer', answer: formRefusal(inspected, this.#settings), reason: inspected.reason };
    const match = this.#deps.routes.match(inspected.method, inspected.target.path);
    const peer = { address: request.socket.remoteAddress, source };
    const judgement = match === undefined ? this.#withoutRoute(inspected) : { ...(await this.#onRoute(match, inspected, peer)), routeId: match.route.id };
    return this.#readable(judgement, inspected);
  }

  #nobody({ target }: InspectedRequest): Who | undefined {
    return hasTokenInQuery(target.query) ? undefined : { authorized: false, identity: {} };
  }

  #remembered(route: ProtectedRoute, params: Variables, { method, target, headers }: InspectedRequest): Who | undefined {
    if (route.tokens !== 'signed') return undefined;
    const credentials = readCredentials(headers, target.query);
    if (credentials.kind !== 'token') return undefined;
    const { directory, verification: tokens } = this.#linkOf(route);
    const resource = directory.find(requestedResourcePath(route, target.path, params));
    const verification = resource === undefined ? undefined : tokens.recall(credentials);
    if (resource === undefined || verification === undefined) return undefined;
    const now = this.#deps.clock.now();
    const decision = decide({ credentials, resource: { kind: 'known', resource }, verification, requirement: requirementOf(route, method), now });
    return decision.kind === 'allow' ? this.#somebody(decision, now) : undefined;
  }

  #somebody({ token, resource }: Extract<Decision, { kind: 'allow' }>, now: number): Who {
    const identity = identityHeaders(this.#settings.identity, token, resource);
    return { authorized: true, identity, deadlineEpochMs: streamDeadlineEpochMs(token.expiresAt, now) };
  }

  #withoutRoute({ method, target, headers }: InspectedRequest): Judgement {
    const methods = this.#deps.routes.methodsAt(target.path);
    if (methods.length === 0) return { kind: 'answer', answer: errorAnswer(404, 'not_found'), reason: 'no_route' };
    if (method === 'OPTIONS') return { kind: 'answer', answer: optionsAnswer(methods, headers, this.#settings.cors), reason: 'options' };
    const allow = [...methods, 'OPTIONS'].sort().join(', ');
    return { kind: 'answer', answer: errorAnswer(405, 'method_not_allowed', { Allow: allow }), reason: 'method_not_allowed' };
  }

  async #onRoute({ route, params }: RouteMatch<GatewayRoute>, inspected: InspectedRequest, peer: Peer): Promise<Judgement> {
    if (route.kind === 'public') {
      const nobody = this.#nobody(inspected);
      if (nobody === undefined) return { kind: 'answer', answer: malformedAuthorization(), reason: 'token_in_query' };
      return { kind: 'forward', options: this.#forwardOptions(inspected, peer.address, nobody), responseHeaders: {} };
    }
    const link = this.#linkOf(route);
    const about = { route, link, inspected, credentials: readCredentials(inspected.headers, inspected.target.query), requirement: requirementOf(route, inspected.method) };
    const now = this.#deps.clock.now();
    const decision = decide({ ...about, ...(await this.#facts(about, params)), now });
    if (decision.kind === 'challenge') {
      return { kind: 'answer', ...(await this.#deps.challenger.challenge(decision, { ...about, path: inspected.target.path, source: peer.source })) };
    }
    if (decision.kind !== 'allow') return { kind: 'answer', ...this.#refusal(decision) };
    return { kind: 'forward', options: this.#forwardOptions(inspected, peer.address, this.#somebody(decision, now)), responseHeaders: {} };
  }

  /** Looks up the resource and verifies the token, as far as that can change the decision. */
  async #facts({ credentials, route, link, inspected }: ProtectedRequest, params: Variables): Promise<Pick<Facts, 'resource' | 'verification'>> {
    if (credentials.kind === 'malformed') return { resource: { kind: 'unavailable' } };
    const { method, target } = inspected;
    const resource = await link.registrar.lookUp(requestedResourcePath(route, target.path, params));
    if (credentials.kind === 'none' || resource.kind !== 'known') return { resource };
    const presented = { credentials, method, url: `${this.#settings.publicUrl}${target.path}`, tokens: route.tokens };
    return { resource, verification: await link.verification.verify(presented) };
  }

  #refusal(decision: Exclude<Decision, { kind: 'allow' | 'challenge' }>): { answer: Answer; reason: string } {
    switch (decision.kind) {
      case 'malformed':
        return { answer: malformedAuthorization(), reason: decision.reason };
      case 'dpop_refused':
        return { answer: dpopRefusal(decision.error, this.#settings), reason: decision.reason };
      case 'unknown_resource':
        return { answer: errorAnswer(404, 'not_found'), reason: 'resource_unknown' };
      case 'undecided':
        return { answer: undecidedAnswer(decision.retryAfterSeconds), reason: decision.reason };
      case 'unreachable':
        return { answer: unreachableAnswer(), reason: decision.reason };
    }
  }

  /** The AS-RO that guards a route, and no other: what it knows, gives and revokes is nothing to the routes of another one. */
  #linkOf({ id }: ProtectedRoute): AsRoLink {
    const link = this.#deps.links.get(id);
    if (link === undefined) throw new Error(`route ${id} is guarded by nobody`);
    return link;
  }

  #forwardOptions({ target, headers }: InspectedRequest, clientAddress: string | undefined, who: Who): ForwardOptions {
    const { scheme, host } = this.#forwarded;
    return { ...who, upstream: UPSTREAM, target, headers, forwarded: { clientAddress, scheme, host }, strip: this.#strip };
  }

  /** Adds what lets a web page of a permitted origin read the answer. */
  #readable(judgement: Judgement, { headers }: InspectedRequest): Judgement {
    const cors = corsHeaders(headers, this.#settings.cors);
    if (judgement.kind === 'forward') return { ...judgement, responseHeaders: cors };
    return { ...judgement, answer: { ...judgement.answer, headers: { ...judgement.answer.headers, ...cors } } };
  }
}

/** The name of the one upstream. */
export const UPSTREAM = 'api';

/** What the upstream is told of who asks. */
type Who = Pick<ForwardOptions, 'authorized' | 'identity' | 'deadlineEpochMs'>;

const METADATA_OF_PARTS = `${METADATA_PATH}/`;

/** Paths that the gateway answers itself, whatever routes there are. */
function isOwn(path: string): boolean {
  return path.startsWith('/health/') || path === METADATA_PATH || path.startsWith(METADATA_OF_PARTS);
}

/** Who sent a request. */
interface Peer {
  /** Of the TCP connection. */
  readonly address: string | undefined;
  /** For limits: the same, or what a trusted proxy says. */
  readonly source: string;
}

/** A request to a protected route. */
interface ProtectedRequest {
  readonly route: ProtectedRoute;
  readonly link: AsRoLink;
  readonly inspected: InspectedRequest;
  readonly credentials: Credentials;
  readonly requirement: AccessRequirement;
}

/** A82: HEAD needs the scopes of GET. */
function requirementOf(route: ProtectedRoute, method: string): AccessRequirement {
  const scopes = route.scopes.get(method === 'HEAD' ? 'GET' : method);
  if (scopes === undefined) throw new Error(`route ${route.id} matched a method that it does not have`);
  return { scopes, acrValues: route.acrValues, maxAgeSeconds: route.maxAgeSeconds };
}
