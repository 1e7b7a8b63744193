import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TraceStep } from '../src/trace.ts';
import type { UmaError } from '../src/uma-error.ts';
import { FakeFederation, NOTE } from './fake-federation.ts';
import { FakeUma1 } from './fake-uma-1.ts';
import { failure } from './scripted-answers.ts';

let federation: FakeFederation;
let domain: FakeUma1;
beforeAll(async () => {
  federation = await FakeFederation.start();
  domain = new FakeUma1(federation);
});
beforeEach(() => domain.behave('draft-07'));
afterAll(() => federation.stop());

const schemes = () => federation.rs.seen.map(({ headers }) => headers.authorization?.split(' ')[0]);

describe('UMA 1.0 from the client\'s side', () => {
  it.each(['draft-05', 'draft-07'] as const)('%s: 401 leads to an RPT, 403 with a ticket to the permission, then the resource', async (version) => {
    domain.behave(version);
    const response = await domain.umaFetch()(federation.resourceUrl);
    expect(await response.text()).toBe(NOTE);
    const [token] = domain.tokens.keys();
    expect(domain.apiCalls).toEqual([
      { path: '/rpt', body: undefined },
      { path: '/authz', body: { rpt: token, ticket: expect.any(String) } },
    ]);
    expect(federation.rs.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, `Bearer ${token}`, `Bearer ${token}`]);
  });

  it('1.0.1: the ticket of the first 401 goes to the RPT endpoint, and the RPT that comes back is the one to use', async () => {
    domain.behave('1.0.1');
    expect((await domain.umaFetch()(federation.resourceUrl)).status).toBe(200);
    expect(domain.apiCalls).toEqual([{ path: '/rpt', body: { ticket: expect.any(String) } }]);
    expect(schemes()).toEqual([undefined, 'Bearer']);
  });

  it('1.0.1: an RPT that is not enough goes along with the next ticket, and the new one takes its place', async () => {
    domain.behave('1.0.1');
    const umaFetch = domain.umaFetch();
    await umaFetch(federation.resourceUrl);
    const [first] = domain.tokens.keys();
    for (const holder of domain.tokens.values()) holder.permitted = false;
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    const [second] = domain.tokens.keys();
    expect(domain.apiCalls[1]?.body).toEqual({ rpt: first, ticket: expect.any(String) });
    expect(federation.rs.seen.at(-1)?.headers.authorization).toBe(`Bearer ${second}`);
  });

  it('gets the AAT by the dance of UMA 2.0 at the authorization API, once, and uses that one at every endpoint', async () => {
    await domain.umaFetch()(federation.resourceUrl);
    expect(federation.asRqp.requests).toHaveLength(1);
    const exchange = federation.asRo.requests.filter(({ target }) => target === '/token');
    expect(exchange.map(({ form }) => form['resource'])).toEqual([federation.asRo.url]);
    const calls = federation.asRo.requests.filter(({ target, headers }) => target !== '/token' && headers.authorization !== undefined);
    expect(new Set(calls.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect(calls.map(({ headers }) => headers['dpop'] !== undefined)).toEqual([true, true]);
  });

  it('takes an AAT of an OAuth grant instead, where the caller has one', async () => {
    const issuers: string[] = [];
    const authorizationApiToken = async (issuer: string) => {
      issuers.push(issuer);
      return 'aat-of-an-oauth-grant';
    };
    expect((await domain.umaFetch({ authorizationApiToken })(federation.resourceUrl)).status).toBe(200);
    expect(issuers).toEqual([federation.asRo.url, federation.asRo.url]);
    expect(federation.asRqp.seen).toHaveLength(0);
    expect(federation.asRo.requests.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer aat-of-an-oauth-grant'));
  });

  it('keeps the RPT for the next request, whatever resource of that server it is for', async () => {
    const umaFetch = domain.umaFetch();
    await umaFetch(federation.resourceUrl);
    expect((await umaFetch(`${federation.rs.url}/notes/2`, { method: 'POST', body: 'x' })).status).toBe(200);
    expect(domain.apiCalls).toHaveLength(2);
    expect(schemes()).toEqual([undefined, 'Bearer', 'Bearer', 'Bearer']);
  });

  it('gets another RPT when the old one has ended', async () => {
    const umaFetch = domain.umaFetch();
    await umaFetch(federation.resourceUrl);
    domain.tokens.clear();
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    expect(domain.apiCalls.map(({ path }) => path)).toEqual(['/rpt', '/authz', '/rpt', '/authz']);
  });

  it('begins anew when the RPT belongs to another AAT', async () => {
    const umaFetch = domain.umaFetch();
    await umaFetch(federation.resourceUrl);
    for (const holder of domain.tokens.values()) Object.assign(holder, { permitted: false, aat: 'another' });
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    expect(domain.apiCalls.slice(2).map(({ path }) => path)).toEqual(['/authz', '/rpt', '/authz']);
  });

  it('returns the refusal of a resource server that is never satisfied, after one round', async () => {
    federation.rs.answer = (request) => {
      const answer = domain.answerResource(request);
      if (answer.status !== 200) return answer;
      return { status: 403, headers: { 'www-authenticate': `UMA as_uri="${federation.asRo.url}"` }, body: { ticket: 'more' } };
    };
    const response = await domain.umaFetch()(federation.resourceUrl);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ ticket: 'more' });
    federation.rs.answer = () => ({ status: 401, headers: { 'www-authenticate': `UMA as_uri="${federation.asRo.url}"` } });
    expect((await domain.umaFetch()(federation.resourceUrl)).status).toBe(401);
    expect(domain.apiCalls.slice(2).map(({ path }) => path)).toEqual(['/rpt']);
  });

  it('passes everything else through', async () => {
    federation.rs.answer = () => ({ status: 403, headers: { warning: '199 - "UMA Authorization Server Unreachable"' } });
    expect((await domain.umaFetch()(federation.resourceUrl)).status).toBe(403);
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('forgets everything at sign-out, and revokes the AAT', async () => {
    const { answer } = federation.asRo;
    federation.asRo.answer = (request) => {
      if (request.target === '/revoke') return { status: 200 };
      const issuer = federation.asRo.url;
      return request.target === '/.well-known/uma2-configuration' ? { status: 200, body: { issuer, token_endpoint: `${issuer}/token`, revocation_endpoint: `${issuer}/revoke` } } : answer(request);
    };
    const umaFetch = domain.umaFetch();
    await umaFetch(federation.resourceUrl);
    const aat = federation.asRo.requests.find(({ target, headers }) => target === '/rpt' && headers.authorization !== undefined)?.headers.authorization?.split(' ')[1];
    expect(await umaFetch.revoke()).toEqual([]);
    expect(federation.asRo.seen.filter(({ target }) => target === '/revoke').map(({ form }) => form)).toEqual([{ token: aat, token_type_hint: 'access_token', client_id: 'app-at-ro' }]);
    await umaFetch(federation.resourceUrl);
    expect(schemes()).toEqual([undefined, 'Bearer', 'Bearer', undefined, 'Bearer', 'Bearer']);
    expect(federation.asRqp.requests).toHaveLength(2);
  });

  it.each(['/.well-known/uma-configuration', '/rpt', '/authz'])('lets a call that is under way at sign-out keep nothing: %s', async (target) => {
    const umaFetch = domain.umaFetch();
    const { answer } = federation.asRo;
    let signsOut = true;
    federation.asRo.answer = async (request) => {
      if (signsOut && request.target === target) {
        signsOut = false;
        await umaFetch.revoke();
      }
      return answer(request);
    };
    expect((await umaFetch(federation.resourceUrl)).status).toBe(200);
    const [before, exchanges] = [schemes().length, federation.asRqp.requests.length];
    await umaFetch(federation.resourceUrl);
    expect(signsOut).toBe(false);
    expect(schemes().slice(before)).toEqual([undefined, 'Bearer', 'Bearer']);
    expect(federation.asRqp.requests).toHaveLength(exchanges + 1);
  });

  it('reports what goes over the wire, JSON included', async () => {
    const steps: TraceStep[] = [];
    await domain.umaFetch({ onStep: (step) => steps.push(step) })(federation.resourceUrl);
    const asked = steps.find(({ title, request }) => title === 'Ask for what the ticket stands for' && request !== undefined);
    expect(asked?.request?.json).toEqual(domain.apiCalls[1]?.body);
    expect(steps.filter(({ title }) => title === 'The resource server answers with a challenge of UMA 1.0').map(({ response }) => response?.status)).toEqual([401, 403]);
    expect(steps.at(-1)).toMatchObject({ number: 10, response: { status: 200 } });
  });

  it('sends a stream only where an RPT is there already', async () => {
    const umaFetch = domain.umaFetch();
    const post = () => umaFetch(federation.resourceUrl, { method: 'POST', body: new Blob(['streamed']).stream() });
    expect(await failure(post())).toMatchObject({ code: 'body_not_replayable' });
    await umaFetch(federation.resourceUrl);
    expect((await post()).status).toBe(200);
    expect(federation.rs.seen.at(-1)?.body).toBe('streamed');
    domain.tokens.clear();
    expect(await failure(post())).toMatchObject({ code: 'body_not_replayable', status: 401 });
  });
});

describe('A1b RCT stripping: UMA 1.0 has no resource claims token', () => {
  it('so only configured pairs of servers are dealt with', async () => {
    for (const trustedResourceServers of [undefined, [], [{ origin: federation.rs.url, asUri: federation.evil.url }]]) {
      expect(await failure(domain.umaFetch({ trustedResourceServers })(federation.resourceUrl))).toMatchObject({ code: 'challenge_stripped', category: 'duty' });
    }
    expect(federation.authorizationServerRequests).toBe(0);
    expect(schemes()).toEqual([undefined, undefined, undefined]);
  });

  it('and an RPT goes to the origin that it was got for, not to another one of the same authorization server (duty v)', async () => {
    const trustedResourceServers = [federation.rs, federation.evil].map(({ url }) => ({ origin: url, asUri: federation.asRo.url }));
    const umaFetch = domain.umaFetch({ trustedResourceServers });
    await umaFetch(federation.resourceUrl);
    const [token] = domain.tokens.keys();
    federation.evil.answer = () => ({ status: 200 });
    await umaFetch(`${federation.evil.url}/notes/1`);
    expect(token).toBeDefined();
    expect(federation.evil.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('A8 AS mix-up via as_uri, in UMA 1.0', () => {
  it('configuration data of another issuer are not used', async () => {
    const { answer } = federation.asRo;
    federation.asRo.answer = (request) =>
      request.target === '/.well-known/uma-configuration' ? { status: 200, body: { ...domain.configuration(), issuer: 'https://as.elsewhere.example' } } : answer(request);
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'issuer_mismatch', category: 'duty' });
    expect(domain.apiCalls).toEqual([]);
  });

  it('an authorization API whose challenge names another server gets no claims', async () => {
    const { answer } = federation.asRo;
    federation.asRo.answer = async (request) =>
      request.target === '/rpt' ? federation.challenge(await federation.evilIssuer.tickets(`${federation.asRo.url}/rpt`), federation.evil.url) : answer(request);
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'issuer_mismatch' });
    expect(federation.asRqp.seen).toHaveLength(0);
    expect(federation.evil.seen).toHaveLength(0);
  });

  it.each([
    ['two servers', (as: string) => `UMA as_uri="${as}", am_uri="https://as.elsewhere.example"`],
    ['no server', () => 'UMA realm="x"'],
    ['two challenges', (as: string) => `UMA as_uri="${as}", UMA as_uri="${as}"`],
  ])('a challenge with %s is malformed', async (_name, header) => {
    federation.rs.answer = () => ({ status: 401, headers: { 'www-authenticate': header(federation.asRo.url) } });
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'challenge_malformed' });
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('tickets in header and body that differ end it', async () => {
    federation.rs.answer = () => ({ status: 403, headers: { 'www-authenticate': `UMA as_uri="${federation.asRo.url}", ticket="a"` }, body: { ticket: 'b' } });
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'copies_disagree', category: 'duty' });
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('the header of the example in draft 07, which lacks a comma, is understood', async () => {
    const { answer } = federation.rs;
    federation.rs.answer = async (request) => {
      const given = await answer(request);
      return given.status === 403 ? { ...given, headers: { 'www-authenticate': `UMA realm="example", host_id="photoz.example.com", as_uri="${federation.asRo.url}" error="insufficient_scope"` } } : given;
    };
    expect((await domain.umaFetch()(federation.resourceUrl)).status).toBe(200);
  });
});

describe('Refusals of UMA 1.0 (protocol.md 4.3)', () => {
  it.each([
    ['invalid_ticket', 400, 'ticket_refused'],
    ['expired_ticket', 400, 'ticket_refused'],
    ['invalid_requester_ticket', 400, 'ticket_refused'],
    ['expired_requester_ticket', 400, 'ticket_refused'],
    ['not_authorized_permission', 403, 'request_denied'],
    ['not_authorized', 403, 'request_denied'],
    ['need_claims', 403, 'need_info'],
    ['request_submitted', 403, 'request_submitted'],
    ['invalid_request', 400, 'grant_refused'],
  ])('%s (%d) becomes %s, with the server\'s own word', async (error, status, code) => {
    domain.refusal = { status, body: { status: 'error', error } };
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code, status, oauthError: error, category: 'refusal' });
    expect(schemes()).toEqual([undefined, 'Bearer']);
  });

  it('need_info of 1.0.1 says what is missing', async () => {
    domain.behave('1.0.1');
    const error_details = {
      authentication_context: { required_acr: ['otp'] },
      requesting_party_claims: { required_claims: [{ name: 'email', friendly_name: 'Your address' }], redirect_user: true, ticket: 'the-same' },
    };
    domain.refusal = { status: 403, body: { error: 'need_info', error_details } };
    const { needInfo } = (await failure(domain.umaFetch()(federation.resourceUrl))) as UmaError;
    expect(needInfo).toMatchObject({ issuer: federation.asRo.url, ticket: 'the-same', acrValues: ['otp'], requiredClaims: [{ name: 'email', friendlyName: 'Your address' }] });
    expect(needInfo).not.toHaveProperty('redirectUser');
  });

  it.each([
    ['no error', { status: 500, body: { message: 'x' } }],
    ['no JSON', { status: 502, body: '<html>' }],
  ])('%s is a malformed answer', async (_name, refusal) => {
    domain.refusal = refusal;
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'malformed_answer', category: 'peer' });
  });

  it.each([['no token', {}], ['a token that would break the header', { rpt: 'x\r\nEvil: 1' }]])('%s is none', async (_name, body) => {
    const { answer } = federation.asRo;
    federation.asRo.answer = (request) => (request.target === '/rpt' && request.headers.authorization !== undefined ? { status: 201, body } : answer(request));
    expect(await failure(domain.umaFetch()(federation.resourceUrl))).toMatchObject({ code: 'malformed_answer' });
  });
});
