import { HttpException } from '@nestjs/common';
import { invalidRequest, methodNotAllowed, notFound, payloadTooLarge, ProtocolError, temporarilyUnavailable } from '@uma-federation/uma-core';

/**
 * The refusal that an error of the framework stands for: Nest's HttpException or an error of Fastify itself.
 * Its texts are not used: they repeat parts of the request.
 * @param error anything that was thrown
 * @param allowedMethods methods served at the requested path, when there was no route for the method
 * @returns a ProtocolError, or undefined for an error that is a fault of ours (500)
 */
export function refusalOf(error: unknown, allowedMethods: readonly string[] = []): ProtocolError | undefined {
  if (error instanceof ProtocolError) return error;
  const status = statusOf(error);
  if (status === undefined || status < 400) return undefined;
  if (status === 404) return allowedMethods.length > 0 ? methodNotAllowed(allowedMethods) : notFound('no_route');
  if (status === 405) return methodNotAllowed(allowedMethods);
  if (status === 413) return payloadTooLarge('body_too_large');
  if (status === 415) return invalidRequest('content_type_not_supported');
  if (status === 503) return temporarilyUnavailable('service_unavailable', 1);
  if (status >= 500) return undefined;
  return new ProtocolError({ error: 'invalid_request', status, reason: codeOf(error), description: 'The request is malformed or not acceptable.' });
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { name, statusCode } = asRecord(error);
  return name === 'FastifyError' && typeof statusCode === 'number' ? statusCode : undefined;
}

function codeOf(error: unknown): string {
  const own = asRecord(error)['code'];
  const code = own ?? asRecord(asRecord(error)['cause'])['code'];
  return typeof code === 'string' ? code.toLowerCase() : 'http_exception';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
