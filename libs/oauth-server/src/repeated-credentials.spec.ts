import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { bearerToken } from './bearer-authentication.ts';
import { DpopProofs } from './dpop-proofs.ts';

/** These hold even where the application's own rule on repeated headers is switched off. */
describe('repeated headers (security.md M5)', () => {
  it('lets Node hide neither of two Authorization headers', () => {
    const request = { raw: { rawHeaders: ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'] }, headers: { authorization: 'Bearer a' }, query: {}, body: undefined };
    expect(() => bearerToken(request as unknown as FastifyRequest)).toThrow(expect.objectContaining({ status: 400, reason: 'authorization_header_repeated' }));
  });

  it('refuses two DPoP headers before it looks at either [A76]', async () => {
    const unused = () => { throw new Error('must not be asked'); };
    const proofs = new DpopProofs({ signatures: { verify: unused }, clock: { now: unused }, replays: { firstSeen: unused } });
    const message = { rawHeaders: ['DPoP', 'a', 'dpop', 'b'], headers: { dpop: 'a, b' } };
    await expect(proofs.check(message, { method: 'POST', url: 'https://as.example/token' })).rejects.toMatchObject({ error: 'invalid_dpop_proof', reason: 'dpop_header_repeated' });
  });
});
