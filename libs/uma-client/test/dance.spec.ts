import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateDpopKey, parseDpopJws } from '@uma-federation/uma-core';
import type { TraceStep } from '../src/trace.ts';
import { FakeFederation, NOTE, RESOURCE } from './fake-federation.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

describe('The dance of seed 003', () => {
  it('gives the resource of a stranger domain after one 401', async () => {
    const response = await federation.umaFetch()(federation.resourceUrl);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(NOTE);
    expect(federation.rs.seen.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual([undefined, 'DPoP']);
    expect(federation.asRqp.requests).toHaveLength(1);
    expect(federation.asRo.requests).toHaveLength(1);
  });

  it('reports the ten steps in order with what was sent and received', async () => {
    const steps: TraceStep[] = [];
    await federation.umaFetch({ onStep: (step) => steps.push(step) })(federation.resourceUrl);
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [ask, , , challenge, exchange, identity, redeem, grant, again, answer] = steps;
    expect(ask?.request).toMatchObject({ method: 'GET', url: federation.resourceUrl });
    expect(challenge?.response).toMatchObject({ status: 401, body: { error: 'uma_authorization_required' } });
    expect(exchange?.request).toMatchObject({ method: 'POST', url: `${federation.asRqp.url}/token`, form: { subject_token: 'token-of-bob' } });
    expect(identity?.response).toMatchObject({ status: 200, body: { token_type: 'N_A' } });
    expect(redeem?.request?.form).toMatchObject({ ticket: challenge?.response?.body?.['ticket'], claim_token: identity?.response?.body?.['access_token'] });
    expect(grant?.response).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    expect(again?.request?.headers['authorization']).toBe(`DPoP ${grant?.response?.body?.['access_token'] as string}`);
    expect(answer?.response?.status).toBe(200);
  });

  it('sends the exchange and the ticket as protocol.md 1.9 writes them, resource included (duty vii)', async () => {
    await federation.umaFetch({ ownerEmail: 'alice+1@acme.example' })(federation.resourceUrl);
    const urn = 'urn:ietf:params:oauth:';
    expect(federation.asRqp.requests[0]?.form).toEqual({
      grant_type: `${urn}grant-type:token-exchange`,
      requested_token_type: `${urn}token-type:jwt`,
      subject_token: 'token-of-bob',
      subject_token_type: `${urn}token-type:access_token`,
      actor_token: expect.any(String),
      actor_token_type: `${urn}token-type:jwt`,
      resource: 'mailto:alice%2B1@acme.example',
    });
    expect(federation.asRo.requests[0]?.form).toEqual({
      grant_type: `${urn}grant-type:uma-ticket`,
      ticket: expect.any(String),
      claim_token: expect.any(String),
      claim_token_format: `${urn}token-type:jwt`,
      resource: federation.rs.url,
      client_id: 'app-at-ro',
    });
  });

  it('authenticates a confidential client with the encoded secret and names a public one', async () => {
    await federation.umaFetch()(federation.resourceUrl);
    const basic = federation.asRqp.requests[0]?.headers.authorization ?? '';
    expect(Buffer.from(basic.replace('Basic ', ''), 'base64').toString()).toBe('app:s%2Becret%2F%3A%26');
    expect(federation.asRo.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('proves the same key to all three servers', async () => {
    const key = await generateDpopKey();
    await federation.umaFetch({ dpop: key })(federation.resourceUrl);
    const proofs = [...federation.asRqp.requests, ...federation.asRo.requests, ...federation.rs.seen.slice(1)].map(({ headers }) => parseDpopJws(String(headers['dpop'])));
    expect(proofs.map(({ header }) => header.jwk)).toEqual([key.publicJwk, key.publicJwk, key.publicJwk]);
    expect(proofs.map(({ claims }) => claims['ath'] !== undefined)).toEqual([false, false, true]);
  });

  it('uses a Bearer RPT when DPoP is switched off', async () => {
    const response = await federation.umaFetch({ dpop: false })(federation.resourceUrl);
    expect(response.status).toBe(200);
    expect(federation.rs.seen[1]?.headers.authorization).toMatch(/^Bearer /);
    expect(federation.rs.seen[1]?.headers['dpop']).toBeUndefined();
  });

  it('uses an RPT again until it expires', async () => {
    let now = 1_800_000_000;
    const umaFetch = federation.umaFetch({ clock: { now: () => now } });
    await umaFetch(federation.resourceUrl);
    await umaFetch(`${federation.resourceUrl}?page=2`);
    expect(federation.asRo.requests).toHaveLength(1);
    expect(federation.rs.seen).toHaveLength(3);
    now += 600;
    federation.rs.answer = (request) => (request.headers.authorization === undefined ? { status: 204 } : { status: 500 });
    expect((await umaFetch(federation.resourceUrl)).status).toBe(204);
  });

  it('starts anew when a kept RPT is refused', async () => {
    const umaFetch = federation.umaFetch();
    await umaFetch(federation.resourceUrl);
    let refusals = 0;
    federation.rs.answer = async (request) => {
      if (refusals++ > 0) return federation.answerResource(request);
      return federation.challenge(await federation.owner.tickets(federation.resourceUrl));
    };
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    expect(federation.asRo.requests).toHaveLength(2);
    expect(federation.rs.seen).toHaveLength(4);
  });

  it('forgets a refused RPT even when there is no other', async () => {
    const umaFetch = federation.umaFetch();
    await umaFetch(federation.resourceUrl);
    federation.rs.answer = async () => federation.challenge(await federation.owner.tickets(federation.resourceUrl));
    federation.asRo.answer = () => ({ status: 403, body: { error: 'request_denied' } });
    await expect(umaFetch(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'request_denied' }));
    federation.rs.answer = (request) => ({ status: request.headers.authorization === undefined ? 204 : 500 });
    expect((await umaFetch(federation.resourceUrl)).status).toBe(204);
  });

  it('leaves the fragment of a URL at home', async () => {
    const steps: TraceStep[] = [];
    const response = await federation.umaFetch({ onStep: (step) => steps.push(step) })(`${federation.resourceUrl}?a=1#secret`);
    expect(response.status).toBe(200);
    expect(steps.filter(({ number }) => number === 1 || number === 9).map(({ request }) => request?.url)).toEqual(Array(2).fill(`${federation.resourceUrl}?a=1`));
  });

  it('returns a second challenge instead of dancing for ever', async () => {
    federation.rs.answer = async () => federation.challenge(await federation.owner.tickets(federation.resourceUrl));
    const response = await federation.umaFetch()(federation.resourceUrl);
    expect(response.status).toBe(401);
    expect(federation.asRo.requests).toHaveLength(1);
  });

  it.each([
    ['a success', { status: 200, body: 'open' }],
    ['a refusal without challenge', { status: 403, headers: { warning: '199 - "UMA Authorization Server Unreachable"' } }],
    ['a challenge of another scheme', { status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' }, body: 'no' }],
    ['a challenge that is not a 401', { status: 403, headers: { 'www-authenticate': 'UMA as_uri="https://as.example", ticket="t"' } }],
  ])('passes %s through with its body', async (_name, answer) => {
    federation.rs.answer = () => answer;
    const response = await federation.umaFetch()(`${federation.rs.url}${RESOURCE}`);
    expect(response.status).toBe(answer.status);
    expect(await response.text()).toBe('body' in answer ? answer.body : '');
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('dances when UMA and Bearer stand in two header lines and the metadata agree', async () => {
    const metadata = `${federation.rs.url}/.well-known/oauth-protected-resource`;
    federation.rs.answer = async (request) => {
      if (request.target.startsWith('/.well-known/')) return { status: 200, body: { resource: `${federation.rs.url}/`, authorization_servers: [federation.owner.issuer] } };
      const answer = await federation.answerResource(request);
      if (answer.status !== 401) return answer;
      return { ...answer, headers: { 'www-authenticate': [String(answer.headers?.['www-authenticate']), `Bearer resource_metadata="${metadata}"`] } };
    };
    federation.asRo.answer = (request) => federation.answerResourceOwnerServer({ ...request, form: { ...request.form, resource: federation.rs.url } });
    expect((await federation.umaFetch()(federation.resourceUrl)).status).toBe(200);
    expect(federation.asRo.requests[0]?.form['resource']).toBe(`${federation.rs.url}/`);
  });
});
