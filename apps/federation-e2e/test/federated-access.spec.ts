import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createUmaFetch, UmaError, type TraceStep } from '@uma-federation/uma-client';
import { ticketHash } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { msUntilRefused } from './support/ms-until-refused.ts';
import { RawClient } from './support/raw-client.ts';

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

describe('One federated access', () => {
  it('takes Bob of globex through the ten steps to Alice’s note at acme', async () => {
    const steps: TraceStep[] = [];
    const answer = await bobsFetch((step) => steps.push(step))(client.note());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: '1', owner: 'alice' });
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('carries exactly the claims of the token profile from step to step', async () => {
    const { acme, globex } = federation.manifest.domains;
    const { challenge, ict } = await client.prepared();
    const granted = await client.redeem(challenge.ticket, ict, { resource: acme.gateway.url });
    const rpt = String(granted.body['access_token']);
    const pt = decodeJwt(challenge.ticket);
    const rct = decodeJwt(challenge.resourceClaimsToken);
    expect([challenge.ticket, challenge.resourceClaimsToken, ict, rpt].map((token) => decodeProtectedHeader(token).typ)).toEqual([
      'uma-ticket+jwt',
      'uma-resource-claims+jwt',
      'uma-identity-claims+jwt',
      'at+jwt',
    ]);
    expect(rct).toMatchObject({ iss: acme.asRo.issuer, aud: client.note(), sub: await ticketHash(String(pt.sub)) });
    expect(decodeJwt(ict)).toMatchObject({
      iss: globex.asRqp.issuer,
      aud: acme.asRo.issuer,
      sub: 'bob@globex.example',
      email_verified: true,
      client_id: federation.manifest.clients.confidential.clientId,
      act: { sub: rct.sub, iss: acme.asRo.issuer },
    });
    expect(decodeJwt(rpt)).toMatchObject({ iss: acme.asRo.issuer, aud: acme.gateway.url, sub: 'bob@globex.example', permissions: [{ resource_scopes: ['view'] }] });
    expect(granted.body).toMatchObject({ token_type: 'Bearer', expires_in: 600, resource: acme.gateway.url });
    expect(granted.body).not.toHaveProperty('scope');
  });

  it('leaves the identity header to nobody but the gateway [A83]', async () => {
    const mirror = `${federation.manifest.domains.acme.gateway.url}/whoami`;
    const share = await client.share({ domain: 'globex.example' }, mirror);
    const rpt = await client.rpt('dave@globex.example', mirror);
    const forged = { 'X-RqP-Email': 'alice@acme.example', X_RqP_Email: 'alice@acme.example', 'X-Forwarded-User': 'alice', 'Remote-User': 'alice' };
    const { status, body } = await client.get(mirror, `Bearer ${rpt}`, forged);
    await share.end();
    expect(status).toBe(200);
    const headers = body['headers'] as Record<string, string>;
    expect(headers['x-rqp-email']).toBe('dave@globex.example');
    expect(Object.keys(headers).filter((name) => headers[name]?.includes('alice'))).toEqual(['x-uma-owner']);
    expect(headers).not.toHaveProperty('authorization');
  });

  it('is denied to somebody whom Alice did not share with, and for a note that she did not share [A24]', async () => {
    for (const [email, url] of [['dave@globex.example', client.note()], ['bob@globex.example', client.note('2')], ['carol@acme.example', client.note()]] as const) {
      const challenge = await client.challenge(url);
      const { accessToken } = await client.signIn(email);
      const asRqp = email.endsWith('acme.example') ? federation.manifest.domains.acme.asRqp.issuer : federation.manifest.domains.globex.asRqp.issuer;
      const exchanged = await client.post(`${asRqp}/token`, exchangeForm(accessToken, challenge.resourceClaimsToken));
      const { status, body } = await client.redeem(challenge.ticket, String(exchanged.body['access_token']));
      expect([status, body['error']]).toEqual([403, 'request_denied']);
      expect(body).not.toHaveProperty('ticket');
    }
  });

  it('ends for new tickets and for introspection when Alice takes the share back [G67]', async () => {
    const { asRo } = federation.manifest.domains.acme;
    const share = await client.share({ email: 'dave@globex.example' }, client.note('2'));
    const rpt = await client.rpt('dave@globex.example', client.note('2'));
    const introspect = async () => (await client.post(`${asRo.issuer}/introspect`, { token: rpt }, `Bearer ${await client.pat()}`)).body;
    expect(await introspect()).toMatchObject({ active: true, permissions: [{ resource_scopes: ['view'] }] });
    expect((await share.end()).status).toBe(204);
    expect(await introspect()).toEqual({ active: false });
    // The gateway validates by itself and hears of it from the revocation feed, which it reads every 2 s.
    expect(await msUntilRefused(() => client.get(client.note('2'), `Bearer ${rpt}`))).toBeLessThan(5000);
    await expect(client.rpt('dave@globex.example', client.note('2'))).rejects.toThrow('request_denied');
  });

  it('asks for a stronger sign-in when the share does, and grants after one, in the same process [G35]', async () => {
    const acr = 'urn:uma-federation:acr:otp';
    const share = await client.share({ email: 'bob@globex.example' }, client.note('2'), { acr_values: [acr] });
    const { challenge, ict } = await client.prepared('bob@globex.example', client.note('2'));
    const asked = await client.redeem(challenge.ticket, ict);
    expect(asked.status).toBe(403);
    expect(asked.body).toMatchObject({ error: 'need_info', acr_values: acr, required_claims: [{ name: 'acr' }] });
    expect(asked.body['ticket']).not.toBe(challenge.ticket);
    const stronger = await client.signIn('bob@globex.example', { otp: '000000', acr_values: acr });
    const exchanged = await client.exchange(stronger.accessToken, String(asked.body['resource_claims_token']));
    const granted = await client.redeem(String(asked.body['ticket']), String(exchanged.body['access_token']));
    expect(granted.status).toBe(200);
    expect(decodeJwt(String(granted.body['access_token']))).toMatchObject({ acr });
    await share.end();
  });
});

