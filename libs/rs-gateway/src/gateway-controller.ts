import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { Logger } from '@uma-federation/nest-kit';
import { answerPlainly, RequestRefusal, type Forwarder } from '@uma-federation/reverse-proxy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './answer.ts';
import type { Gateway, Judgement } from './gateway.ts';
import { FORWARDER, GATEWAY, LOGGER } from './injection-tokens.ts';

/** Takes every request that no other controller serves: judged once, then answered or forwarded. Bodies stay unread. */
@Controller()
export class GatewayController {
  readonly #gateway: Gateway;
  readonly #forwarder: Forwarder;
  readonly #logger: Logger;

  constructor(@Inject(GATEWAY) gateway: Gateway, @Inject(FORWARDER) forwarder: Forwarder, @Inject(LOGGER) logger: Logger) {
    this.#gateway = gateway;
    this.#forwarder = forwarder;
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
    await this.#forward(judgement, request, reply);
  }

  async #forward(judgement: Extract<Judgement, { kind: 'forward' }>, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { options, responseHeaders, routeId } = judgement;
    for (const [name, value] of Object.entries(responseHeaders)) reply.raw.setHeader(name, value);
    try {
      const outcome = await this.#forwarder.forward(request.raw, reply.raw, options);
      const failure = 'failure' in outcome ? { reason: outcome.failure.reason, err: outcome.failure.cause } : {};
      const level = 'failure' in outcome ? 'warn' : 'debug';
      this.#logger[level]({ requestId: request.id, route: routeId, authorized: options.authorized, outcome: outcome.kind, ...failure }, 'forwarded');
    } catch (error) {
      // Nothing was sent upstream and nothing answered: an identity that no header can carry, or a fault of ours.
      const refused = error instanceof RequestRefusal;
      this.#logger.error({ requestId: request.id, route: routeId, err: error }, 'not forwarded');
      answerPlainly(reply.raw, { status: refused ? error.status : 500, error: refused ? 'invalid_request' : 'server_error', close: true });
    }
  }
}

function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): void {
  for (const [name, value] of Object.entries(headers)) void reply.header(name, value);
  if (body === undefined) void reply.status(status).send();
  else void reply.status(status).type('application/json').send(body);
}
