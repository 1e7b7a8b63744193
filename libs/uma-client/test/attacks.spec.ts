import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { readRequest } from '../src/outgoing-request.ts';
import { sendWithToken } from '../src/resource-request.ts';
import { FakeFederation } from './fake-federation.ts';
import { clock, randomness } from './fake-issuer.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

const duty = (code: string) => expect.objectContaining({ code, category: 'duty' });
/** The client asks the attacker's resource server, which answers what it likes. */
const askEvil = () => federation.umaFetch()(`${federation.evil.url}/notes/1`);

function expectNothingSent(): void {
  expect(federation.asRo.seen).toHaveLength(0);
  expect(federation.asRqp.seen).toHaveLength(0);
  expect(federation.evil.seen.filter(({ headers }) => headers.authorization !== undefined || headers['dpop'] !== undefined)).toEqual([]);
}

describe('A1 Pass-the-permission-ticket', () => {
  it('aborts with resource_mismatch when RS1 relays the challenge of RS2, with zero requests to either AS', async () => {
    federation.evil.answer = async () => federation.challenge(await federation.owner.tickets(federation.resourceUrl));
    await expect(askEvil()).rejects.toThrow(duty('resource_mismatch'));
    expectNothingSent();
    expect(federation.rs.seen).toHaveLength(0);
  });

  it('aborts when the same server relays the challenge of another of its resources', async () => {
    federation.rs.answer = async () => federation.challenge(await federation.owner.tickets(`${federation.rs.url}/users/alice/notes/2`));
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('resource_mismatch'));
    expect(federation.authorizationServerRequests).toBe(0);
    expect(federation.rs.seen).toHaveLength(1);
  });

  it('does not send an RPT that AS-RO calls one for another resource server', async () => {
    federation.asRo.answer = async (request) => {
      const answer = await federation.answerResourceOwnerServer(request);
      if (request.target !== '/token' || typeof answer.body !== 'object') return answer;
      return { ...answer, body: { ...answer.body, resource: 'https://rs2.example/' } };
    };
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('resource_mismatch'));
    expect(federation.rs.seen).toHaveLength(1);
  });
});

describe('Duty (v): the RPT goes to the origin in RCT.aud only', () => {
  it('is not sent to another origin, whatever asked for it', async () => {
    const sent: string[] = [];
    const context = {
      fetch: async (input: string | URL | Request) => {
        sent.push((input as URL).href);
        return new Response();
      },
      clock,
      randomness,
      trace: () => undefined,
      prover: undefined,
      answerLimitBytes: 0,
      metadata: new Map(),
      signal: new AbortController().signal,
    };
    const token = { token: 't', scheme: 'Bearer', origin: 'https://rs.example', issuer: 'https://as.example' } as const;
    const request = await readRequest('https://rs2.example/notes/1');
    await expect(sendWithToken(request, token, context)).rejects.toThrow(duty('resource_mismatch'));
    expect(sent).toEqual([]);
    await sendWithToken(await readRequest('https://rs.example/notes/1'), token, context);
    expect(sent).toEqual(['https://rs.example/notes/1']);
  });
});

describe('A1b RCT stripping and substitution', () => {
  it('aborts with challenge_stripped when RS1 relays a ticket without its RCT', async () => {
    federation.evil.answer = async () => federation.challenge({ ticket: (await federation.owner.tickets(federation.resourceUrl)).ticket });
    await expect(askEvil()).rejects.toThrow(duty('challenge_stripped'));
    expectNothingSent();
  });

  it('aborts when only the header or only the body was stripped (duty iv)', async () => {
    const { ticket, resourceClaimsToken } = await federation.owner.tickets(`${federation.evil.url}/notes/1`);
    const whole = federation.challenge({ ticket, resourceClaimsToken });
    const stripped = federation.challenge({ ticket });
    federation.evil.answer = () => ({ ...whole, headers: stripped.headers ?? {} });
    await expect(askEvil()).rejects.toThrow(duty('copies_disagree'));
    federation.evil.answer = () => ({ ...stripped, headers: whole.headers ?? {} });
    await expect(askEvil()).rejects.toThrow(duty('copies_disagree'));
    expectNothingSent();
  });

  it('aborts with issuer_mismatch when RS1 puts its own RCT beside the ticket and as_uri of RS2', async () => {
    const { ticket, nonce } = await federation.owner.tickets(federation.resourceUrl);
    const { resourceClaimsToken } = await federation.evilIssuer.tickets(`${federation.evil.url}/notes/1`, nonce);
    federation.evil.answer = () => federation.challenge({ ticket, resourceClaimsToken });
    await expect(askEvil()).rejects.toThrow(duty('issuer_mismatch'));
    expectNothingSent();
  });

  it('sends a stripped challenge of a configured pair to its AS, with resource naming the server that was asked (duty vii)', async () => {
    const trustedResourceServers = [{ origin: federation.evil.url, asUri: federation.asRo.url }];
    federation.evil.answer = async () => federation.challenge({ ticket: (await federation.owner.tickets(federation.resourceUrl)).ticket });
    const asked = federation.umaFetch({ trustedResourceServers })(`${federation.evil.url}/notes/1`);
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'grant_refused', oauthError: 'invalid_target', status: 400, step: 8 }));
    expect(federation.asRqp.seen).toHaveLength(0);
    expect(federation.asRo.requests[0]?.form).toMatchObject({ resource: federation.evil.url });
    expect(federation.asRo.requests[0]?.form).not.toHaveProperty('claim_token');
  });
});

