import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runService, type HostProcess } from '@uma-federation/nest-kit';
import { serviceDefinition } from '../src/index.ts';

const example = fileURLToPath(new URL('../config.example.yaml', import.meta.url));

async function run(commandLine: readonly string[], environment: Record<string, string>): Promise<{ codes: number[]; text: string }> {
  const codes: number[] = [];
  const texts: string[] = [];
  const host: HostProcess = {
    arguments: commandLine,
    environment,
    nodeVersion: process.versions.node,
    print: (text) => void texts.push(text),
    exit: (code) => void codes.push(code),
    onStopSignal: () => undefined,
    onFault: () => undefined,
  };
  await runService(serviceDefinition, host);
  return { codes, text: texts.join('\n') };
}

describe('The example configuration', () => {
  const secret = { RS_GATEWAY__AUTHORIZATION_SERVER__CLIENT_SECRET: 'from-the-environment' };

  it('is good for production', async () => {
    const { codes, text } = await run(['--config', example, '--check-config'], { ...secret, NODE_ENV: 'production' });
    expect([codes, text]).toEqual([[0], 'rs-gateway: the configuration is good.']);
  });

  it('lacks the client secret, which comes from the environment', async () => {
    const { codes, text } = await run(['--config', example, '--check-config'], {});
    expect(codes).toEqual([2]);
    expect(text).toContain('authorizationServer.clientSecret');
  });

  it('is refused in production with a development setting', async () => {
    const { codes, text } = await run(['--config', example, '--check-config'], { ...secret, NODE_ENV: 'production', RS_GATEWAY__DEVELOPMENT__LOOPBACK: 'true' });
    expect(codes).toEqual([2]);
    expect(text).toContain('development.loopback');
  });

  it('says what is wrong with a route, and where it came from', async () => {
    const { codes, text } = await run(['--config', example, '--check-config'], { ...secret, RS_GATEWAY__ROUTES: '/nowhere/routes.yaml' });
    expect(codes).toEqual([2]);
    expect(text).toContain('routes: the file of routes cannot be read or is not YAML (from RS_GATEWAY__ROUTES)');
  });
});
