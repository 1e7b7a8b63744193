import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateDpopKey } from '@uma-federation/uma-core';
import type { SubmittedRequest, UmaError } from '../src/uma-error.ts';
import { waitWithTimer } from '../src/wait.ts';
import { FakeFederation, NOTE } from './fake-federation.ts';
import { NOW } from './fake-issuer.ts';
import { answersOfAsRo, failure, grant, sent, submitted } from './scripted-answers.ts';

let federation: FakeFederation;
beforeAll(async () => {
  federation = await FakeFederation.start();
});
beforeEach(() => federation.behave());
afterAll(() => federation.stop());

/** A wait that only notes how long it was to be. */
function notedWait() {
  const waits: number[] = [];
  return { waits, wait: async (milliseconds: number) => void waits.push(milliseconds) };
}
const code = (value: string) => expect.objectContaining({ code: value });

describe('request_submitted', () => {
  it('makes a patient client poll with the newest ticket, never faster than interval, until the owner decides [G40]', async () => {
    const { waits, wait } = notedWait();
    const told: SubmittedRequest[] = [];
    answersOfAsRo(federation, () => submitted(federation, { interval: 7 }), () => submitted(federation, { interval: 14 }), () => grant(federation));
    const umaFetch = federation.umaFetch({ ownerPatienceMs: 60_000, wait, onSubmitted: (request) => told.push(request) });
    const response = await umaFetch(federation.resourceUrl);
    expect(await response.text()).toBe(NOTE);
    expect(waits).toEqual([7000, 14_000]);
    expect(told.map(({ intervalSeconds }) => intervalSeconds)).toEqual([7, 14]);
    expect(new Set(sent(federation, 'ticket')).size).toBe(3);
    expect(sent(federation, 'ticket').slice(1)).toEqual(told.map(({ ticket }) => ticket));
  });

  it('is polled without claims: AS-RO keeps them with the process, and the person need not be asked again', async () => {
    answersOfAsRo(federation, () => submitted(federation), () => grant(federation));
    await federation.umaFetch({ ownerPatienceMs: 60_000, wait: notedWait().wait })(federation.resourceUrl);
    expect(sent(federation, 'claim_token').map((token) => token !== undefined)).toEqual([true, false]);
    expect(federation.asRqp.requests).toHaveLength(1);
  });

  it.each([
    ['no interval', {}, 5000],
    ['an interval of zero', { interval: 0 }, 1000],
    ['an interval that is none', { interval: '3' }, 5000],
    ['a negative interval', { interval: -3 }, 5000],
  ])('with %s is no reason to hurry [G40]', async (_name, extra, expected) => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, () => submitted(federation, extra), () => grant(federation));
    await federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl);
    expect(waits).toEqual([expected]);
  });

  it('ends with request_denied when the owner says no', async () => {
    answersOfAsRo(federation, () => submitted(federation), () => ({ status: 403, body: { error: 'request_denied' } }));
    await expect(federation.umaFetch({ ownerPatienceMs: 60_000, wait: notedWait().wait })(federation.resourceUrl)).rejects.toThrow(code('request_denied'));
    expect(federation.rs.seen).toHaveLength(1);
  });

  it('is refused when a ticket of the process comes back, before anything is waited for [G60]', async () => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, () => submitted(federation), () => submitted(federation, { ticket: federation.asRo.requests[0]?.form['ticket'] }));
    await expect(federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl)).rejects.toThrow(code('ticket_unchanged'));
    expect(waits).toHaveLength(1);
    expect(federation.asRo.requests).toHaveLength(2);
  });

  it('is polled no longer than there is patience; what is left of the wait is data', async () => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, ...Array.from({ length: 9 }, () => () => submitted(federation, { interval: 5 })));
    const error = (await failure(federation.umaFetch({ ownerPatienceMs: 12_000, wait })(federation.resourceUrl))) as UmaError;
    expect(waits).toEqual([5000, 5000]);
    expect(error.submitted).toMatchObject({ issuer: federation.asRo.url, intervalSeconds: 5, url: federation.resourceUrl, resource: federation.rs.url, earliestAt: NOW + 6, verified: true });
    expect(sent(federation, 'ticket')).not.toContain(error.submitted?.ticket);
  });

  it('is not waited for at all by default', async () => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, () => submitted(federation, { interval: 7 }));
    expect(await failure(federation.umaFetch({ wait })(federation.resourceUrl))).toMatchObject({ code: 'request_submitted', category: 'refusal', step: 8, status: 403 });
    expect(waits).toEqual([]);
  });

  it('stops waiting at once when the caller aborts, with the caller\'s reason', async () => {
    const controller = new AbortController();
    answersOfAsRo(federation, () => submitted(federation, { interval: 600 }));
    const umaFetch = federation.umaFetch({ ownerPatienceMs: 3_600_000, onSubmitted: () => controller.abort(new Error('enough')) });
    await expect(umaFetch(federation.resourceUrl, { signal: controller.signal })).rejects.toThrow('enough');
    expect(federation.asRo.requests).toHaveLength(1);
  });

  it('does not count the wait against the deadline of the servers', async () => {
    answersOfAsRo(federation, () => submitted(federation), () => grant(federation));
    const wait = async (_milliseconds: number, signal: AbortSignal) => {
      await waitWithTimer(400, signal);
    };
    expect((await federation.umaFetch({ ownerPatienceMs: 60_000, wait, deadlineMs: 300 })(federation.resourceUrl)).status).toBe(200);
  });
});

