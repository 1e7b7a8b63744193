import { Controller, Get, Header, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readiness } from './readiness.ts';

const READINESS = Symbol('Readiness');

/** `GET /health/live`: the process answers. `GET /health/ready`: it can take requests (503 when not). */
@Controller('health')
class HealthController {
  readonly #readiness: Readiness;

  constructor(@Inject(READINESS) readiness: Readiness) {
    this.#readiness = readiness;
  }

  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.#readiness.report();
    void reply.status(report.ready ? 200 : 503);
    return { status: report.ready ? 'ready' : report.draining ? 'draining' : 'not ready', checks: report.checks };
  }
}

@Module({})
class HealthModule {}

/** The Nest module that serves `/health/live` and `/health/ready` from this readiness. */
export function healthModule(readiness: Readiness): DynamicModule {
  return { module: HealthModule, controllers: [HealthController], providers: [{ provide: READINESS, useValue: readiness }] };
}