describe('A8 AS mix-up via as_uri', () => {
  it('aborts when as_uri is the attacker and ticket and RCT are genuine; nothing is posted to the attacker', async () => {
    federation.rs.answer = async () => federation.challenge(await federation.owner.tickets(federation.resourceUrl), federation.evil.url);
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('issuer_mismatch'));
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('does not post identity claims to a server they are not for (duty iii)', async () => {
    federation.asRqp.answer = async (request) => {
      if (request.target !== '/token') return federation.answerRequestingPartyServer(request);
      const token = await federation.rqp.identityClaims(federation.evilIssuer.issuer, 'A'.repeat(43));
      return { status: 200, body: { access_token: token, issued_token_type: TOKEN_TYPE_URNS.jwt, token_type: 'N_A' } };
    };
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('audience_mismatch'));
    expect(federation.asRo.requests).toHaveLength(0);
  });

  it('does not use metadata of another issuer', async () => {
    federation.asRo.answer = () => ({ status: 200, body: { issuer: federation.evil.url, token_endpoint: `${federation.evil.url}/token` } });
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('issuer_mismatch'));
    expect(federation.asRqp.seen).toHaveLength(0);
    expect(federation.evil.seen).toHaveLength(0);
  });

  it('does not post to a token endpoint that is neither https nor local', async () => {
    federation.asRo.answer = () => ({ status: 200, body: { issuer: federation.asRo.url, token_endpoint: 'http://evil.example/token' } });
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('insecure_url'));
    expect(federation.asRqp.seen).toHaveLength(0);
  });

  it('does not deal with an AS-RO that its owner gave no client for', async () => {
    const asked = federation.umaFetch({ resourceOwnerClient: () => undefined })(federation.resourceUrl);
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'client_unknown', category: 'use' }));
    expect(federation.authorizationServerRequests).toBe(0);
  });
});

describe('The cross-check of RFC 9728', () => {
  const withMetadata = (location: string, document: Record<string, unknown>, status = 200) => {
    federation.rs.answer = async (request) => {
      if (request.target.startsWith('/.well-known/')) return { status, body: document };
      const answer = federation.challenge(await federation.owner.tickets(federation.resourceUrl));
      return { ...answer, headers: { 'www-authenticate': `${String(answer.headers?.['www-authenticate'])}, Bearer resource_metadata="${location}"` } };
    };
  };
  const local = () => `${federation.rs.url}/.well-known/oauth-protected-resource`;

  it.each([
    ['is for another resource', () => ({ resource: 'https://rs2.example/', authorization_servers: [federation.asRo.url] })],
    ['is for another path', () => ({ resource: `${federation.rs.url}/other`, authorization_servers: [federation.asRo.url] })],
    ['names no resource', () => ({ authorization_servers: [federation.asRo.url] })],
    ['lists another authorization server', () => ({ resource: federation.rs.url, authorization_servers: [federation.evil.url] })],
    ['lists none', () => ({ resource: federation.rs.url })],
  ])('aborts when the document %s', async (_name, document) => {
    withMetadata(local(), document());
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('resource_mismatch'));
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('fetches no document from another origin', async () => {
    withMetadata(`${federation.evil.url}/.well-known/oauth-protected-resource`, {});
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(duty('resource_mismatch'));
    expect(federation.authorizationServerRequests).toBe(0);
  });

  it('aborts when the document cannot be had', async () => {
    withMetadata(local(), {}, 404);
    await expect(federation.umaFetch()(federation.resourceUrl)).rejects.toThrow(expect.objectContaining({ code: 'malformed_answer', status: 404, step: 4 }));
    expect(federation.authorizationServerRequests).toBe(0);
  });
});
