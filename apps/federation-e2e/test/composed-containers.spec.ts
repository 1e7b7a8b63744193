import { beforeAll, describe, expect, it } from '@jest/globals';
import { compose, containerOf, docker, FRONT_PORTS, networkOf, tryDocker } from './support/compose-project.ts';

interface Container {
  readonly Name: string;
  readonly Id: string;
  readonly State: { readonly Status: string; readonly StartedAt: string; readonly Health?: { readonly Status: string } };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly Privileged: boolean; readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>> };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** Two domains of two databases, provider, API, front, and two of each service; the seed; and initech. */
const RUNNING = 2 * (2 + 3 + 2 + 2 + 2) + 2;

async function running(): Promise<readonly Container[]> {
  const ids = (await compose('ps', '--quiet')).split('\n').filter((id) => id !== '');
  return JSON.parse(await docker('inspect', ...ids)) as Container[];
}

let containers: readonly Container[];
beforeAll(async () => {
  containers = await running();
});

describe('The containers of the federation', () => {
  it('are all there and healthy', () => {
    const states = containers.map(({ Name, State }) => [Name, State.Status, State.Health?.Status]);
    expect(states).toEqual(states.map(([name]) => [name, 'running', 'healthy']));
    expect(states).toHaveLength(RUNNING);
  });

  it('have no root, no capability, no way to gain one, and nothing to write to but volumes and memory', async () => {
    for (const { Id, Name, HostConfig } of containers) {
      const status = await docker('exec', Id, 'cat', '/proc/1/status');
      const facts = ['Uid', 'CapEff', 'CapBnd', 'NoNewPrivs'].map((name) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1]);
      expect([Name, HostConfig.ReadonlyRootfs, HostConfig.Privileged, ...facts.slice(1)]).toEqual([Name, true, false, '0000000000000000', '0000000000000000', '1']);
      expect(facts[0]).not.toBe('0');
    }
  });

  it('publish the two fronts on 127.0.0.1, and nothing else', () => {
    const published = containers.flatMap(({ HostConfig }) => Object.values(HostConfig.PortBindings ?? {}).flat()).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`);
    expect(published.sort()).toEqual(Object.values(FRONT_PORTS).map((port) => `127.0.0.1:${port}`).sort());
  });

  it.each([
    ['database', 5432],
    ['redis', 6379],
    ['sample-api', 8080],
  ])('reach %s of their own domain, and of no other', async (service, port) => {
    const { Networks } = containers.find(({ Name }) => Name === `/${containerOf(`acme-${service}`)}`)?.NetworkSettings ?? { Networks: {} };
    const address = Networks[networkOf('acme')]?.IPAddress ?? 'nowhere';
    const reach = (from: string) => tryDocker('exec', containerOf(from), 'timeout', '3', 'bash', '-c', `exec 3<>/dev/tcp/${address}/${port}`);
    expect((await reach('acme-as-ro')).code).toBe(0);
    expect((await reach('globex-as-ro')).code).not.toBe(0);
  });

  it('need a password for Redis', async () => {
    expect(await docker('exec', containerOf('acme-redis'), 'redis-cli', 'info')).toContain('NOAUTH');
  });

  it.each(['as-ro', 'as-rqp', 'rs-gateway', 'tls-front'])('tell how %s fares on a port of its own', async (service) => {
    const script = "fetch('http://127.0.0.1:9464/metrics').then((answer) => answer.text()).then(console.log)";
    const metrics = await docker('exec', containerOf(`acme-${service}`), 'node', '-e', script);
    expect(metrics).toMatch(new RegExp(`^build_info\\{.*service="${service}"`, 'm'));
    expect(metrics).toMatch(/^http_server_request_duration_seconds_count/m);
    expect(metrics).not.toMatch(/eyJ|@/);
  });

  it('stay as they are when setup and migrations run again', async () => {
    const certificates = () => docker('exec', containerOf('acme-tls-front'), 'sha256sum', '/private/key.pem', '/private/certificate.pem');
    const before = await certificates();
    for (const job of ['setup', 'acme-migrate', 'globex-migrate']) await docker('start', '--attach', containerOf(job));
    expect(await certificates()).toBe(before);
    expect((await running()).map(({ Id, State }) => [Id, State.StartedAt])).toEqual(containers.map(({ Id, State }) => [Id, State.StartedAt]));
  });
});
