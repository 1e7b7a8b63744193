import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger } from '../src/logger.ts';
import { createNestApplication } from '../src/create-nest-application.ts';
import { Readiness } from '../src/readiness.ts';
import { nestService } from '../src/service.ts';

class Gate {
  readonly entered: Promise<void>;
  readonly opened: Promise<void>;
  enter: () => void = () => undefined;
  open: () => void = () => undefined;
  closedStores = false;

  constructor() {
    this.entered = new Promise((resolve) => (this.enter = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

@Controller()
class SlowController implements OnApplicationShutdown {
  readonly #gate: Gate;

  constructor(@Inject(Gate) gate: Gate) {
    this.#gate = gate;
  }

  @Get('slow')
  async slow(): Promise<object> {
    this.#gate.enter();
    await this.#gate.opened;
    return { storesWereOpen: !this.#gate.closedStores };
  }

  onApplicationShutdown(): void {
    this.#gate.closedStores = true;
  }
}

async function startSlowService(closeTimeoutMs: number) {
  const gate = new Gate();
  @Module({ controllers: [SlowController], providers: [{ provide: Gate, useValue: gate }] })
  class SlowModule {}
  const readiness = new Readiness();
  const logger = createLogger({ name: 'test', level: 'silent' });
  const application = await createNestApplication(SlowModule, { logger, readiness, requestTimeoutMs: 30_000 });
  const service = nestService({ application, readiness, host: '127.0.0.1', port: 0, drainDelayMs: 0, closeTimeoutMs });
  return { gate, readiness, service, url: await service.listen() };
}

describe('stopping a service', () => {
  it('finishes the request in flight, with its stores still open, and then takes no new ones', async () => {
    const { gate, readiness, service, url } = await startSlowService(10_000);
    const answer = fetch(`${url}/slow`);
    await gate.entered;
    const stopped = service.stop();
    expect(readiness.draining).toBe(true);
    gate.open();
    expect(await (await answer).json()).toEqual({ storesWereOpen: true });
    await stopped;
    expect(gate.closedStores).toBe(true);
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
    await service.stop();
  });

  it('cuts off a request that outlasts the time limit', async () => {
    const { gate, service, url } = await startSlowService(50);
    const answer = fetch(`${url}/slow`).then(
      () => 'answered',
      () => 'cut off',
    );
    await gate.entered;
    await service.stop();
    expect(await answer).toBe('cut off');
    gate.open();
  });
});
