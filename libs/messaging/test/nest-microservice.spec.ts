import { describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Module, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { invalidResourceId } from '@uma-federation/uma-core';
import 'reflect-metadata';
import { InProcessBus, PassErrorsFilter, RequestContext } from '../src/index.ts';

@Controller()
@UseFilters(new PassErrorsFilter())
class ExampleController {
  @MessagePattern('echo')
  async echo(@Payload() data: unknown, @Ctx() context: RequestContext): Promise<unknown> {
    return { data, messageId: context.messageId };
  }

  @MessagePattern('refuse')
  refuse(): never {
    throw invalidResourceId('unknown_resource');
  }

  @MessagePattern('fail')
  async fail(): Promise<never> {
    throw new Error('secret');
  }
}

@Module({ controllers: [ExampleController] })
class ExampleModule {}

describe('a Nest microservice on the bus', () => {
  it('answers with its controllers, which throw refusals as everywhere else, and drains with the application', async () => {
    Logger.overrideLogger(false);
    const bus = new InProcessBus();
    const server = bus.server('example');
    const closed = jest.spyOn(server, 'close');
    const application = await NestFactory.createMicroservice<MicroserviceOptions>(ExampleModule, { strategy: server, logger: false });
    await application.listen();
    const asking = bus.client('example');
    expect(await asking.request('echo', { n: 1 }, { messageId: 'm' })).toEqual({ data: { n: 1 }, messageId: 'm' });
    await expect(asking.request('refuse', {})).rejects.toMatchObject({ status: 400, reason: 'unknown_resource' });
    await expect(asking.request('fail', {})).rejects.toMatchObject({ status: 500, reason: 'bus_handler_failed' });
    await asking.close();
    await application.close();
    expect(closed).toHaveBeenCalledTimes(1);
  });
});
