import type { Manifest, ManifestDomain } from '@uma-federation/federation-app';
import { GRANT_TYPES, parseUmaChallenge, TOKEN_TYPE_URNS, type UmaChallenge } from '@uma-federation/uma-core';

/** An HTTP answer with its JSON body, if it has one. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** From sending the request to the end of the answer, in milliseconds. */
  readonly tookMs: number;
  readonly body: Record<string, unknown>;
}

/** Tokens of a person, from the identity provider of their domain. */
export interface PersonTokens {
  readonly accessToken: string;
  readonly idToken: string;
}

/** A challenge with a resource claims token. */
export interface CorrelatedChallenge extends UmaChallenge {
  readonly resourceClaimsToken: string;
}

type Form = Readonly<Record<string, string | readonly string[]>>;

/** Everything for redeeming a ticket, and the tokens of the person. */
export interface Prepared extends PersonTokens {
  readonly challenge: CorrelatedChallenge;
  readonly ict: string;
}

/** A share that a person has made. */
export interface MadeShare {
  readonly id: string;
  /** Takes it back. */
  end(): Promise<Answer>;
}

/** Who owns and who asks, by the domain of the resources. */
const PEOPLE = {
  acme: { owner: 'alice@acme.example', requester: 'bob@globex.example', requesterDomain: 'globex' },
  globex: { owner: 'bob@globex.example', requester: 'alice@acme.example', requesterDomain: 'acme' },
} as const;
/** No server of ours may take longer, whatever happens to it. */
const PATIENCE_MS = 15_000;

/** A client that sends exactly what it is told: no duties, no DPoP. */
export class RawClient {
  readonly manifest: Manifest;
  /** The domain whose resources it asks for, and the one whose people ask. */
  readonly home: ManifestDomain;
  readonly abroad: ManifestDomain;
  readonly #people: (typeof PEOPLE)[keyof typeof PEOPLE];
  readonly #fetch: typeof fetch;