describe('Numbers and hard rules', () => {
  it('gives one RPT for each of several tickets that are redeemed 50 times in parallel [A16] [G58]', async () => {
    const prepared = await Promise.all(Array.from({ length: 4 }, () => client.prepared()));
    const answers = await Promise.all(prepared.flatMap(({ challenge, ict }) => Array.from({ length: 50 }, () => client.redeem(challenge.ticket, ict))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ status, body }) => `${status} ${String(body['error'])}`))).toEqual(new Set(['400 invalid_grant']));
  });

  it('writes nothing to any database for requests without a token', async () => {
    const before = await writesOf(federation);
    for (const url of [client.note(), client.note('2'), client.note('404'), `${federation.manifest.domains.acme.gateway.url}/other`]) await client.get(url);
    await Promise.all(Array.from({ length: 50 }, () => client.challenge()));
    expect(await writesOf(federation)).toEqual(before);
    // The counter counts: one redemption is seen.
    await client.rpt();
    expect(await writesOf(federation)).not.toEqual(before);
  });

  it('answers a request with an RPT from what it knows: AS-RO is not asked [A92]', async () => {
    const rpt = await client.rpt();
    await client.get(client.note(), `Bearer ${rpt}`);
    // What the gateway asks in the background (keys, resources, the revocation feed) has routes of its own.
    const asked = async () =>
      (await federation.logLines()).filter((line) => line.includes('"service":"as-ro"') && /"route":"\/(token|permission|introspect)"/.test(line)).length;
    const before = await settled(asked);
    for (let i = 0; i < 10; i += 1) expect((await client.get(client.note(), `Bearer ${rpt}`)).status).toBe(200);
    expect(await settled(asked)).toBe(before);
  });
});

describe('A1 Pass-the-permission-ticket', () => {
  it('makes a DPoP-bound RPT useless to whoever else holds it', async () => {
    let stolen = '';
    const umaFetch = bobsFetch((step) => {
      const token = step.number === 8 ? step.response?.body?.['access_token'] : undefined;
      if (typeof token === 'string') stolen = token;
    });
    expect((await umaFetch(client.note())).status).toBe(200);
    const bearer = await client.get(client.note(), `Bearer ${stolen}`);
    const dpop = await client.get(client.note(), `DPoP ${stolen}`);
    expect([bearer.status, dpop.status]).toEqual([401, 401]);
    expect(bearer.headers.get('www-authenticate')).toContain('DPoP');
  });

  it('gives up before anything is sent when the challenge is for another resource', async () => {
    const { createServer } = await import('node:http');
    const victim = await client.get(client.note());
    const evil = createServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': victim.headers.get('www-authenticate') ?? '', 'content-type': 'application/json' });
      response.end(JSON.stringify(victim.body));
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const { port } = evil.address() as { port: number };
    const steps: number[] = [];
    const attempt = bobsFetch((step) => void steps.push(step.number))(`http://127.0.0.1:${port}/users/alice/notes/1`);
    await expect(attempt).rejects.toThrow(UmaError);
    await expect(attempt).rejects.toMatchObject({ code: 'resource_mismatch' });
    expect(steps).not.toContain(5);
    evil.close();
  });
});

describe('A78 Logs', () => {
  it('hold no token, secret or e-mail address after all of this', async () => {
    const lines = await federation.logLines();
    expect(lines.length).toBeGreaterThan(100);
    const { clients, domains } = federation.manifest;
    const secrets = [clients.confidential.clientSecret, ...Object.values(domains).flatMap(({ resourceServer, people }) => [resourceServer.clientSecret, ...people.map(({ password }) => password)])];
    const leaks = lines.filter((line) => /eyJ|@(acme|globex)\.example/.test(line) || secrets.some((secret) => line.includes(secret)));
    expect(leaks).toEqual([]);
  });
});

function exchangeForm(subjectToken: string, actorToken: string): Record<string, string> {
  const jwt = 'urn:ietf:params:oauth:token-type:jwt';
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: jwt,
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    actor_token: actorToken,
    actor_token_type: jwt,
  };
}

function bobsFetch(onStep: (step: TraceStep) => void): typeof fetch {
  const { clients, domains } = federation.manifest;
  const { clientId, clientSecret } = clients.confidential;
  return createUmaFetch({
    subjectToken: async () => ({ token: (await client.signIn()).accessToken, type: 'access_token' }),
    requestingPartyServer: { issuer: domains.globex.asRqp.issuer, clientId, clientSecret },
    resourceOwnerClient: () => ({ clientId, clientSecret }),
    fetch: federation.fetch,
    onStep,
  });
}

/** What AS-RO's tables of both domains hold: how many rows, and the last transaction that wrote one. */
async function writesOf(under: FederationUnderTest): Promise<readonly string[]> {
  const tables = ['redeemed_ticket', 'consumed_claims_token', 'requesting_party_token', 'resource', 'share'];
  const states = tables.map((table) => `select '${table} ' || count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) from as_ro.${table}`);
  return (await Promise.all((['acme', 'globex'] as const).map((domain) => under.query(domain, states.join(' union all '))))).flat();
}

/** The value once it has stopped changing: log files are written in the background. */
async function settled(read: () => Promise<number>): Promise<number> {
  for (let last = await read(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = await read();
    if (next === last) return next;
    last = next;
  }
}
