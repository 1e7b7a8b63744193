import { createServer } from 'node:net';

/**
 * Makes sure that nobody listens where the demo wants to.
 * @param urls http URLs with ports
 * @throws Error that names every port in use and what to do about it
 */
export async function requireFreePorts(urls: readonly string[]): Promise<void> {
  const ports = urls.map((url) => Number(new URL(url).port));
  const taken = (await Promise.all(ports.map(async (port) => ((await isFree(port)) ? [] : [port])))).flat();
  if (taken.length === 0) return;
  const which = taken.length === 1 ? `Port ${taken[0]} is` : `Ports ${taken.join(', ')} are`;
  throw new Error(`${which} in use. Is a federation running already? Stop it, or choose others: npm start -- --port-base 5100`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
