import { createServer } from 'node:http';
import { answerWebFinger, type WebFingerSettings } from '@uma-federation/federation';
import type { DomainPlan } from './domain-plan.ts';
import type { Running } from './running.ts';

/** Stands for `https://{emailDomain}`: answers WebFinger for the domain's addresses, and nothing else. */
export async function startDomainFront(domain: DomainPlan, settings: WebFingerSettings): Promise<Running> {
  const server = createServer((request, response) => {
    const [path, query] = (request.url ?? '').split('?', 2);
    if (path !== '/.well-known/webfinger' || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
      return;
    }
    const { status, headers, body } = answerWebFinger(new URLSearchParams(query), settings);
    response.writeHead(status, headers).end(body);
  });
  const { hostname, port } = new URL(domain.front);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), hostname, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
