import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { once } from 'node:events';
import { startMeasuredService, type MeasuredService } from './measured-service.ts';
import { rawRequest } from './raw-request.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const running: MeasuredService[] = [];

async function start(...parameters: Parameters<typeof startMeasuredService>): Promise<MeasuredService> {
  const service = await startMeasuredService(...parameters);
  running.push(service);
  return service;
}
afterEach(async () => void (await Promise.all(running.splice(0).map((service) => service.stop()))));

const requests = (method: string, route: string, status: string | number): string =>
  `http_server_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;

describe('the metrics of a service', () => {
  it('count requests by method, route template and status, and refusals by reason and error', async () => {
    const { url, scrape } = await start();
    await fetch(`${url}/things/alice?x=y`);
    await fetch(`${url}/things/bob`);
    await fetch(`${url}/things/bob`, { method: 'PUT', headers: JSON_TYPE, body: '{}' });
    await fetch(`${url}/things/bob`, { method: 'DELETE' });
    const series = await scrape();
    expect(series.get(requests('GET', '/things/:id', 200))).toBe(2);
    expect(series.get(requests('PUT', '/things/:id', 400))).toBe(1);
    expect(series.get(requests('DELETE', '/things/:id', 500))).toBe(1);
    expect(series.get('http_server_refusals_total{reason="ticket_used",error="invalid_grant"}')).toBe(1);
    expect(series.get('http_server_request_duration_seconds_bucket{le="+Inf",method="GET",route="/things/:id",status="200"}')).toBe(2);
    expect(series.get('http_server_active_requests')).toBe(0);
  });

  it('put unknown paths under the route "none" and unknown methods under "other"', async () => {
    const { url, text, scrape } = await start();
    for (const path of ['/nowhere', '/alice/secret-path', '/%']) await fetch(url + path);
    await fetch(`${url}/secret-path`, { method: 'PROPFIND' });
    await fetch(`${url}/hello`, { method: 'POST' });
    const series = await scrape();
    expect(series.get(requests('GET', 'none', 404))).toBe(2);
    expect(series.get(requests('GET', 'none', 400))).toBe(1);
    expect(series.get(requests('other', 'none', 404))).toBe(1);
    expect(series.get(requests('POST', 'none', 405))).toBe(1);
    expect(await text()).not.toMatch(/secret|alice|PROPFIND/);
  });

  it('count a client that leaves before the answer is complete as aborted', async () => {
    const { url, scrape } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /half HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.on('error', () => undefined);
    await once(socket.resume(), 'close');
    const series = await scrape();
    expect([series.get(requests('GET', '/half', 'aborted')), series.get('http_server_active_requests')]).toEqual([1, 0]);
  });

  it('count what the HTTP parser refuses', async () => {
    const { url, scrape } = await start();
    await rawRequest(Number(new URL(url).port), 'NONSENSE\r\n\r\n');
    expect((await scrape()).get('http_server_refusals_total{reason="malformed_http",error="invalid_request"}')).toBe(1);
  });

  it('say whether the service is ready, check by check, within the time limit of each', async () => {
    const { readiness, scrape } = await start();
    let database = true;
    readiness.add({ name: 'postgres', deadlineMs: 1_000, check: async () => (database ? 1 : Promise.reject(new Error('down'))) });
    readiness.add({ name: 'hanging', deadlineMs: 1, check: async () => new Promise(() => undefined) });
    const before = await scrape();
    expect([before.get('ready'), before.get('ready_check{check="postgres"}'), before.get('ready_check{check="hanging"}')]).toEqual([0, 1, 0]);
    database = false;
    expect((await scrape()).get('ready_check{check="postgres"}')).toBe(0);
  });

  it('say "ready" until the service drains', async () => {
    const { readiness, scrape } = await start();
    expect((await scrape()).get('ready')).toBe(1);
    readiness.drain();
    expect((await scrape()).get('ready')).toBe(0);
  });

  it('run the checks once, however many ask at a time', async () => {
    const { readiness, metricsUrl } = await start();
    const answers: (() => void)[] = [];
    const asked = new Promise<void>((resolve) => {
      readiness.add({ name: 'slow', deadlineMs: 10_000, check: () => new Promise<void>((done) => { answers.push(done); resolve(); }) });
    });
    // Node takes up all requests of a packet before it has answered the first.
    const text = rawRequest(Number(new URL(metricsUrl).port), `${'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2)}GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await asked;
    setImmediate(() => answers[0]?.());
    expect((await text).match(/^HTTP\/1\.1 200 /gm)).toHaveLength(3);
    expect(answers).toHaveLength(1);
  });

  it('say what is built in and how the process does', async () => {
    const { scrape } = await start();
    const series = await scrape();
    expect([...series.keys()].find((name) => name.startsWith('build_info'))).toMatch(/^build_info\{service="test",version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\}$/);
    for (const name of ['process_cpu_seconds_total', 'process_start_time_seconds', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) expect(series.get(name)).toBeGreaterThan(0);
    for (const name of ['mean', 'p99', 'max']) expect(series.get(`nodejs_eventloop_lag_${name}_seconds`)).toBeGreaterThanOrEqual(0);
  });

  it('of two services in one process have nothing in common', async () => {
    const [one, two] = [await start(), await start()];
    const counters = [one, two].map(({ metrics }) => metrics.counter('grants_total', 'Grants.', ['kind']));
    counters[0]?.increment({ kind: 'ticket' }, 2);
    await fetch(`${one.url}/hello`);
    const [first, second] = [await one.scrape(), await two.scrape()];
    expect([first.get('grants_total{kind="ticket"}'), first.get(requests('GET', '/hello', 200))]).toEqual([2, 1]);
    expect([second.get('grants_total{kind="ticket"}'), second.get(requests('GET', '/hello', 200))]).toEqual([undefined, undefined]);
  });
});

