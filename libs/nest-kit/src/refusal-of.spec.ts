import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, InternalServerErrorException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { invalidGrant } from '@uma-federation/uma-core';
import { refusalOf } from './refusal-of.ts';

const fastifyError = (statusCode: number, code: string): Error => Object.assign(new Error('text with input'), { name: 'FastifyError', statusCode, code });

describe('refusalOf', () => {
  it('leaves a ProtocolError as it is', () => {
    const refusal = invalidGrant('expired');
    expect(refusalOf(refusal)).toBe(refusal);
  });

  it.each<[string, unknown, number, string, string]>([
    ['no route', new NotFoundException('Cannot GET /secret-path'), 404, 'not_found', 'no_route'],
    ['too large', new PayloadTooLargeException(), 413, 'invalid_request', 'body_too_large'],
    ['unknown content type', fastifyError(415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE'), 400, 'invalid_request', 'content_type_not_supported'],
    ['a bad URL', fastifyError(400, 'FST_ERR_BAD_URL'), 400, 'invalid_request', 'fst_err_bad_url'],
    ['a bad request of Nest', new BadRequestException('text with input'), 400, 'invalid_request', 'http_exception'],
    ['an over-long parameter', new HttpException('x', 414, { cause: fastifyError(414, 'FST_ERR_MAX_PARAM_LENGTH') }), 414, 'invalid_request', 'fst_err_max_param_length'],
    ['unavailable', fastifyError(503, 'FST_ERR_X'), 503, 'temporarily_unavailable', 'service_unavailable'],
  ])('translates %s without its text', (_what, error, status, code, reason) => {
    const refusal = refusalOf(error);
    expect(refusal).toMatchObject({ status, error: code, reason });
    expect(JSON.stringify([refusal?.description, refusal?.detail])).not.toContain('input');
  });

  it('names the allowed methods of a known path', () => {
    expect(refusalOf(new NotFoundException(), ['GET', 'HEAD'])).toMatchObject({ status: 405, error: 'unsupported_method_type', headers: { Allow: 'GET, HEAD' } });
  });

  it.each<[string, unknown]>([
    ['an Error', new Error('bug')],
    ['a plain object with a status', { statusCode: 404 }],
    ['an error with a status that is not of Fastify', Object.assign(new Error('x'), { statusCode: 400 })],
    ['a server error of Nest', new InternalServerErrorException()],
    ['nothing', undefined],
  ])('takes %s for a fault of ours', (_what, error) => {
    expect(refusalOf(error)).toBeUndefined();
  });
});
