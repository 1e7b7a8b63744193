import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, forgeJws } from '@uma-federation/testing';
import { AsRoUnderTest, clientKey, GLOBEX, readToken, secretsInLogs, stopAll, type Challenge } from './harness.ts';
import { DENIED, expectNeedInfo, INVALID_GRANT, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, OTHER_APP, PUBLIC_APP, RS } from './support/clients.ts';
import { malleate } from './support/malleate.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
beforeEach(() => {
  asRo.log.takeReasons();
});
afterAll(stopAll);

describe('A permission ticket is used up', () => {
  it('by the grant [G58]', async () => {
    const note = await asRo.sharedNote();
    expect((await asRo.access(note)).status).toBe(200);
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('by need_info: only the new ticket goes on [G58]', async () => {
    const note = await asRo.sharedNote();
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
    expect((await asRo.access(next)).status).toBe(200);
  });

  it.each(['garbage', 'a.b.c', '{}', 'eyJhbGciOiJub25lIn0.e30.'])('on presentation, even when the claims token is garbage: %s [G59]', async (claimToken) => {
    const note = await asRo.sharedNote();
    const answer = await asRo.redeem({ ticket: note.ticket, claim_token: claimToken });
    expect(answer.status).toBe(403);
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('on presentation, even when discovery is out of budget [G59]', async () => {
    const note = await asRo.sharedNote();
    asRo.directory.failFor('strange.example', 'discovery_budget');
    const answer = await asRo.access(note, { email: 'x@strange.example' });
    expect(refusal(answer)).toEqual(refused(429, 'temporarily_unavailable'));
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('on presentation, even when a store fails afterwards [G59]', async () => {
    const note = await asRo.sharedNote();
    asRo.stores.failures.set('shares.findByResources', new Error('gone'));
    expect((await asRo.access(note)).status).toBe(500);
    asRo.stores.failures.clear();
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it('before anything else is looked at', async () => {
    const note = await asRo.sharedNote();
    await asRo.access(note);
    asRo.stores.calls.length = 0;
    asRo.directory.questions.length = 0;
    await asRo.access(note);
    expect({ calls: asRo.stores.calls, questions: asRo.directory.questions }).toEqual({ calls: ['tickets.take'], questions: [] });
  });
});

describe('A permission ticket is not used up', () => {
  it('by a request whose client is not authenticated (protocol.md 2.7)', async () => {
    const note = await asRo.sharedNote();
    const claimToken = await asRo.identityToken(note);
    const wrong = { ...APP, secret: 'x'.repeat(40) };
    for (const options of [{ client: wrong }, { client: wrong, method: 'post' }, { client: APP, method: 'none' }, { client: { ...APP, id: 'unknown' } }] as const) {
      expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: claimToken }, options))).toEqual(refused(401, 'invalid_client'));
    }
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: claimToken })).status).toBe(200);
  });

  it('by a request that never reaches it: bad proof, malformed form, other grant, client without the grant', async () => {
    const note = await asRo.sharedNote();
    const claimToken = await asRo.identityToken(note);
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: claimToken }, { headers: { DPoP: 'x.y.z' } }))).toEqual(refused(400, 'invalid_dpop_proof'));
    expect(refusal(await asRo.redeem({ ticket: [note.ticket, note.ticket], claim_token: claimToken }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: claimToken }, { client: RS }))).toEqual(refused(400, 'unauthorized_client'));
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: claimToken })).status).toBe(200);
  });

  it('while the ledger does not answer: fail closed, and the ticket is still good afterwards', async () => {
    const note = await asRo.sharedNote();
    asRo.stores.failures.set('tickets.take', new Error('gone'));
    expect((await asRo.access(note)).status).toBe(500);
    asRo.stores.failures.clear();
    expect((await asRo.access(note)).status).toBe(200);
  });
});

describe('A16 Ticket replay and race', () => {
  it('gives exactly one RPT to 50 parallel requests with one ticket [G58]', async () => {
    const note = await asRo.sharedNote();
    const claimToken = await asRo.identityToken(note);
    const recorded = (): number => asRo.memory.audit.filter(({ event }) => event === 'token_granted').length;
    const before = recorded();
    const answers = await Promise.all(Array.from({ length: 50 }, () => asRo.redeem({ ticket: note.ticket, claim_token: claimToken })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => JSON.stringify(refusal(answer)) === JSON.stringify(INVALID_GRANT))).toHaveLength(49);
    expect(recorded() - before).toBe(1);
  });

  it('gives exactly one rotated ticket to 50 parallel requests without claims', async () => {
    const note = await asRo.sharedNote();
    const answers = await Promise.all(Array.from({ length: 50 }, () => asRo.redeem({ ticket: note.ticket })));
    expect(answers.filter(({ body }) => body['error'] === 'need_info')).toHaveLength(1);
    expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(49);
  });

  it('takes another spelling of the same ticket for what it is: no second use', async () => {
    const note = await asRo.sharedNote();
    const { ticket } = note;
    const claimToken = await asRo.identityToken(note);
    await asRo.redeem({ ticket, claim_token: claimToken });
    const spellings = [malleate(ticket), `${ticket}=`, ` ${ticket}`, `${ticket}\n`, `${ticket}.`, ticket.slice(0, -1)];
    for (const spelling of spellings) expect(refusal(await asRo.redeem({ ticket: spelling, claim_token: claimToken }))).toEqual(INVALID_GRANT);
    expect(asRo.log.takeReasons().filter((reason) => reason === 'ticket_used')).toHaveLength(1);
  });
});

