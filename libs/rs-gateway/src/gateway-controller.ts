import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { Logger } from '@uma-federation/nest-kit';
import type { Forwarder } from '@uma-federation/reverse-proxy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdmittedRequests } from './admitted-requests.ts';
import type { Answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { FORWARDER, GATEWAY, LOGGER } from './injection-tokens.ts';

/** Takes every request that no other controller serves: judged once, then answered or forwarded. Bodies stay unread. */
@Controller()
export class GatewayController {
  readonly #gateway: Gateway;
  readonly #admitted: AdmittedRequests;
  readonly #logger: Logger;

  constructor(@Inject(GATEWAY) gateway: Gateway, @Inject(FORWARDER) forwarder: Forwarder, @Inject(LOGGER) logger: Logger) {
    this.#gateway = gateway;
    this.#admitted = new AdmittedRequests({ forwarder, logger });
    this.#logger = logger;
  }

  @All('*')
  async serve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const judgement = await this.#gateway.judge(request.raw, request.ip);
    if (judgement.kind === 'answer') {
      const { reason, routeId, answer } = judgement;
      const level = answer.status === 403 || answer.status === 429 ? 'warn' : 'info';
      this.#logger[level]({ requestId: request.id, route: routeId, status: answer.status, reason }, 'answered by the gateway');
      sendAnswer(reply, answer);
      return;
    }
    reply.hijack();
    await this.#admitted.forward(judgement, request.raw, reply.raw, () => request.id);
  }
}

function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): void {
  for (const [name, value] of Object.entries(headers)) void reply.header(name, value);
  if (body === undefined) void reply.status(status).send();
  else void reply.status(status).type('application/json').send(body);
}
