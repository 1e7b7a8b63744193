import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { noteRefusal } from '@uma-federation/nest-kit';
import { ProtocolError, refusalToUma1Wire, type Uma1Version } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendUma1Answer } from './send-uma-1-answer.ts';
import { UMA_1_VERSION } from './tokens.ts';

/** Answers refusals in the words of the older documents; anything else goes to the one filter of the service. */
@Catch(ProtocolError)
export class Uma1ErrorFilter implements ExceptionFilter<ProtocolError> {
  readonly #version: Uma1Version;

  constructor(@Inject(UMA_1_VERSION) version: Uma1Version) {
    this.#version = version;
  }

  catch(refusal: ProtocolError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    noteRefusal(http.getRequest<FastifyRequest>(), refusal);
    sendUma1Answer(http.getResponse<FastifyReply>(), refusalToUma1Wire(refusal, this.#version));
  }
}