describe('A78 tokens, e-mail addresses and secrets in metrics', () => {
  const CANARIES = ['eyJhbGciOiJFUzI1NiJ9.eyJjYW5hcnkiOnRydWV9.Y2FuYXJ5', 'canary@globex.example', 'canary-5f1e-opaque-secret'];
  const HEADERS = ['authorization', 'dpop', 'x-request-id', 'user-agent', 'content-type', 'x-forwarded-for', 'traceparent', 'tracestate'];

  it('has none of them, wherever they were in the request', async () => {
    const { url, text } = await start();
    for (const canary of CANARIES) {
      for (const path of [`/things/${canary}`, `/${canary}`, `/hello?access_token=${canary}`, `/${canary}/%`]) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'REPORT']) await fetch(url + path, { method });
      }
      for (const header of HEADERS) await fetch(`${url}/form`, { method: 'POST', headers: { 'content-type': 'text/plain', [header]: canary }, body: `ticket=${canary}` });
      await fetch(`${url}/json`, { method: 'POST', headers: JSON_TYPE, body: `{"${canary}":1,"${canary}":1}` });
    }
    const metrics = await text();
    expect(metrics).toContain('route="none"');
    expect(metrics).not.toMatch(/eyJ|canary|globex|Y2Fu/i);
  });

  it('keeps what a feature counts by in bounds', async () => {
    const { metrics, text, scrape } = await start();
    const counter = metrics.counter('answers_total', 'Answers.', ['kind']);
    for (const kind of CANARIES.slice(0, 2)) counter.increment({ kind });
    expect((await scrape()).get('answers_total{kind="other"}')).toBe(2);
    expect(await text()).not.toMatch(/eyJ|canary/);
  });
});

describe('the metrics port', () => {
  it('answers GET /metrics in the format of Prometheus, and nothing else', async () => {
    const { metricsUrl, url } = await start();
    const answer = await fetch(metricsUrl);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const statuses = [
      await fetch(metricsUrl, { method: 'POST', body: 'x' }),
      await fetch(metricsUrl, { method: 'HEAD' }),
      await fetch(new URL('/', metricsUrl)),
      await fetch(new URL('/health/ready', metricsUrl)),
      await fetch(`${url}/metrics`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([405, 405, 404, 404, 404]);
  });

  it('is closed after the service has stopped', async () => {
    const service = await startMeasuredService();
    await service.scrape();
    await service.stop();
    await expect(fetch(service.metricsUrl)).rejects.toThrow();
    await service.stop();
  });

  it('fails the start when its address is taken', async () => {
    const { metricsUrl } = await start();
    await expect(startMeasuredService({ host: '127.0.0.1', port: Number(new URL(metricsUrl).port) })).rejects.toThrow(/EADDRINUSE/);
  });

  it('is not there without the setting, and counting costs nothing then', async () => {
    const service = await startMeasuredService('off');
    running.push(service);
    service.metrics.counter('grants_total', 'Grants.', ['kind']).increment({ kind: 'ticket' });
    expect([service.metricsUrl, service.metrics.requests, (await fetch(`${service.url}/hello`)).status]).toEqual(['', undefined, 200]);
  });
});