  /** @param domain of the resources; people of the other one ask for them */
  constructor({ manifest, fetch }: { readonly manifest: Manifest; readonly fetch: typeof globalThis.fetch }, domain: keyof typeof PEOPLE = 'acme') {
    this.manifest = manifest;
    this.#people = PEOPLE[domain];
    this.home = manifest.domains[domain];
    this.abroad = manifest.domains[this.#people.requesterDomain];
    this.#fetch = fetch;
  }

  /** URL of a note of the owner's at the gateway. */
  note(id = '1', owner = this.#people.owner.split('@')[0] ?? ''): string {
    return `${this.home.gateway.url}/users/${owner}/notes/${id}`;
  }

  get(url: string, authorization?: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send(url, { headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) } });
  }

  post(url: string, form: Form, authorization: string = this.#confidential(), headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().map((single): [string, string] => [name, single]));
    return this.#send(url, { method: 'POST', headers: { ...headers, authorization }, body: new URLSearchParams(pairs) });
  }

  json(method: string, url: string, body: unknown, token: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return this.#send(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  /** Steps 1 to 4. */
  async challenge(url = this.note(), authorization?: string): Promise<CorrelatedChallenge> {
    const { status, headers } = await this.get(url, authorization);
    const challenge = parseUmaChallenge(headers.get('www-authenticate') ?? '');
    if (status !== 401 || challenge?.resourceClaimsToken === undefined) throw new Error(`no challenge, but ${status}`);
    return { ...challenge, resourceClaimsToken: challenge.resourceClaimsToken };
  }

  /** Tokens of a person of the demo, by the password grant of their provider. */
  async signIn(email: string = this.#people.requester, parameters: Form = {}): Promise<PersonTokens> {
    const domain = Object.values(this.manifest.domains).find(({ people }) => people.some((person) => person.email === email));
    const password = domain?.people.find((person) => person.email === email)?.password ?? '';
    const form = { grant_type: 'password', username: email, password, scope: 'openid email profile', ...parameters };
    const { status, body } = await this.post(`${domain?.identityProvider.issuer}/token`, form);
    if (status !== 200) throw new Error(`the identity provider answered ${status}`);
    return { accessToken: String(body['access_token']), idToken: String(body['id_token']) };
  }

  /** Steps 5 and 6. */
  exchange(subjectToken: string, actorToken: string, changes: Form = {}): Promise<Answer> {
    return this.post(`${this.abroad.asRqp.issuer}/token`, {
      grant_type: GRANT_TYPES.tokenExchange,
      requested_token_type: TOKEN_TYPE_URNS.jwt,
      subject_token: subjectToken,
      subject_token_type: TOKEN_TYPE_URNS.accessToken,
      actor_token: actorToken,
      actor_token_type: TOKEN_TYPE_URNS.jwt,
      ...changes,
    });
  }

  /** Steps 7 and 8. */
  redeem(ticket: string, claimToken?: string, changes: Form = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const claims = claimToken === undefined ? {} : { claim_token: claimToken, claim_token_format: TOKEN_TYPE_URNS.jwt };
    return this.post(`${this.home.asRo.issuer}/token`, { grant_type: GRANT_TYPES.umaTicket, ticket, ...claims, ...changes }, undefined, headers);
  }

  /** Steps 1 to 6 for somebody. */
  async prepared(email?: string, url?: string): Promise<Prepared> {
    const challenge = await this.challenge(url);
    const { accessToken, idToken } = await this.signIn(email);
    const exchanged = await this.exchange(accessToken, challenge.resourceClaimsToken);
    if (exchanged.status !== 200) throw new Error(`the exchange was refused: ${String(exchanged.body['error'])}`);
    return { challenge, ict: String(exchanged.body['access_token']), accessToken, idToken };
  }

  /** Steps 1 to 8: an RPT of Bob's. */
  async rpt(email?: string, url?: string): Promise<string> {
    const { challenge, ict } = await this.prepared(email, url);
    const granted = await this.redeem(challenge.ticket, ict);
    if (granted.status !== 200) throw new Error(`the ticket was refused: ${String(granted.body['error'])}`);
    return String(granted.body['access_token']);
  }

  /** A PAT of acme's resource server, or an access token with another scope. */
  async pat(scope = 'uma_protection'): Promise<string> {
    const { resourceServer, asRo } = this.home;
    const granted = await this.post(`${asRo.issuer}/token`, { grant_type: 'client_credentials', scope }, basic(resourceServer.clientId, resourceServer.clientSecret));
    return String(granted.body['access_token']);
  }

  /** The owner shares a resource with somebody to view. */
  async share(grantee: { readonly email: string } | { readonly domain: string } | { readonly anyone: true; readonly unidentified?: true }, url = this.note(), conditions?: object): Promise<MadeShare> {
    const resource_id = await this.resourceId(url);
    const { idToken } = await this.signIn(this.#people.owner);
    const shares = `${this.home.ownerApi.url}/shares`;
    const { status, body } = await this.json('POST', shares, { resource_id, scopes: ['view'], grantee, ...(conditions === undefined ? {} : { conditions }) }, idToken);
    if (status !== 201) throw new Error(`the share was refused: ${status} ${JSON.stringify(body)}`);
    const id = String(body['id']);
    return { id, end: () => this.json('DELETE', `${shares}/${id}`, undefined, idToken) };
  }

  /** The owner takes back what is shared with an address, if anything is. @param url of one resource; all of them without it */
  async endShares(email: string, url?: string): Promise<void> {
    const resource = url === undefined ? undefined : await this.resourceId(url);
    const { idToken } = await this.signIn(this.#people.owner);
    const shares = `${this.home.ownerApi.url}/shares`;
    const { body } = await this.json('GET', shares, undefined, idToken);
    const ended = (body['shares'] as { id: string; resource_id: string; grantee: { email?: string } }[]).filter(
      ({ grantee, resource_id }) => grantee.email === email && (resource === undefined || resource_id === resource),
    );
    for (const { id } of ended) await this.json('DELETE', `${shares}/${id}`, undefined, idToken);
  }

  /** The registered id of a resource of the owner's, by its URL. */
  async resourceId(url = this.note()): Promise<string> {
    const { idToken } = await this.signIn(this.#people.owner);
    const { body } = await this.json('GET', `${this.home.ownerApi.url}/resources`, undefined, idToken);
    const found = (body['resources'] as { _id: string; uri: string }[]).find(({ uri }) => uri === url);
    if (found === undefined) throw new Error('not registered');
    return found._id;
  }

  async #send(url: string, init: RequestInit): Promise<Answer> {
    const started = performance.now();
    const response = await this.#fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, tookMs: performance.now() - started, body: parse(text) };
  }

  #confidential(): string {
    const { clientId, clientSecret } = this.manifest.clients.confidential;
    return basic(clientId, clientSecret);
  }
}

/** Credentials for HTTP Basic authentication. */
export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
