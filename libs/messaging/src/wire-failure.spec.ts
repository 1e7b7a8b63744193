import { describe, expect, it } from '@jest/globals';
import { bearerRefusal, ProtocolError, tooManyRequests } from '@uma-federation/uma-core';
import { fromWireFailure, toWireFailure } from './wire-failure.ts';

const travelled = (error: unknown) => fromWireFailure(JSON.parse(JSON.stringify(toWireFailure(error))) as unknown);

describe('refusals on the bus', () => {
  it.each([tooManyRequests('per_client', 30), bearerRefusal('invalid_token', 'expired', 'only for the log')])('come back the same, but for the detail: %p', (refusal) => {
    const { error, status, reason, description, retryAfterSeconds, headers } = refusal;
    const back = travelled(refusal);
    expect(back).toBeInstanceOf(ProtocolError);
    expect(back).toMatchObject({ error, status, reason, description, retryAfterSeconds, headers, detail: undefined });
  });

  it('become an opaque 500 when they are faults', () => {
    for (const fault of [new Error('secret'), 'secret', { status: 'error', message: 'secret' }, undefined]) {
      expect(travelled(fault)).toMatchObject({ error: 'server_error', status: 500, reason: 'bus_handler_failed', description: undefined });
    }
  });

  it('become an opaque 500 when they are not understood', () => {
    const good = { error: 'invalid_request', status: 400, reason: 'r' };
    const bad = [null, [], 'x', {}, { ...good, status: 200 }, { ...good, status: 400.5 }, { ...good, status: '400' }, { ...good, error: 1 }, { ...good, reason: null }];
    const worse = [{ ...good, description: {} }, { ...good, retryAfterSeconds: '1' }, { ...good, headers: [] }, { ...good, headers: { a: 1 } }];
    for (const failure of [...bad, ...worse]) expect(fromWireFailure(failure)).toMatchObject({ error: 'server_error', status: 500 });
  });
});
