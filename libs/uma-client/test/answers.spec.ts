import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeFederation, NOTE } from './fake-federation.ts';
import type { FakeAnswer, SeenRequest } from './fake-server.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

/** AS-RO answers its token requests with these, then as it should. */
function answersOfAsRo(...answers: ((request: SeenRequest) => FakeAnswer | Promise<FakeAnswer>)[]): void {
  federation.asRo.answer = async (request) => {
    const next = request.target === '/token' ? answers.shift() : undefined;
    return next === undefined ? federation.answerResourceOwnerServer(request) : next(request);
  };
}

/** A need_info of Decision D1 with a fresh ticket and a fresh resource claims token. */
async function needInfo(extra: Record<string, unknown> = {}): Promise<FakeAnswer> {
  const { ticket, resourceClaimsToken } = await federation.owner.tickets(federation.resourceUrl);
  return { status: 403, body: { error: 'need_info', ticket, resource_claims_token: resourceClaimsToken, required_claims: [{ name: 'acr', friendly_name: 'A step-up' }], acr_values: 'otp fpt', max_age: 300, ...extra } };
}

describe('need_info', () => {
  it('leads to one fresh exchange with the fresh resource claims token', async () => {
    answersOfAsRo(() => needInfo());
    const response = await federation.umaFetch()(federation.resourceUrl);
    expect(await response.text()).toBe(NOTE);
    expect(federation.asRqp.requests).toHaveLength(2);
    const [first, second] = federation.asRqp.requests.map(({ form }) => form['actor_token']);
    expect(first).not.toBe(second);
    const [ticket, next] = federation.asRo.requests.map(({ form }) => form['ticket']);
    expect(ticket).not.toBe(next);
  });

  it('is given up as data when the same person\'s token was not enough twice; the last ticket is unused', async () => {
    answersOfAsRo(() => needInfo(), () => needInfo({ redirect_user: 'http://127.0.0.1/claims' }));
    const asked = federation.umaFetch()(federation.resourceUrl);
    await expect(asked).rejects.toThrow(
      expect.objectContaining({
        code: 'need_info',
        category: 'refusal',
        status: 403,
        needInfo: expect.objectContaining({
          issuer: federation.asRo.url,
          requiredClaims: [expect.objectContaining({ name: 'acr', friendlyName: 'A step-up' })],
          redirectUser: 'http://127.0.0.1/claims',
          acrValues: ['otp', 'fpt'],
          maxAgeSeconds: 300,
        }),
      }),
    );
    expect(federation.asRqp.requests).toHaveLength(2);
    expect(federation.asRo.requests).toHaveLength(2);
  });

  it('tells the caller what is missing, who may bring a better token, four rounds at most', async () => {
    answersOfAsRo(...Array.from({ length: 5 }, () => () => needInfo()));
    const missing: (readonly string[] | undefined)[] = [];
    const subjectToken = async (wanted?: { acrValues: readonly string[] }) => {
      missing.push(wanted?.acrValues);
      return { token: `token-${missing.length}`, type: 'id_token' as const };
    };
    await expect(federation.umaFetch({ subjectToken })(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'need_info' }));
    expect(missing).toEqual([undefined, ['otp', 'fpt'], ['otp', 'fpt'], ['otp', 'fpt']]);
    expect(federation.asRo.requests).toHaveLength(4);
  });

  it('ends with an error when the ticket did not change, or an earlier one comes back [G60]', async () => {
    answersOfAsRo((request) => needInfo({ ticket: request.form['ticket'] }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'ticket_unchanged' }));
    expect(federation.asRo.requests).toHaveLength(1);
    federation.behave();
    answersOfAsRo(() => needInfo(), () => needInfo({ ticket: federation.asRo.requests[0]?.form['ticket'] }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'ticket_unchanged' }));
  });

  it('checks duties (i) and (ii) for the fresh resource claims token too', async () => {
    const other = await federation.owner.tickets('https://rs2.example/x');
    answersOfAsRo(() => needInfo({ resource_claims_token: other.resourceClaimsToken }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'resource_mismatch' }));
    federation.behave();
    const evil = await federation.evilIssuer.tickets(federation.resourceUrl);
    answersOfAsRo(() => needInfo({ resource_claims_token: evil.resourceClaimsToken }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'issuer_mismatch' }));
    expect(federation.asRqp.requests).toHaveLength(1);
  });

  it('sends the person to a browser when the caller can, and goes on with the ticket that comes back', async () => {
    const { ticket } = await federation.owner.tickets(federation.resourceUrl);
    answersOfAsRo(() => needInfo({ redirect_user: `${federation.asRo.url}/claims` }), async (request) => ({
      status: request.form['ticket'] === ticket && request.form['claim_token'] === undefined ? 200 : 500,
      body: { access_token: await federation.owner.requestingPartyToken(federation.rs.url), token_type: 'Bearer', expires_in: 60 },
    }));
    const redirectUri = 'http://127.0.0.1:5000/claims';
    const visit = async (url: string) => `${redirectUri}?ticket=${ticket}&state=${new URL(url).searchParams.get('state')}&iss=${encodeURIComponent(federation.asRo.url)}`;
    const response = await federation.umaFetch({ claimsGathering: { redirectUri, visit } })(federation.resourceUrl);
    expect(response.status).toBe(200);
    expect(federation.asRqp.requests).toHaveLength(1);
  });
});

