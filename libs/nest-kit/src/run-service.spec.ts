import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { HostProcess } from './host-process.ts';
import { runService, type ServiceDefinition } from './run-service.ts';
import { loggingConfiguration } from './service-configuration.ts';

const schema = z.strictObject({ logging: loggingConfiguration(), issuer: z.string().default('https://as.example') });

class FakeProcess implements HostProcess {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
  readonly printed: string[] = [];
  readonly lines: string[] = [];
  readonly exitCodes: number[] = [];
  readonly log = { write: (line: string): void => void this.lines.push(line) };
  stopSignal: (signal: string) => void = () => undefined;
  fault: (error: unknown) => void = () => undefined;
  readonly exited: Promise<number>;
  #exited: (code: number) => void = () => undefined;

  constructor(given: { readonly arguments?: readonly string[]; readonly environment?: Record<string, string>; readonly nodeVersion?: string } = {}) {
    this.arguments = given.arguments ?? [];
    this.environment = given.environment ?? {};
    this.nodeVersion = given.nodeVersion ?? '24.21.0';
    this.exited = new Promise((resolve) => (this.#exited = resolve));
  }

  print(text: string): void {
    this.printed.push(text);
  }
  exit(code: number): void {
    this.exitCodes.push(code);
    this.#exited(code);
  }
  onStopSignal(listener: (signal: string) => void): void {
    this.stopSignal = listener;
  }
  onFault(listener: (error: unknown) => void): void {
    this.fault = listener;
  }
}

function definition(events: string[], overrides: Partial<ServiceDefinition<typeof schema>> = {}): ServiceDefinition<typeof schema> {
  return {
    name: 'as-ro',
    schema,
    developmentSettings: ({ issuer }) => ({ issuer }),
    create: async ({ issuer }) => {
      events.push(`create ${issuer}`);
      return {
        listen: async () => {
          events.push('listen');
          return 'http://127.0.0.1:1';
        },
        stop: async () => void events.push('stop'),
      };
    },
    ...overrides,
  };
}

describe('runService', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'run-service-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('loads the file, takes the environment prefix from the name, creates and listens', async () => {
    const file = join(folder, 'good.yaml');
    writeFileSync(file, 'logging: { level: info }\nissuer: https://file.example\n');
    const host = new FakeProcess({ arguments: ['--config', file], environment: { AS_RO__ISSUER: 'https://environment.example' } });
    const events: string[] = [];
    await runService(definition(events), host);
    expect(events).toEqual(['create https://environment.example', 'listen']);
    expect(host.lines.join('')).toContain('"listening":"http://127.0.0.1:1"');
    expect(host.exitCodes).toEqual([]);
  });

  it('stops at SIGTERM and exits with 0', async () => {
    const host = new FakeProcess();
    const events: string[] = [];
    await runService(definition(events), host);
    host.stopSignal('SIGTERM');
    expect(await host.exited).toBe(0);
    expect(events.at(-1)).toBe('stop');
  });

  it('checks the configuration without creating anything', async () => {
    const host = new FakeProcess({ arguments: ['--check-config'] });
    const events: string[] = [];
    await runService(definition(events), host);
    expect([host.exitCodes, events]).toEqual([[0], []]);
  });

  it.each<[string, ConstructorParameters<typeof FakeProcess>[0], RegExp]>([
    ['a bad setting', { environment: { AS_RO__NONSENSE: '1' }, arguments: ['--check-config'] }, /nonsense: there is no such setting/],
    ['a development setting in production', { environment: { NODE_ENV: 'production', AS_RO__ISSUER: 'http://127.0.0.1:1' } }, /issuer: .*production/],
    ['an unknown argument', { arguments: ['--verbose'] }, /Usage/],
    ['an old Node', { nodeVersion: '20.20.2' }, /needs Node 22/],
  ])('exits with 2 and says why, given %s', async (_what, given, message) => {
    const host = new FakeProcess(given);
    const events: string[] = [];
    await runService(definition(events), host);
    expect([host.exitCodes, events]).toEqual([[2], []]);
    expect(host.printed.join('\n')).toMatch(message);
  });

  it('exits with 1 and logs the cause when the service cannot start', async () => {
    const host = new FakeProcess();
    await runService(definition([], { create: async () => Promise.reject(new Error('the database is not there')) }), host);
    expect(host.exitCodes).toEqual([1]);
    expect(host.lines.join('')).toContain('the database is not there');
  });

  it('exits with 1 at a fault outside of any request, and logs no token of it [A78]', async () => {
    const host = new FakeProcess();
    await runService(definition([]), host);
    host.fault(new Error('eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.sig'));
    expect(await host.exited).toBe(1);
    expect(host.lines.join('')).not.toContain('eyJ');
  });
});
