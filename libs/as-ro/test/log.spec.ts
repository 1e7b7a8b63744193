import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, AsRoUnderTest, BOB, clientKey, secretsInLogs, stopAll } from './harness.ts';
import { expectNeedInfo } from './support/answers.ts';
import { APP, RS } from './support/clients.ts';
import { countLogLines, leaksInLogs } from './support/log-record.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

let read = 0;
/** The lines of the log since the last call, parsed. */
function lines(): Record<string, unknown>[] {
  const fresh = asRo.log.lines.slice(read);
  read = asRo.log.lines.length;
  return fresh.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('A78 The log', () => {
  it('has one line per request: id, method, route template, status, duration; never path, query or headers', async () => {
    lines();
    const id = await asRo.register();
    lines();
    await asRo.send(`/resource/${id}?x=${BOB}`, { headers: { Authorization: `Bearer ${await asRo.pat()}`, 'X-Request-Id': 'my-request' } });
    expect(lines()).toEqual([
      { level: 'info', time: expect.any(String), service: 'as-ro', requestId: 'my-request', traceId: expect.stringMatching(/^[0-9a-f]{32}$/), method: 'GET', route: '/resource/:id', status: 200, durationMs: expect.any(Number), msg: 'request' },
    ]);
  });

  it('gives each refusal a reason that the answer does not have', async () => {
    const note = await asRo.sharedNote();
    await asRo.redeem({ ticket: note.ticket });
    lines();
    const answer = await asRo.redeem({ ticket: note.ticket });
    const [line] = lines();
    expect(line).toMatchObject({ level: 'warn', reason: 'ticket_used', error: 'invalid_grant', status: 400, requestId: answer.headers['x-request-id'] });
    expect(answer.text).not.toContain('ticket_used');
  });

  it('gives each answer of the uma-ticket grant an outcome and a reason', async () => {
    const note = await asRo.sharedNote({ grantee: { email: 'carol@globex.example' } });
    lines();
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    await asRo.access(next);
    expect(lines().filter(({ outcome }) => outcome !== undefined)).toMatchObject([
      { outcome: 'need_info', reason: 'claims_needed', clientId: APP.id },
      { outcome: 'request_denied', reason: 'policy_not_the_grantee', clientId: APP.id },
    ]);
  });

  it('names the request of an opaque 500, with a stack and without what the error said of people', async () => {
    lines();
    asRo.stores.failures.set('resources.listByOwner', Object.assign(new Error(`cannot read ${ALICE}`), { query: 'select' }));
    const answer = await asRo.api('GET', '/owner/resources', undefined, await asRo.ownerToken());
    asRo.stores.failures.clear();
    const line = lines().find(({ msg }) => msg === 'unexpected failure');
    expect(line?.['requestId']).toBe(answer.body['request_id']);
    expect(line?.['err']).toMatchObject({ message: 'cannot read [redacted]', stack: expect.stringContaining('log.spec.ts') });
    expect(JSON.stringify(line)).not.toContain(ALICE);
    // The test made this error carry an address, and redaction did its work: no leak of the house.
    asRo.log.handedOver.splice(asRo.log.handedOver.findIndex((text) => text.includes(ALICE)), 1);
  });

  it('of everything that can be sent, good and bad, holds no token, no address and no secret', async () => {
    const dpop = await clientKey();
    const note = await asRo.sharedNote();
    const token = await asRo.identityToken(note);
    const owner = await asRo.ownerToken();
    const before = countLogLines();
    const hostile = [note.ticket, token, owner, BOB, APP.secret ?? '', await asRo.pat()];
    for (const text of hostile) {
      await asRo.redeem({ ticket: text, claim_token: text, resource: text, scope: text, rpt: text, pct: text });
      await asRo.redeem({ ticket: text, [text]: 'x', 'ticket[]': text });
      await asRo.tokenRequest({ grant_type: text }, { client: { ...APP, id: text, secret: text } });
      await asRo.tokenRequest({ grant_type: 'client_credentials', scope: text, resource: text }, { client: RS });
      await asRo.post('/introspect', { token: text, token_type_hint: text }, { Authorization: `Bearer ${await asRo.pat()}` });
      await asRo.api('POST', '/resource', { resource_scopes: [text], owner: text, name: text, uri: text, [text]: 1 });
      await asRo.api('POST', '/permission', { resource_id: text, resource_scopes: [text], resource_uri: text });
      await asRo.api('POST', '/owner/shares', { resource_id: text, scopes: [text], grantee: { email: text }, [text]: text }, owner);
      await asRo.api('POST', '/owner/shares', `{"${text.slice(0, 20)}`, owner);
      for (const path of ['/owner/resources', '/resource', '/jwks', '/nothing']) await asRo.send(`${path}/${encodeURIComponent(text)}?token=${encodeURIComponent(text)}`, { headers: { Authorization: `Bearer ${text}`, Cookie: text } });
      await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': `text/${text.slice(0, 10).replace(/[^a-z]/gi, '')}`, DPoP: text }, body: text });
      await asRo.redeem({ ticket: text }, { headers: { DPoP: text } });
    }
    for (const email of ['x@unknown.example', 'carol@globex.example', 'bob@globex.example@evil.example']) {
      const challenge = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
      await asRo.redeem({ ticket: challenge.ticket, claim_token: asRo.forgeIdentityToken(challenge, { claims: { sub: email, email } }) }, { dpop });
    }
    expect((await asRo.access(await asRo.sharedNote())).status).toBe(200);
    expect(countLogLines() - before).toBeGreaterThan(90);
    expect(secretsInLogs()).toEqual([]);
  });

  it('would be found out: the search sees tokens, addresses and secrets before redaction', () => {
    for (const text of [`eyJhbGciOiJub25lIn0.e30.`, BOB, APP.secret ?? '']) {
      asRo.log.logger.info({ detail: text }, 'a mistake');
      expect(leaksInLogs([APP.secret ?? ''])).not.toEqual([]);
      asRo.log.handedOver.pop();
      asRo.log.lines.pop();
    }
    expect(secretsInLogs()).toEqual([]);
  });
});
