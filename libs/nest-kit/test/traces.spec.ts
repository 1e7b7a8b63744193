import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, Post, Req, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { formBody } from '../src/body-parsers.ts';
import { createNestApplication } from '../src/create-nest-application.ts';
import { createLogger, type Logger } from '../src/logger.ts';
import { Readiness } from '../src/readiness.ts';
import { currentRequestIds, currentTraceparent, onBehalfOf, traceparentOf } from '../src/request-trace.ts';

const LOGGER = Symbol('Logger');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SENT = `00-${TRACE}-${PARENT}-01`;
const PROXY = { 'x-forwarded-for': '198.51.100.7' };

@Controller()
class TalkativeController {
  readonly #logger: Logger;

  constructor(@Inject(LOGGER) logger: Logger) {
    this.#logger = logger;
  }

  @Get('talk')
  async talk(@Req() request: FastifyRequest): Promise<object> {
    this.#logger.info('before');
    await new Promise((resolve) => setImmediate(resolve));
    this.#logger.info('after');
    return { ofRequest: traceparentOf(request), atHand: currentTraceparent() };
  }

  @Post('talk')
  listen(@Req() request: FastifyRequest): object {
    this.#logger.info({ names: formBody(request).names() }, 'form');
    return {};
  }

  @Get('fail')
  fail(): never {
    throw new Error('a bug');
  }
}

interface Line {
  readonly msg: string;
  readonly requestId?: string;
  readonly traceId?: string;
}

const applications: NestFastifyApplication[] = [];
afterEach(async () => void (await Promise.all(applications.splice(0).map((application) => application.close()))));

async function start(trustedProxies: readonly string[] = []) {
  const lines: Line[] = [];
  const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) } });
  const module: DynamicModule = { module: TalkativeModule, controllers: [TalkativeController], providers: [{ provide: LOGGER, useValue: logger }] };
  const application = await createNestApplication(module, { logger, readiness: new Readiness(), requestTimeoutMs: 30_000, trustedProxies });
  await application.listen({ host: '127.0.0.1', port: 0 });
  applications.push(application);
  lines.length = 0;
  return { lines, logger, url: await application.getUrl() };
}

@Module({})
class TalkativeModule {}

describe('the ids of a request', () => {
  it('are in every line that is written on its behalf, those of features and of the request itself', async () => {
    const { lines, url } = await start();
    await fetch(`${url}/talk`, { headers: { 'x-request-id': 'r-1' } });
    await fetch(`${url}/talk`, { method: 'POST', headers: { 'x-request-id': 'r-2' }, body: new URLSearchParams({ a: 'b' }) });
    await fetch(`${url}/fail`, { headers: { 'x-request-id': 'r-3' } });
    await fetch(`${url}/%`, { headers: { 'x-request-id': 'r-4' } });
    expect(lines.map(({ msg, requestId }) => [msg, requestId])).toEqual([
      ['before', 'r-1'], ['after', 'r-1'], ['request', 'r-1'],
      ['form', 'r-2'], ['request', 'r-2'],
      ['unexpected failure', 'r-3'], ['request', 'r-3'],
      ['request refused', 'r-4'],
    ]);
    const ids = [...Map.groupBy(lines, ({ requestId }) => requestId).values()].map((of) => [...new Set(of.map(({ traceId }) => traceId))]);
    expect(ids.every(([traceId, ...others]) => /^[0-9a-f]{32}$/.test(traceId ?? '') && others.length === 0)).toBe(true);
    expect(new Set(ids.flat()).size).toBe(4);
  });

  it('do not get mixed up between requests at the same time, on the same connection or not', async () => {
    const { lines, url } = await start();
    await Promise.all(Array.from({ length: 20 }, (_, index) => fetch(`${url}/talk`, { headers: { 'x-request-id': `r-${index}` } })));
    const byTrace = Map.groupBy(lines, ({ traceId }) => traceId);
    expect([...byTrace.values()].map((of) => [of.length, new Set(of.map(({ requestId }) => requestId)).size])).toEqual(Array(20).fill([3, 1]));
  });

  it('are not in lines that belong to no request', async () => {
    const { lines, logger } = await start();
    logger.info('alone');
    expect(Object.keys(lines[0] ?? {})).not.toEqual(expect.arrayContaining(['traceId']));
    expect([currentRequestIds(), currentTraceparent()]).toEqual([{}, undefined]);
  });
});

describe('a traceparent', () => {
  const ask = async (trustedProxies: readonly string[], headers: Record<string, string>) => {
    const { lines, url } = await start(trustedProxies);
    const answer = (await (await fetch(`${url}/talk`, { headers })).json()) as { ofRequest: string; atHand: string };
    return { lines, ...answer };
  };

  it('of a trusted proxy is continued: its trace id and sampling flag, a span id of our own', async () => {
    const { lines, ofRequest, atHand } = await ask(['127.0.0.1'], { ...PROXY, traceparent: SENT });
    expect(new Set(lines.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(ofRequest).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(ofRequest).not.toContain(PARENT);
    expect(atHand).toBe(ofRequest);
  });

  it.each<[string, readonly string[], Record<string, string>]>([
    ['of a client', [], { traceparent: SENT }],
    ['of a client that claims to be a proxy', ['10.0.0.0/8'], { ...PROXY, traceparent: SENT }],
    ['of a trusted peer that does not speak for a client', ['127.0.0.1'], { traceparent: SENT }],
    ['that is malformed', ['127.0.0.1'], { ...PROXY, traceparent: `${SENT}-more` }],
    ['that is missing, of a trusted proxy', ['127.0.0.1'], PROXY],
  ])('%s begins a new trace, unsampled', async (_what, trustedProxies, headers) => {
    const { lines, ofRequest } = await ask(trustedProxies, headers);
    expect(ofRequest).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(JSON.stringify([lines, ofRequest])).not.toContain(TRACE);
  });

  it('that came twice begins a new trace', async () => {
    const { url } = await start(['127.0.0.1']);
    const headers = new Headers(PROXY);
    headers.append('traceparent', SENT);
    headers.append('traceparent', SENT);
    expect(await (await fetch(`${url}/talk`, { headers })).text()).not.toContain(TRACE);
  });

  it('from the bus is continued; a bad one is not', () => {
    const line = (traceparent?: string) => onBehalfOf({ requestId: 'r-9', traceparent }, () => ({ ...currentRequestIds(), onwards: currentTraceparent() }));
    expect(line(SENT)).toEqual({ requestId: 'r-9', traceId: TRACE, onwards: expect.stringMatching(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`)) });
    for (const bad of [undefined, 'nonsense']) expect(line(bad).traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
