import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import type { ForwardOutcome } from '@uma-federation/reverse-proxy';
import type { AdmittedRequests } from './admitted-requests.ts';
import { GatewayEntrance, type EntranceParts, type RequestMeter } from './gateway-entrance.ts';
import type { Admission } from './gateway.ts';

const request = { method: 'GET', headers: {} } as IncomingMessage;
const admission = { kind: 'forward', routeId: 'note' } as Admission;

function entrance(parts: Partial<EntranceParts> & { readonly outcome?: ForwardOutcome | undefined }) {
  const application = jest.fn();
  const forward = jest.fn(async () => parts.outcome);
  const requests = { started: jest.fn(), finished: jest.fn<RequestMeter['finished']>() };
  const response = { shouldKeepAlive: true, statusCode: 500 } as ServerResponse;
  const serve = (): void =>
    new GatewayEntrance({
      gateway: { admitAtOnce: () => admission },
      admitted: { forward } as unknown as AdmittedRequests,
      readiness: { draining: false },
      application,
      requests,
      ...parts,
    }).serve(request, response);
  return { application, forward, requests, response, serve };
}

describe('The entrance', () => {
  it('leaves to the application what is not admitted at once', () => {
    const { application, forward, response, serve } = entrance({ gateway: { admitAtOnce: () => undefined } });
    serve();
    expect(application).toHaveBeenCalledWith(request, response);
    expect(forward).not.toHaveBeenCalled();
  });

  it('leaves a fault of its own to the application, which answers for it: nothing is forwarded [A92]', () => {
    const admitAtOnce = (): never => {
      throw new Error('a fault');
    };
    const { application, forward, serve } = entrance({ gateway: { admitAtOnce } });
    serve();
    expect([application.mock.calls.length, forward.mock.calls.length]).toEqual([1, 0]);
  });

  it('closes connections with their answers while it drains', () => {
    const draining = entrance({ readiness: { draining: true } });
    const running = entrance({});
    draining.serve();
    running.serve();
    expect([draining.response.shouldKeepAlive, running.response.shouldKeepAlive]).toEqual([false, true]);
  });

  it.each<[ForwardOutcome | undefined, number | 'aborted']>([
    [{ kind: 'completed', status: 204, responseBytes: 0 }, 204],
    [{ kind: 'failed', failure: { reason: 'upstream_refused', status: 502, cause: new Error() } }, 502],
    [{ kind: 'client-aborted' }, 'aborted'],
    [undefined, 500],
  ])('measures a request that ended as %j', async (outcome, status) => {
    const { requests, serve } = entrance({ outcome });
    serve();
    await Promise.resolve();
    await Promise.resolve();
    expect(requests.started).toHaveBeenCalledTimes(1);
    expect(requests.finished.mock.calls.map(([finished]) => finished)).toMatchObject([{ method: 'GET', route: 'note', status }]);
  });
});
