import { Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { REVOCATION_PATH } from './paths.ts';
import type { TokenRevocationEndpoint } from './token-revocation-endpoint.ts';
import { TOKEN_REVOCATION } from './tokens.ts';

/** The revocation endpoint (RFC 7009 2). */
@Controller(REVOCATION_PATH)
export class TokenRevocationController {
  readonly #endpoint: TokenRevocationEndpoint;

  constructor(@Inject(TOKEN_REVOCATION) endpoint: TokenRevocationEndpoint) {
    this.#endpoint = endpoint;
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    await this.#endpoint.handle(request);
  }
}