describe('A15 Ticket theft by another client', () => {
  it('answers invalid_grant to client B once the process is bound to client A, and burns the process', async () => {
    const note = await asRo.sharedNote();
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    const stolen = await asRo.access(next, { clientId: OTHER_APP.id }, { client: OTHER_APP });
    expect(refusal(stolen)).toEqual(INVALID_GRANT);
    expect(asRo.log.takeReasons()).toContain('ticket_of_another_client');
    expect(refusal(await asRo.access(next))).toEqual(INVALID_GRANT);
  });

  it('answers invalid_grant to another key, and to no key, once the process is bound to a key', async () => {
    const mine = await clientKey();
    const theirs = await clientKey(fixedKeys.evil);
    for (const thief of [theirs, undefined]) {
      const note = await asRo.sharedNote();
      const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }, { client: PUBLIC_APP, dpop: mine }), note);
      const claims = { clientId: PUBLIC_APP.id, confirmationThumbprint: (thief ?? mine).thumbprint };
      const stolen = await asRo.access(next, claims, { client: PUBLIC_APP, ...(thief === undefined ? {} : { dpop: thief }) });
      expect(refusal(stolen)).toEqual(INVALID_GRANT);
      expect(asRo.log.takeReasons()).toContain('ticket_of_another_key');
    }
  });

  it('binds the process to a key from the first request that proves one', async () => {
    const mine = await clientKey();
    const note = await asRo.sharedNote();
    const second = expectNeedInfo(await asRo.redeem({ ticket: note.ticket }), note);
    const third = expectNeedInfo(await asRo.redeem({ ticket: second.ticket }, { dpop: mine }), second);
    expect(refusal(await asRo.access(third))).toEqual(INVALID_GRANT);
  });

  it('leaves a first ticket to whoever has it: it is not bound yet', async () => {
    const note = await asRo.sharedNote();
    expect((await asRo.access(note, { clientId: OTHER_APP.id }, { client: OTHER_APP })).status).toBe(200);
  });
});

