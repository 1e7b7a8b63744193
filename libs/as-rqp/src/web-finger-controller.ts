import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { answerWebFinger, type WebFingerSettings } from '@uma-federation/federation';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const WEB_FINGER_SETTINGS = Symbol('WebFingerSettings');

/** `GET /.well-known/webfinger` of the e-mail domains (RFC 7033 4). */
@Controller()
export class WebFingerController {
  readonly #settings: WebFingerSettings;

  constructor(@Inject(WEB_FINGER_SETTINGS) settings: WebFingerSettings) {
    this.#settings = settings;
  }

  @Get('/.well-known/webfinger')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    // RFC 3986 3.4: everything behind the first question mark is the query, further question marks included.
    const query = new URLSearchParams((request.raw.url ?? '').replace(/^[^?]*/, ''));
    const { status, headers, body } = answerWebFinger(query, this.#settings);
    void reply.status(status).headers(headers).send(body);
  }
}
