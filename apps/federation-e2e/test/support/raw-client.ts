import { signIn, type Manifest } from '@uma-federation/federation-app';
import { GRANT_TYPES, parseUmaChallenge, TOKEN_TYPE_URNS, type UmaChallenge } from '@uma-federation/uma-core';

/** An HTTP answer with its JSON body, if it has one. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A challenge with a resource claims token. */
export interface CorrelatedChallenge extends UmaChallenge {
  readonly resourceClaimsToken: string;
}

type Form = Readonly<Record<string, string | readonly string[]>>;

/** A client that sends exactly what it is told: no duties, no DPoP. */
export class RawClient {
  readonly manifest: Manifest;

  constructor(manifest: Manifest) {
    this.manifest = manifest;
  }

  /** URL of a note at acme's gateway. */
  note(id = '1', owner = 'alice'): string {
    return `${this.manifest.domains.acme.gateway.url}/users/${owner}/notes/${id}`;
  }

  get(url: string, authorization?: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return answer(fetch(url, { headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) } }));
  }

  post(url: string, form: Form, authorization: string = this.#confidential()): Promise<Answer> {
    const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().map((single): [string, string] => [name, single]));
    return answer(fetch(url, { method: 'POST', headers: { authorization }, body: new URLSearchParams(pairs) }));
  }

  json(method: string, url: string, body: unknown, token: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return answer(fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
  }

  /** Steps 1 to 4. */
  async challenge(url = this.note(), authorization?: string): Promise<CorrelatedChallenge> {
    const { status, headers } = await this.get(url, authorization);
    const challenge = parseUmaChallenge(headers.get('www-authenticate') ?? '');
    if (status !== 401 || challenge?.resourceClaimsToken === undefined) throw new Error(`no challenge, but ${status}`);
    return { ...challenge, resourceClaimsToken: challenge.resourceClaimsToken };
  }

  signIn(email = 'bob@globex.example'): ReturnType<typeof signIn> {
    return signIn(this.manifest, email);
  }

  /** Steps 5 and 6. */
  exchange(subjectToken: string, actorToken: string, changes: Form = {}): Promise<Answer> {
    return this.post(`${this.manifest.domains.globex.asRqp.issuer}/token`, {
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
  redeem(ticket: string, claimToken?: string, changes: Form = {}): Promise<Answer> {
    return this.post(`${this.manifest.domains.acme.asRo.issuer}/token`, {
      grant_type: GRANT_TYPES.umaTicket,
      ticket,
      ...(claimToken === undefined ? {} : { claim_token: claimToken, claim_token_format: TOKEN_TYPE_URNS.jwt }),
      ...changes,
    });
  }

  /** Steps 1 to 6 for somebody. */
  async prepared(email?: string, url?: string): Promise<{ challenge: CorrelatedChallenge; ict: string; accessToken: string; idToken: string }> {
    const challenge = await this.challenge(url);
    const { accessToken, idToken } = await this.signIn(email);
    const exchanged = await this.exchange(accessToken, challenge.resourceClaimsToken);
    if (exchanged.status !== 200) throw new Error(`the exchange was refused: ${JSON.stringify(exchanged.body)}`);
    return { challenge, ict: String(exchanged.body['access_token']), accessToken, idToken };
  }

  /** Steps 1 to 8: an RPT of Bob's. */
  async rpt(email?: string, url?: string): Promise<string> {
    const { challenge, ict } = await this.prepared(email, url);
    const granted = await this.redeem(challenge.ticket, ict);
    if (granted.status !== 200) throw new Error(`the ticket was refused: ${JSON.stringify(granted.body)}`);
    return String(granted.body['access_token']);
  }

  /** A PAT of acme's resource server, or an access token with another scope. */
  async pat(scope = 'uma_protection'): Promise<string> {
    const { resourceServer, asRo } = this.manifest.domains.acme;
    const granted = await this.post(`${asRo.issuer}/token`, { grant_type: 'client_credentials', scope }, basic(resourceServer.clientId, resourceServer.clientSecret));
    return String(granted.body['access_token']);
  }

  /** The registered id of a resource of Alice's, by its URL. */
  async resourceId(url = this.note()): Promise<string> {
    const { idToken } = await this.signIn('alice@acme.example');
    const { body } = await this.json('GET', `${this.manifest.domains.acme.ownerApi.url}/resources`, undefined, idToken);
    const found = (body['resources'] as { _id: string; uri: string }[]).find(({ uri }) => uri === url);
    if (found === undefined) throw new Error('not registered');
    return found._id;
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

async function answer(response: Promise<Response>): Promise<Answer> {
  const { status, headers, ...rest } = await response.then(async (settled) => ({ status: settled.status, headers: settled.headers, text: await settled.text() }));
  return { status, headers, body: parse(rest.text) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