describe('A17 Ticket guessing and tampering', () => {
  function forge(note: Challenge, changes: { header?: object; claims?: Record<string, unknown>; key?: typeof fixedKeys.acme | typeof fixedKeys.evil | typeof fixedKeys.acmePrevious }): string {
    const { header, claims } = readToken(note.ticket);
    return forgeJws({ header: { ...header, ...changes.header } as never, claims: { ...claims, ...changes.claims } as never, key: changes.key ?? fixedKeys.acme });
  }

  it.each([
    ['a changed payload under the old signature', (note: Challenge) => note.ticket.replace(/\.[^.]*\./, `.${Buffer.from(JSON.stringify({ ...readToken(note.ticket).claims, jti: 'another' })).toString('base64url')}.`)],
    ['one flipped bit in the signature', (note: Challenge) => `${note.ticket.slice(0, -10)}${note.ticket.at(-10) === 'A' ? 'B' : 'A'}${note.ticket.slice(-9)}`],
    ['no signature', (note: Challenge) => note.ticket.replace(/[^.]*$/, '')],
    ['alg none', (note: Challenge) => `${Buffer.from('{"alg":"none","typ":"uma-ticket+jwt"}').toString('base64url')}.${note.ticket.split('.')[1]}.`],
    ['somebody else’s key under our key id', (note: Challenge) => forge(note, { claims: { jti: 'x1' }, key: fixedKeys.evil })],
    ['somebody else’s key and key id', (note: Challenge) => forge(note, { header: { kid: 'evil-1' }, claims: { jti: 'x2' }, key: fixedKeys.evil })],
    ['a key that left the ring', (note: Challenge) => forge(note, { header: { kid: 'acme-as-ro-0' }, claims: { jti: 'x3' }, key: fixedKeys.acmePrevious })],
    ['another type', (note: Challenge) => forge(note, { header: { typ: 'at+jwt' }, claims: { jti: 'x4' } })],
    ['another issuer', (note: Challenge) => forge(note, { claims: { iss: GLOBEX, jti: 'x5' } })],
    ['another audience', (note: Challenge) => forge(note, { claims: { aud: GLOBEX, jti: 'x6' } })],
    ['a context of one’s own', (note: Challenge) => forge(note, { claims: { ctx: 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', jti: 'x7' } })],
    ['a longer life', (note: Challenge) => forge(note, { claims: { exp: Number(readToken(note.ticket).claims['exp']) + 1, jti: 'x8' } })],
    ['no jti', (note: Challenge) => forge(note, { claims: { jti: undefined } })],
  ])('answers invalid_grant to %s, without a write [G33]', async (_what, tamper) => {
    const note = await asRo.sharedNote();
    asRo.stores.calls.length = 0;
    expect(refusal(await asRo.redeem({ ticket: tamper(note), claim_token: await asRo.identityToken(note) }))).toEqual(INVALID_GRANT);
    expect(writesAmong(asRo.stores.calls)).toEqual([]);
    expect((await asRo.access(note)).status).toBe(200);
  });

  it.each(['x', '016f84e8-f9b9-11e0-bd6f-0021cc6004de', 'a.b', 'a.b.c', 'a.b.c.d.e', '{"ticket":1}', '\u0000', 'x'.repeat(9_000)])('answers invalid_grant to the made-up ticket %#', async (ticket) => {
    expect(refusal(await asRo.redeem({ ticket }))).toEqual(INVALID_GRANT);
  });
});

describe('The life of a ticket', () => {
  it('ends with its exp, clock skew included [G59]', async () => {
    const first = await asRo.sharedNote();
    const second = await asRo.sharedNote();
    asRo.clock.advance(300 + 59);
    expect((await asRo.access(first)).status).toBe(200);
    asRo.clock.advance(1);
    expect(refusal(await asRo.access(second))).toEqual(INVALID_GRANT);
  });

  it('is not used twice within the skew after its exp, when the ledger tidies up', async () => {
    const note = await asRo.sharedNote();
    await asRo.redeem({ ticket: note.ticket });
    asRo.clock.advance(300 + 59);
    expect(refusal(await asRo.redeem({ ticket: note.ticket }))).toEqual(INVALID_GRANT);
  });

  it('cannot be configured longer than 300 s', async () => {
    await expect(AsRoUnderTest.start({ settings: { lifetimes: { ticket: '301s' } } })).rejects.toThrow();
  });
});

describe('Used, expired, foreign, tampered and made-up tickets', () => {
  it('look the same outside: only the log tells them apart [G33]', async () => {
    const expired = await asRo.sharedNote();
    asRo.clock.advance(400);
    const used = await asRo.sharedNote();
    await asRo.redeem({ ticket: used.ticket });
    const bound = await asRo.sharedNote();
    const next = expectNeedInfo(await asRo.redeem({ ticket: bound.ticket }, { client: OTHER_APP }), bound);
    asRo.log.takeReasons();
    const tickets = [used.ticket, expired.ticket, next.ticket, `${used.ticket.slice(0, -3)}AAA`, 'made-up', expired.resourceClaimsToken];
    const answers = [];
    for (const ticket of tickets) answers.push(await asRo.redeem({ ticket }));
    const outside = answers.map(({ status, text, headers }) => JSON.stringify([status, text, headers['cache-control'], headers['content-type'], headers['www-authenticate']]));
    expect(new Set(outside).size).toBe(1);
    expect(asRo.log.takeReasons()).toEqual(['ticket_used', 'ticket_expired', 'ticket_of_another_client', expect.stringMatching(/^ticket_(bad_signature|malformed)$/), 'ticket_malformed', 'ticket_wrong_typ']);
  });
});

describe('A7 The identity claims token at the same server again', () => {
  it('is refused with another ticket, which then is dead too', async () => {
    const first = await asRo.sharedNote();
    const second = await asRo.sharedNote();
    const token = await asRo.identityToken(first);
    expect((await asRo.redeem({ ticket: first.ticket, claim_token: token })).status).toBe(200);
    expect(refusal(await asRo.redeem({ ticket: second.ticket, claim_token: token }))).toEqual(DENIED);
    expect(asRo.log.takeReasons()).toContain('claim_token_binding_mismatch');
    expect(refusal(await asRo.access(second))).toEqual(INVALID_GRANT);
  });

  it('is refused with a rotated ticket of its own process once it was accepted, in any spelling', async () => {
    for (const spell of [(token: string) => token, malleate]) {
      const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
      const token = await asRo.identityToken(note);
      const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket, claim_token: token }), note);
      await asRo.share(note.id);
      expect(refusal(await asRo.redeem({ ticket: next.ticket, claim_token: spell(token) }))).toEqual(DENIED);
      expect(asRo.log.takeReasons()).toContain('claim_token_used');
    }
  });

  it('is refused when it was spent on need_info, and again asks for more', async () => {
    const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
    const token = await asRo.identityToken(note);
    const next = expectNeedInfo(await asRo.redeem({ ticket: note.ticket, claim_token: token }), note);
    expect(refusal(await asRo.redeem({ ticket: next.ticket, claim_token: token }))).toEqual(DENIED);
  });

  it('gives exactly one 200 when it is submitted many times at once', async () => {
    const note = await asRo.sharedNote();
    const token = await asRo.identityToken(note);
    const answers = await Promise.all(Array.from({ length: 20 }, () => asRo.redeem({ ticket: note.ticket, claim_token: token })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
