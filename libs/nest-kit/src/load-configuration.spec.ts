import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error.ts';
import { loadConfiguration } from './load-configuration.ts';
import type { Environment } from './process-environment.ts';
import { Secret, secret } from './secret.ts';
import { loggingConfiguration, serverConfiguration } from './service-configuration.ts';

const schema = z.strictObject({
  server: serverConfiguration(),
  logging: loggingConfiguration(),
  issuer: z.string().default('https://as.example'),
  dpop: z.boolean().default(true),
  addressMap: z.record(z.string(), z.url()).default({}),
  clients: z.array(z.strictObject({ clientId: z.string(), clientSecret: secret().optional() })).default([]),
});

describe('loadConfiguration', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (content: string, name = 'config.yaml'): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const load = (environment: Environment, yaml?: string) =>
    loadConfiguration(schema, { environment, prefix: 'AS_RO', ...(yaml === undefined ? {} : { file: fileOf(yaml) }) });
  const problemsOf = (environment: Environment, yaml?: string): readonly string[] => {
    try {
      load(environment, yaml);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
    throw new Error('the configuration was accepted');
  };

  it('starts from the defaults of the schema', () => {
    expect(load({})).toMatchObject({ server: { port: 8080, bodyLimit: 65_536, requestTimeout: 30_000 }, logging: { level: 'info' }, dpop: true });
  });

  it('lets the file win over defaults and the environment over the file', () => {
    const yaml = 'server: { port: 4110, host: 127.0.0.1 }\nissuer: https://file.example\n';
    const configuration = load({ AS_RO__SERVER__PORT: '4200', AS_RO__SERVER__REQUEST_TIMEOUT: '5s' }, yaml);
    expect(configuration.server).toMatchObject({ port: 4200, host: '127.0.0.1', requestTimeout: 5000 });
    expect(configuration.issuer).toBe('https://file.example');
  });

  it('keeps texts that look like numbers as texts where the schema wants a text', () => {
    expect(load({ AS_RO__ISSUER: '1e5', AS_RO__DPOP: 'false' })).toMatchObject({ issuer: '1e5', dpop: false });
  });

  it('takes lists and maps from the environment as YAML or JSON, and single places in a list by number', () => {
    const configuration = load({
      AS_RO__ADDRESS_MAP: '{"acme.example":"http://127.0.0.1:4100"}',
      AS_RO__SERVER__TRUSTED_PROXIES: '[10.0.0.0/8]',
      AS_RO__CLIENTS__0__CLIENT_ID: 'rs',
    });
    expect(configuration.addressMap).toEqual({ 'acme.example': 'http://127.0.0.1:4100' });
    expect(configuration.server.trustedProxies).toEqual(['10.0.0.0/8']);
    expect(configuration.clients).toEqual([{ clientId: 'rs' }]);
  });

  it('reads a secret from the file that a *_FILE variable names and cuts off the line end', () => {
    const path = fileOf('s3cret-from-file\n', 'secret');
    const configuration = load({ AS_RO__CLIENTS__0__CLIENT_SECRET_FILE: path }, 'clients: [{ clientId: rs }]');
    expect(configuration.clients[0]?.clientSecret).toBeInstanceOf(Secret);
    expect(configuration.clients[0]?.clientSecret?.reveal()).toBe('s3cret-from-file');
  });

  it('refuses a setting that is given both as a value and as a file', () => {
    const path = fileOf('x', 'both');
    expect(problemsOf({ AS_RO__ISSUER: 'https://a.example', AS_RO__ISSUER_FILE: path })).toEqual([expect.stringContaining('issuer: given both')]);
  });

  it('names every problem with its path and its variable', () => {
    const problems = problemsOf({ AS_RO__SERVER__PORT: 'many', AS_RO__SERVR__PORT: '1' }, 'logging: { level: loud }\nclients: [{ clientIdd: rs }]\n');
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^server\.port: .*\(from AS_RO__SERVER__PORT\)$/),
        expect.stringMatching(/^logging\.level: /),
        expect.stringMatching(/^clients\.0\.clientIdd: there is no such setting$/),
        expect.stringMatching(/^clients\.0\.clientId: /),
        expect.stringMatching(/^servr: there is no such setting/),
      ]),
    );
  });

  it('never repeats a value in an error', () => {
    const value = 'hunter2-hunter2';
    const problems = problemsOf({ AS_RO__SERVER__PORT: value, AS_RO__SERVER__REQUEST_TIMEOUT: value }, `logging: { level: ${value} }\nclients: [${value}]\n`);
    expect(problems.length).toBeGreaterThanOrEqual(4);
    expect(inspect(new ConfigurationError(problems))).not.toContain(value);
  });

  it.each([
    ['a file that is not there', 'no-such-file'],
    ['a folder', '.'],
  ])('refuses %s', (_what, name) => {
    expect(() => loadConfiguration(schema, { file: join(folder, name), environment: {}, prefix: 'AS_RO' })).toThrow(ConfigurationError);
  });

  it.each(['a: [', 'a: 1\na: 2', '- a list', 'just text'])('refuses the file content %p', (yaml) => {
    expect(() => load({}, yaml)).toThrow(ConfigurationError);
  });

  it.each(['AS_RO____PROTO____X', 'AS_RO__server__port', 'AS_RO__', 'AS_RO__CONSTRUCTOR__NAME'])('refuses the variable %s', (variable) => {
    expect(problemsOf({ [variable]: 'x' })).toHaveLength(1);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('accepts an empty file and ignores variables of others', () => {
    expect(load({ AS_ROX__PORT: '1', PATH: '/bin' }, '').server.port).toBe(8080);
  });

  it('does not let the request time limit be switched off', () => {
    expect(problemsOf({ AS_RO__SERVER__REQUEST_TIMEOUT: '0s' })).toHaveLength(1);
  });
});
