import { Controller, Delete, Get, HttpCode, Inject, Module, Post, Put, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { invalidGrant, type JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createNestApplication, type NestApplicationOptions } from '../src/create-nest-application.ts';
import { formBody, jsonBody } from '../src/body-parsers.ts';
import { createLogger } from '../src/logger.ts';
import { Readiness } from '../src/readiness.ts';

const GREETING = Symbol('Greeting');

@Controller()
export class EchoController {
  readonly #greeting: string;

  constructor(@Inject(GREETING) greeting: string) {
    this.#greeting = greeting;
  }

  @Get('hello')
  hello(): object {
    return { greeting: this.#greeting };
  }

  @Post('form')
  @HttpCode(200)
  form(@Req() request: FastifyRequest): object {
    const form = formBody(request);
    return Object.fromEntries(form.names().map((name) => [name, form.all(name)]));
  }

  @Post('json')
  @HttpCode(200)
  json(@Req() request: FastifyRequest): object {
    return { received: jsonBody(request) as JsonValue & object };
  }

  @Get('things/:id')
  thing(@Req() request: FastifyRequest): object {
    return { ip: request.ip };
  }

  @Put('things/:id')
  replace(): object {
    throw invalidGrant('ticket_used', 'detail for the log');
  }

  @Delete('things/:id')
  remove(): object {
    throw new Error('a bug that mentions eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.sig and bob@globex.example');
  }

  @Get('half')
  half(@Res() reply: FastifyReply): never {
    reply.raw.writeHead(200, { 'content-length': '100' });
    reply.raw.write('half of it');
    throw new Error('failed after the head was sent');
  }
}

@Module({ controllers: [EchoController], providers: [{ provide: GREETING, useValue: 'hello' }] })
export class EchoModule {}

export interface TestApplication {
  readonly application: NestFastifyApplication;
  readonly readiness: Readiness;
  /** Log lines, parsed. */
  readonly log: Record<string, unknown>[];
  readonly rawLog: string[];
}

/** An application with a few routes, its log kept in memory. */
export async function createTestApplication(options: Partial<NestApplicationOptions> = {}): Promise<TestApplication> {
  const rawLog: string[] = [];
  const log: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string): void => {
      rawLog.push(line);
      log.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const readiness = new Readiness();
  const logger = createLogger({ name: 'test', level: 'trace', destination });
  const application = await createNestApplication(EchoModule, { logger, readiness, requestTimeoutMs: 30_000, ...options });
  rawLog.length = 0;
  log.length = 0;
  return { application, readiness, log, rawLog };
}
