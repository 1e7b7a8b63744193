import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseUmaChallenge } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest } from './support/gateway-under-test.ts';
import type { TestAnswer } from './support/send-request.ts';

const LIMIT_BYTES = 4_096;
const scopes = (count: number): string[] => Array.from({ length: count }, (_, index) => `https://acme.example/scopes/${index}`);
const album = (id: string, needed: string[]) => ({ id, path: `/${id}/{photo*}`, uri: `/${id}`, methods: { GET: needed }, resource: id, owner: 'alice@acme.example' });

/** The size of the challenge as it is on the wire. */
const bytesOf = (answer: TestAnswer): number => challenges(answer).reduce((sum, line) => sum + `WWW-Authenticate: ${line}\r\n`.length, 0);

// The ticket holds the permissions and the URL, sealed; the resource claims token holds the URL once more.
describe('The challenge', () => {
  let under: GatewayUnderTest;
  beforeAll(async () => {
    const routes = [album('one', ['view']), album('ten', scopes(10)), album('many', scopes(64))];
    under = await GatewayUnderTest.start({ settings: { routes } });
  });
  afterAll(() => under.stop());

  it.each<[string, number, number]>([
    ['one', 1, 401],
    ['one', 200, 401],
    ['one', 600, 401],
    ['one', 2_000, 403],
    ['ten', 1, 401],
    ['ten', 300, 401],
    ['ten', 2_000, 403],
    ['many', 1, 403],
  ])('for the resource "%s" at a path of %i characters is whole and under 4 KiB, or there is none', async (resource, length, status) => {
    const answer = await under.send(`/${resource}/${'p'.repeat(length)}`, { headers: { Authorization: 'Bearer garbage' } });
    expect([answer.status, bytesOf(answer) <= LIMIT_BYTES]).toEqual([status, true]);
    if (status === 401) {
      // Neither the ticket nor the resource claims token is left out to make it fit: protocol.md 1.9 needs both.
      const { ticket, resourceClaimsToken } = parseUmaChallenge(challenges(answer)[0] ?? '') ?? {};
      expect([ticket, resourceClaimsToken].every((token) => token?.split('.').length === 3)).toBe(true);
      expect(answer.headers.get('cache-control')).toEqual(['no-store']);
    } else {
      expect([challenges(answer), answer.headers.get('warning'), answer.text.includes('ticket')]).toEqual([[], ['199 - "UMA Authorization Server Unreachable"'], false]);
      expect(under.logLines.filter((line) => line.includes('challenge_too_large'))).toHaveLength(1);
      under.logLines.length = 0;
    }
  });

  it('that is too large does not keep anybody out who has a token', async () => {
    const token = await under.rpt([under.permission('/many', ...scopes(64))]);
    expect((await under.send(`/many/${'p'.repeat(2_000)}`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('is measured with the names and ends of its lines', async () => {
    const size = bytesOf(await under.send('/one/p'));
    for (const [maxChallenge, status] of [[size, 401], [size - 1, 403]] as const) {
      await under.gateway.close();
      await under.startGateway({ settings: { routes: [album('one', ['view'])], maxChallenge: `${maxChallenge}B` } });
      expect((await under.send('/one/p')).status).toBe(status);
    }
  });
});
