import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  answerPlainly,
  canonicalTarget,
  createForwarder,
  createHardenedServer,
  inspectRawHeaders,
  methodPolicy,
  RequestRefusal,
  type Forwarder,
  type ForwarderOptions,
  type ForwardOptions,
  type ForwardOutcome,
  type InspectedHeaders,
  type ServerLimits,
  type Upstream,
} from '../../src/index.ts';

export interface GatewaySettings {
  readonly forwarder?: Partial<ForwarderOptions>;
  readonly forward?: Partial<ForwardOptions>;
  readonly limits?: ServerLimits;
  /** Stands for the authorization decision; false is answered with 401. */
  readonly authorize?: (headers: InspectedHeaders, request: IncomingMessage) => boolean;
  readonly tls?: { key: string; cert: string };
}

export interface TestGateway {
  readonly port: number;
  readonly forwarder: Forwarder;
  /** The paths that were decided on, in order. */
  readonly decided: string[];
  readonly outcomes: ForwardOutcome[];
  /** Resolves with the next outcome that is not in `outcomes` yet. */
  nextOutcome(): Promise<ForwardOutcome>;
  close(): Promise<void>;
}

/** Starts a gateway that lets everything through to one upstream, the way a real one uses this library. */
export async function startGateway(upstream: Upstream, settings: GatewaySettings = {}): Promise<TestGateway> {
  const forwarder = createForwarder({ upstreams: { only: upstream }, maxConnections: 1, ...settings.forwarder });
  const decided: string[] = [];
  const outcomes: ForwardOutcome[] = [];
  const waiting: ((outcome: ForwardOutcome) => void)[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const headers = inspectRawHeaders(request.rawHeaders, { httpVersion: request.httpVersion, method: request.method ?? '' });
    const verdict = methodPolicy(request.method ?? '');
    if (!verdict.accepted) return answerPlainly(response, { status: verdict.status, error: verdict.reason, allow: verdict.allow });
    const target = canonicalTarget(request.url ?? '');
    decided.push(target.path);
    if (settings.authorize?.(headers, request) === false) return answerPlainly(response, { status: 401, error: 'unauthorized' });
    const outcome = await forwarder.forward(request, response, {
      upstream: 'only',
      target,
      headers,
      authorized: true,
      identity: { 'X-RqP-Email': 'bob@globex.example' },
      forwarded: { clientAddress: request.socket.remoteAddress, scheme: 'https', host: 'notes.acme.example' },
      ...settings.forward,
    });
    outcomes.push(outcome);
    waiting.shift()?.(outcome);
  };

  const server: Server = createHardenedServer(
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        const refusal = error instanceof RequestRefusal ? error : new RequestRefusal(500, String(error));
        answerPlainly(response, { status: refusal.status, error: refusal.reason, close: true });
      });
    },
    settings.limits,
    settings.tls,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    forwarder,
    decided,
    outcomes,
    nextOutcome: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await forwarder.destroy();
      await closed;
    },
  };
}