describe('A75 Polling abuse, from the side of the client', () => {
  const tooMany = (headers: Record<string, string> = { 'retry-after': '30' }) => ({ status: 429, headers, body: { error: 'too_many_requests' } });

  it('respects a 429 with Retry-After while it polls: longer than interval, with the same ticket, since it was not looked at', async () => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, () => submitted(federation, { interval: 5 }), () => tooMany(), () => grant(federation));
    expect((await federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl)).status).toBe(200);
    expect(waits).toEqual([5000, 30_000]);
    const [, second, third] = sent(federation, 'ticket');
    expect(second).toBe(third);
  });

  it('is never quicker than interval, whatever Retry-After says', async () => {
    const { waits, wait } = notedWait();
    answersOfAsRo(federation, () => submitted(federation, { interval: 5 }), () => tooMany({ 'retry-after': '0' }), () => grant(federation));
    await federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl);
    expect(waits).toEqual([5000, 5000]);
  });

  it('gives up with a continuation that says how long to stay away', async () => {
    answersOfAsRo(federation, () => submitted(federation, { interval: 5 }), () => tooMany({ 'retry-after': new Date((NOW + 300) * 1000).toUTCString() }));
    const error = (await failure(federation.umaFetch({ ownerPatienceMs: 60_000, wait: notedWait().wait })(federation.resourceUrl))) as UmaError;
    expect(error).toMatchObject({ code: 'request_submitted', submitted: { ticket: sent(federation, 'ticket')[1], earliestAt: NOW + 301 } });
  });

  it('reports a 429 to anything else at once', async () => {
    answersOfAsRo(federation, () => tooMany());
    const { waits, wait } = notedWait();
    expect(await failure(federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl))).toMatchObject({ code: 'rate_limited', category: 'peer', status: 429, retryAfterSeconds: 30 });
    answersOfAsRo(federation, () => submitted(federation), () => tooMany({}));
    expect(await failure(federation.umaFetch({ ownerPatienceMs: 60_000, wait })(federation.resourceUrl))).toMatchObject({ code: 'rate_limited', retryAfterSeconds: undefined });
    expect(waits).toEqual([5000]);
  });
});

describe('resume', () => {
  /** A process that waits for its owner, as an application may have stored it. */
  async function waiting(extra: Record<string, unknown> = {}): Promise<SubmittedRequest> {
    answersOfAsRo(federation, () => submitted(federation, { interval: 60, ...extra }));
    const error = (await failure(federation.umaFetch({ dpop: await key })(federation.resourceUrl))) as UmaError;
    federation.behave();
    return JSON.parse(JSON.stringify(error.submitted)) as SubmittedRequest;
  }
  const key = generateDpopKey();
  const later = { now: () => NOW + 120 };

  it('goes on later, in another client, with the ticket and nothing else', async () => {
    const continuation = await waiting();
    answersOfAsRo(federation, () => grant(federation));
    const response = await federation.umaFetch({ dpop: await key, clock: later }).resume(continuation, federation.resourceUrl);
    expect(await response.text()).toBe(NOTE);
    expect(federation.asRo.requests[0]?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
      ticket: continuation.ticket,
      resource: federation.rs.url,
      client_id: 'app-at-ro',
    });
    expect(federation.asRqp.seen).toHaveLength(0);
    expect(federation.rs.seen).toHaveLength(1);
  });

  it('is not let through before its time, and waits where there is patience [G40]', async () => {
    const continuation = await waiting();
    const soon = { now: () => NOW + 20 };
    const { waits, wait } = notedWait();
    expect(await failure(federation.umaFetch({ clock: soon, wait }).resume(continuation, federation.resourceUrl))).toMatchObject({ code: 'request_submitted', submitted: continuation });
    expect(federation.asRo.requests).toHaveLength(0);
    answersOfAsRo(federation, () => grant(federation));
    await federation.umaFetch({ clock: soon, wait, ownerPatienceMs: 100_000 }).resume(continuation, federation.resourceUrl);
    expect(waits).toEqual([41_000]);
  });

  it('gives the next continuation when the owner is still silent', async () => {
    const continuation = await waiting();
    answersOfAsRo(federation, () => submitted(federation, { interval: 120 }));
    const error = (await failure(federation.umaFetch({ clock: later }).resume(continuation, federation.resourceUrl))) as UmaError;
    expect(error.submitted).toMatchObject({ intervalSeconds: 120, earliestAt: NOW + 120 + 121 });
    expect(error.submitted?.ticket).not.toBe(continuation.ticket);
  });

  it('serves the URL that was asked for and no other, and only the configured server of a known one (duty v)', async () => {
    const continuation = await waiting();
    const other = federation.umaFetch({ clock: later }).resume(continuation, `${federation.evil.url}/users/alice/notes/1`);
    expect(await failure(other)).toMatchObject({ code: 'resource_mismatch', category: 'duty' });
    const trustedResourceServers = [{ origin: federation.rs.url, asUri: 'https://as.example' }];
    expect(await failure(federation.umaFetch({ clock: later, trustedResourceServers }).resume(continuation, federation.resourceUrl))).toMatchObject({ code: 'issuer_mismatch' });
    expect(federation.authorizationServerRequests).toBe(0);
  });
});

describe('The wait of the platform', () => {
  it('ends at once when it is aborted, before or after it began', async () => {
    const reason = new Error('aborted');
    await expect(waitWithTimer(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = waitWithTimer(60_000, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(waitWithTimer(1, new AbortController().signal)).resolves.toBeUndefined();
  });
});
