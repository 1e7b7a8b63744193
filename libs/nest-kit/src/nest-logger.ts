import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.ts';

/** Sends what Nest itself logs to our logger. Nest's start-up chatter (`log`) is of level debug here. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, ...parameters: unknown[]): void {
    this.#logger.debug(context(parameters), text(message));
  }

  debug(message: unknown, ...parameters: unknown[]): void {
    this.#logger.debug(context(parameters), text(message));
  }

  verbose(message: unknown, ...parameters: unknown[]): void {
    this.#logger.trace(context(parameters), text(message));
  }

  warn(message: unknown, ...parameters: unknown[]): void {
    this.#logger.warn(context(parameters), text(message));
  }

  error(message: unknown, ...parameters: unknown[]): void {
    this.#logger.error({ ...context(parameters), ...(message instanceof Error ? { err: message } : {}) }, text(message));
  }

  fatal(message: unknown, ...parameters: unknown[]): void {
    this.#logger.fatal({ ...context(parameters), ...(message instanceof Error ? { err: message } : {}) }, text(message));
  }
}

/** Nest passes the name of the calling class as the last parameter. */
function context(parameters: readonly unknown[]): object {
  const last = parameters.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? { context: last } : {};
}

function text(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.name : 'Nest';
}
