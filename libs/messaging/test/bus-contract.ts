import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@uma-federation/testing';
import { Logger } from '@nestjs/common';
import { invalidResourceId, ProtocolError } from '@uma-federation/uma-core';
import { firstValueFrom, of } from 'rxjs';
import { BusTimeout, RequestRecord, type BusClient, type BusClientLimits, type BusServer, type RequestContext } from '../src/index.ts';

/** A bus under test. Every service name that a test uses is its own. */
export interface BusUnderTest {
  server(service: string, options?: { maxConcurrent?: number }): BusServer;
  client(service: string, limits?: BusClientLimits): BusClient;
}

type Handler = (data: never, context: RequestContext) => unknown;

/** The rules that hold for every bus. */
export function describeBus(name: string, bus: BusUnderTest): void {
  let service: string;
  let sequence = 0;
  const opened: { close(): Promise<void> }[] = [];

  async function replica(handlers: Record<string, Handler>, options?: { maxConcurrent?: number }): Promise<BusServer> {
    const server = bus.server(service, options);
    opened.push(server);
    for (const [pattern, handler] of Object.entries(handlers)) server.addHandler(pattern, async (data, context) => handler(data as never, context as RequestContext));
    await new Promise<void>((resolve, reject) => void server.listen((error) => (error ? reject(error) : resolve())));
    return server;
  }

  function client(limits?: BusClientLimits): BusClient {
    const made = bus.client(service, limits);
    opened.push(made);
    return made;
  }

  const refusal = async (request: Promise<unknown>): Promise<ProtocolError> =>
    request.then(
      () => Promise.reject(new Error('it was answered')),
      (error: unknown) => (error instanceof ProtocolError ? error : Promise.reject(error as Error)),
    );

  describe(name, () => {
    beforeEach(() => {
      Logger.overrideLogger(false);
      service = `service-${(sequence += 1)}`;
    });
    afterEach(async () => {
      for (const part of opened.splice(0).reverse()) await part.close();
    });

    it('answers each request with the result of the handler of its pattern', async () => {
      await replica({ double: (n: number) => 2 * n, greet: ({ who }: { who: string }) => ({ text: `hello ${who}` }) });
      const asking = client();
      expect(await asking.request('double', 21)).toBe(42);
      expect(await asking.request('greet', { who: 'Bob' })).toEqual({ text: 'hello Bob' });
    });

    it("answers Nest's own send(), objects as patterns, streams and handlers without a result", async () => {
      await replica({ '{"cmd":"sum"}': (all: number[]) => of(all[0], all.reduce((a, b) => a + b, 0)), nothing: () => undefined });
      const asking = client();
      expect(await firstValueFrom(asking.send<number>({ cmd: 'sum' }, [1, 2, 3]))).toBe(6);
      expect(await firstValueFrom(asking.send('nothing', new RequestRecord({}, { timeoutMs: 5000 })))).toBeNull();
    });

    it('gives each of many requests to exactly one of many replicas, and to each replica some', async () => {
      const runs = [0, 0, 0];
      const seen = new Set<number>();
      for (const place of runs.keys()) {
        const handler = async (n: number) => {
          runs[place] = (runs[place] ?? 0) + 1;
          seen.add(n);
          await new Promise((resolve) => setImmediate(resolve));
          return n;
        };
        await replica({ work: handler }, { maxConcurrent: 16 });
      }
      const asking = client({ maxInFlight: 300, timeoutMs: 10_000 });
      const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => asking.request<number>('work', n)));
      expect(answers).toEqual(Array.from({ length: 300 }, (_, n) => n));
      expect(runs.reduce((a, b) => a + b, 0)).toBe(300);
      expect(seen.size).toBe(300);
      expect(Math.min(...runs)).toBeGreaterThan(0);
    });

    it('tells the handler who it works for: message id, pattern, deliveries, metadata, time left', async () => {
      let context: RequestContext | undefined;
      await replica({ look: (_: unknown, given) => void (context = given) });
      const asking = client();
      asking.setOnDispatchHook((packet) => (packet.metadata = { trace: 'abc' }));
      await asking.request('look', {}, { messageId: 'once-1', timeoutMs: 4000 });
      expect(context).toMatchObject({ messageId: 'once-1', pattern: 'look', deliveries: 1, metadata: { trace: 'abc' } });
      expect(context?.remainingMs()).toBeLessThanOrEqual(4000);
      expect(context?.remainingMs()).toBeGreaterThan(0);
    });

    it('keeps the message id when the caller asks again, and makes a fresh one otherwise', async () => {
      const ids: string[] = [];
      await replica({ note: (_: unknown, context) => void ids.push(context.messageId) });
      const asking = client();
      await Promise.all([asking.request('note', {}, { messageId: 'again' }), asking.request('note', {}, { messageId: 'again' })]);
      await asking.request('note', {});
      await asking.request('note', {});
      expect(ids.slice(0, 2)).toEqual(['again', 'again']);
      expect(new Set(ids).size).toBe(3);
    });

    it('brings a refusal back as the same refusal, without its detail', async () => {
      await replica({
        refuse: () => {
          throw invalidResourceId('unknown_resource', 'only for the log');
        },
      });
      expect(await refusal(client().request('refuse', {}))).toMatchObject({
        error: 'invalid_resource_id',
        status: 400,
        reason: 'unknown_resource',
        description: 'A resource identifier is not registered.',
        detail: undefined,
      });
    });

    it('brings a fault back as an opaque 500', async () => {
      await replica({
        fail: () => {
          throw new Error('secret text');
        },
      });
      const error = await refusal(client().request('fail', {}));
      expect(error).toMatchObject({ error: 'server_error', status: 500, description: undefined, detail: undefined });
      expect(JSON.stringify({ ...error, message: error.message })).not.toContain('secret');
    });

    it('refuses a pattern that no handler has with 503, and at once', async () => {
      await replica({});
      expect(await refusal(client({ timeoutMs: 60_000 }).request('unknown', {}))).toMatchObject({ status: 503, reason: 'bus_no_handler' });
    });

    it('refuses with BusTimeout when nobody answers within the deadline', async () => {
      const startedAt = performance.now();
      const error = await refusal(client().request('anything', {}, { timeoutMs: 150 }));
      expect(error).toBeInstanceOf(BusTimeout);
      expect(error).toMatchObject({ status: 503, reason: 'bus_timeout', retryAfterSeconds: 1 });
      expect(performance.now() - startedAt).toBeLessThan(1000);
    });

    it('does not begin to work on a request whose deadline has passed', async () => {
      const asking = client();
      const askedAt = performance.now();
      await refusal(asking.request('work', 'late', { timeoutMs: 50 }));
      // A timer may be a millisecond early.
      await until('the deadline has passed', () => performance.now() > askedAt + 75);
      const begun: string[] = [];
      await replica({ work: (what: string) => void begun.push(what) });
      // Requests are taken in order: when this one is answered, the other one has been looked at.
      await asking.request('work', 'in time', { timeoutMs: 5000 });
      expect(begun).toEqual(['in time']);
    });

    it('takes no more requests than it may work on at a time', async () => {
      let running = 0;
      let most = 0;
      const gate = Promise.withResolvers<void>();
      const handler = async () => {
        most = Math.max(most, (running += 1));
        await gate.promise;
        running -= 1;
      };
      await replica({ work: handler }, { maxConcurrent: 4 });
      const asking = client({ timeoutMs: 10_000 });
      const answers = Array.from({ length: 20 }, () => asking.request('work', {}));
      await until('four are at work', () => running === 4);
      await replica({ work: () => 'other' }, { maxConcurrent: 4 });
      // The sixteen that the first replica has no room for go to the second one.
      let others = 0;
      for (const answer of answers) void answer.then((by) => (others += by === 'other' ? 1 : 0));
      await until('the second replica has answered them', () => others === 16);
      gate.resolve();
      await Promise.all(answers);
      expect(others).toBe(16);
      expect(most).toBe(4);
    });

    it('refuses at once when too many requests are under way, and takes requests again when they are not', async () => {
      const gate = Promise.withResolvers<void>();
      await replica({ wait: () => gate.promise });
      const asking = client({ maxInFlight: 2, timeoutMs: 10_000 });
      const first = [asking.request('wait', {}), asking.request('wait', {})];
      expect(await refusal(asking.request('wait', {}))).toMatchObject({ status: 503, reason: 'bus_overloaded' });
      gate.resolve();
      await Promise.all(first);
      expect(await asking.request('wait', {})).toBeNull();
    });

    it('refuses a request above 64 KiB before it is sent, and an answer above it when it comes', async () => {
      await replica({ echo: (text: string) => text, grow: () => 'x'.repeat(64 * 1024) });
      const asking = client();
      expect(await refusal(asking.request('echo', 'x'.repeat(64 * 1024)))).toMatchObject({ status: 413, reason: 'bus_message_too_large' });
      expect(await refusal(asking.request('grow', {}))).toMatchObject({ status: 500, reason: 'bus_reply_too_large' });
      expect(await asking.request<string>('echo', 'x'.repeat(63 * 1024))).toHaveLength(63 * 1024);
    });

    it('refuses what is no JSON, on the way there and on the way back', async () => {
      await replica({ big: () => 1n });
      const asking = client();
      await expect(asking.request('big', { n: 1n })).rejects.toThrow(TypeError);
      expect(await refusal(asking.request('big', {}))).toMatchObject({ status: 500 });
      await expect(asking.request('x'.repeat(201), {})).rejects.toThrow(TypeError);
    });

    it('finishes what is under way before it closes, and takes nothing new', async () => {
      const gate = Promise.withResolvers<void>();
      const began = Promise.withResolvers<void>();
      const server = await replica({
        work: async () => {
          began.resolve();
          await gate.promise;
          return 'done';
        },
      });
      const asking = client({ timeoutMs: 10_000 });
      const underWay = asking.request('work', {});
      await began.promise;
      let closed = false;
      const closing = server.close().then(() => (closed = true));
      expect(await refusal(asking.request('work', {}, { timeoutMs: 600 }))).toBeInstanceOf(BusTimeout);
      expect(closed).toBe(false);
      gate.resolve();
      expect(await underWay).toBe('done');
      await closing;
    });

    it('refuses what is under way when the client is closed, and everything after that', async () => {
      const asking = client({ timeoutMs: 60_000 });
      const underWay = refusal(asking.request('work', {}));
      await asking.close();
      expect(await underWay).toMatchObject({ reason: 'bus_closed' });
      expect(await refusal(asking.request('work', {}))).toMatchObject({ reason: 'bus_closed' });
    });

    it('does not send events to one replica: emit() is refused', async () => {
      await expect(firstValueFrom(client().emit('something', {}))).rejects.toThrow('EventPublisher');
    });
  });
}
