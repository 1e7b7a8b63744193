import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const WITHIN_MS = 15_000;

/** Waits until a Redis answers PING; throws after 15 s. */
export async function redisAnswers(host: string, port: number): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await ping(host, port))) {
    if (performance.now() > deadline) throw new Error(`Redis at ${host}:${port} has not answered within ${WITHIN_MS} ms`);
    await delay(50);
  }
}

function ping(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 }, () => socket.write('PING\r\n'));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('data', (bytes) => end(bytes.toString().startsWith('+PONG')));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
    socket.on('close', () => end(false));
  });
}
