import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LoopbackReceiver } from './loopback-receiver.ts';

const STATE = 's'.repeat(43);
const open: LoopbackReceiver[] = [];
const start = async (redirectUri: string) => {
  const receiver = await LoopbackReceiver.start(redirectUri);
  open.push(receiver);
  return receiver;
};
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
afterEach(() => {
  for (const receiver of open.splice(0)) receiver.stop();
});

describe('The loopback redirect', () => {
  it('is received once, with everything in it', async () => {
    const receiver = await start('http://127.0.0.1/callback');
    const received = receiver.receive(STATE, 5000);
    const response = await fetch(`${receiver.redirectUri}?code=c&state=${STATE}`);
    expect(response.status).toBe(200);
    expect((await received)?.searchParams.get('code')).toBe('c');
  });

  it('uses the registered port, and another one when that is taken', async () => {
    const registered = `http://127.0.0.1:${await freePort()}/callback`;
    expect((await start(registered)).redirectUri).toBe(registered);
    expect((await start(registered)).redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(new Set(open.map(({ redirectUri }) => redirectUri)).size).toBe(2);
  });

  it('gives up when nobody comes', async () => {
    expect(await (await start('http://127.0.0.1/callback')).receive(STATE, 0)).toBeUndefined();
  });
});

describe('A60 Client-side CSRF at the loopback redirect', () => {
  it('lets a callback without or with a wrong state change nothing', async () => {
    const receiver = await start('http://127.0.0.1/callback');
    const received = receiver.receive(STATE, 5000);
    const ask = async (path: string, method = 'GET') => (await fetch(new URL(path, receiver.redirectUri), { method })).status;
    expect(await ask('/callback?code=evil')).toBe(400);
    expect(await ask('/callback?code=evil&state=other')).toBe(400);
    expect(await ask(`/callback?code=evil&state=${STATE}&state=${STATE}`)).toBe(400);
    expect(await ask(`/other?code=evil&state=${STATE}`)).toBe(404);
    expect(await ask(`/callback?code=evil&state=${STATE}`, 'POST')).toBe(404);
    expect(await ask(`/callback?code=good&state=${STATE}`)).toBe(200);
    expect((await received)?.searchParams.get('code')).toBe('good');
  });
});