describe('A60 Client-side CSRF in the dance', () => {
  it('uses no ticket of a redirect that does not carry the state', async () => {
    answersOfAsRo(() => needInfo({ redirect_user: `${federation.asRo.url}/claims` }));
    const redirectUri = 'http://127.0.0.1:5000/claims';
    const visit = async () => `${redirectUri}?ticket=forged&state=forged&iss=${encodeURIComponent(federation.asRo.url)}`;
    await expect(federation.umaFetch({ claimsGathering: { redirectUri, visit } })(federation.resourceUrl)).rejects.toThrow(
      expect.objectContaining({ code: 'interaction_mismatch' }),
    );
    expect(federation.asRo.requests).toHaveLength(1);
  });
});

describe('Other answers of AS-RO', () => {
  it.each([
    ['request_denied', 403, { error: 'request_denied' }, { code: 'request_denied', category: 'refusal' }],
    ['invalid_grant', 400, { error: 'invalid_grant' }, { code: 'grant_refused', oauthError: 'invalid_grant' }],
    ['request_submitted', 403, { error: 'request_submitted', ticket: 'next', interval: 7 }, { code: 'request_submitted', submitted: expect.objectContaining({ ticket: 'next', intervalSeconds: 7 }) }],
    ['an error without a code', 500, { message: 'x' }, { code: 'malformed_answer', status: 500 }],
    ['a token of a type it does not know', 200, { access_token: 'x', token_type: 'mac' }, { code: 'unexpected_token' }],
    ['no token', 200, { token_type: 'Bearer' }, { code: 'malformed_answer' }],
    ['a token that would break the header', 200, { access_token: 'x\r\nEvil: 1', token_type: 'Bearer' }, { code: 'malformed_answer' }],
  ])('%s becomes an UmaError and the resource server gets no token', async (_name, status, body, expected) => {
    answersOfAsRo(() => ({ status, body }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ step: 8, ...expected }));
    expect(federation.rs.seen).toHaveLength(1);
  });

  it('a request_submitted with the ticket that was sent is an error [G60]', async () => {
    answersOfAsRo((request) => ({ status: 403, body: { error: 'request_submitted', ticket: request.form['ticket'] } }));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'ticket_unchanged' }));
  });

  it('a DPoP token for a client without DPoP is an error', async () => {
    answersOfAsRo(() => ({ status: 200, body: { access_token: 'x', token_type: 'DPoP' } }));
    await expect(federation.umaFetch({ dpop: false })(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'unexpected_token' }));
  });
});

describe('Answers of AS-RqP', () => {
  it.each([
    ['invalid_target', 400, { error: 'invalid_target' }, { code: 'exchange_refused', oauthError: 'invalid_target' }],
    ['another issued_token_type', 200, { access_token: 'x', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }, { code: 'unexpected_token' }],
    ['no token', 200, { issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, { code: 'malformed_answer' }],
  ])('%s becomes an UmaError and AS-RO gets no request', async (_name, status, body, expected) => {
    federation.asRqp.answer = (request) => (request.target === '/token' ? { status, body } : federation.answerRequestingPartyServer(request));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ step: 6, ...expected }));
    expect(federation.asRo.requests).toHaveLength(0);
  });

  it('metadata are found at the OpenID Connect location when the OAuth one is not there', async () => {
    federation.asRqp.answer = (request) => {
      if (request.target.startsWith('/.well-known/oauth')) return { status: 404 };
      if (request.target === '/.well-known/openid-configuration') return federation.answerRequestingPartyServer({ ...request, target: '/.well-known/oauth-authorization-server' });
      return federation.answerRequestingPartyServer(request);
    };
    expect((await federation.umaFetch()(federation.resourceUrl)).status).toBe(200);
  });

  it('an outage of the OAuth location is not a reason to look elsewhere', async () => {
    federation.asRqp.answer = () => ({ status: 503 });
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'malformed_answer', status: 503 }));
    expect(federation.asRqp.seen).toHaveLength(1);
  });
});
