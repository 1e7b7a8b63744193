import { createLogger, type Logger } from '@uma-federation/nest-kit';
import { FakeClock } from '@uma-federation/testing';
import type { Permission, RequestingPartyTokenInput } from '@uma-federation/uma-core';
import { createRsGateway, rsGatewayConfiguration, type RsGateway, type RsGatewayOverrides } from '../../src/index.ts';
import { EchoUpstream } from './echo-upstream.ts';
import { FakeAsRo, RESOURCE_SERVER } from './fake-as-ro.ts';
import { ManualTimers } from './manual-timers.ts';
import { sendRaw, sendRequest, type TestAnswer, type TestRequest } from './send-request.ts';

export const PUBLIC_URL = 'https://rs.acme.example';
export const NOTE = '/users/alice/notes/1';

/** The routes of the tests unless they bring their own. */
export const ROUTES = [
  {
    id: 'note',
    path: '/users/{owner}/notes/{id}',
    methods: { GET: ['view'], PUT: ['edit'], DELETE: ['edit'] },
    resource: 'note {id} of {owner}',
    type: 'https://acme.example/types/note',
    owner: '{owner}@acme.example',
    instances: [
      { owner: 'alice', id: '1' },
      { owner: 'alice', id: '10' },
    ],
  },
  { id: 'live', path: '/live/{owner}', methods: { GET: ['view'] }, resource: 'live of {owner}', owner: '{owner}@acme.example', instances: [{ owner: 'alice' }], introspect: true },
  { id: 'vault', path: '/vault', methods: { GET: ['view'] }, resource: 'vault', acrValues: ['urn:acr:mfa', 'urn:acr:hw'], maxAge: '5m' },
  { id: 'public', path: '/public/{rest*}', public: true as const, methods: ['GET', 'POST'] },
];

export interface GatewayOptions {
  /** Settings of the configuration that differ. */
  readonly settings?: Record<string, unknown>;
  readonly overrides?: RsGatewayOverrides;
  /** Done before the gateway starts. */
  readonly prepare?: (asRo: FakeAsRo) => void;
  /** Do not wait until resources are registered. */
  readonly unready?: boolean;
}

/** A gateway over HTTP between a fake AS-RO and an echo upstream. */
export class GatewayUnderTest {
  readonly clock = new FakeClock();
  readonly timers = new ManualTimers();
  readonly asRo = new FakeAsRo(this.clock);
  readonly upstream = new EchoUpstream();
  readonly logLines: string[] = [];
  readonly logger: Logger = createLogger({ name: 'test', level: 'info', destination: { write: (line: string) => void this.logLines.push(line) } });
  gateway!: RsGateway;
  /** Where the gateway listens. */
  origin = '';

  static async start(options: GatewayOptions = {}): Promise<GatewayUnderTest> {
    const started = new GatewayUnderTest();
    await Promise.all([started.asRo.start(), started.upstream.start()]);
    options.prepare?.(started.asRo);
    await started.startGateway(options);
    return started;
  }

  async startGateway({ settings = {}, overrides = {}, unready = false }: GatewayOptions = {}): Promise<void> {
    const configuration = rsGatewayConfiguration.parse({
      server: { host: '127.0.0.1', port: 0, drainDelay: '0ms', closeTimeout: '1s' },
      publicUrl: PUBLIC_URL,
      authorizationServer: { issuer: this.asRo.issuer, ...RESOURCE_SERVER },
      upstream: { origin: this.upstream.origin },
      development: { loopback: true },
      routes: ROUTES,
      ...settings,
    });
    this.gateway = await createRsGateway(configuration, { clock: this.clock, timers: this.timers, logger: this.logger, ...overrides });
    this.origin = await this.gateway.listen();
    if (!unready) {
      await this.gateway.ready();
      this.asRo.takeCalls();
    }
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await Promise.all([this.asRo.close(), this.upstream.close()]);
  }

  /** A request with the right Host. */
  send(target: string, request: TestRequest = {}): Promise<TestAnswer> {
    return sendRequest(this.origin, target, { ...request, headers: { Host: 'rs.acme.example', ...request.headers } });
  }

  raw(octets: string): Promise<string> {
    return sendRaw(this.origin, octets);
  }

  /** A permission for the resource at this path. */
  permission(path: string, ...scopes: string[]): Permission {
    return { resourceId: this.asRo.idOf(`${PUBLIC_URL}${path}`), scopes };
  }

  /** An RPT for the gateway with the given permissions. */
  rpt(permissions: readonly Permission[], more: Partial<RequestingPartyTokenInput> = {}): Promise<string> {
    return this.asRo.mintRpt(PUBLIC_URL, permissions, more);
  }
}

/** The `WWW-Authenticate` lines of an answer, in order. */
export function challenges(answer: TestAnswer): readonly string[] {
  return answer.headers.get('www-authenticate') ?? [];
}
