import { createLogger, type Logger } from '@uma-federation/nest-kit';
import { inspect } from 'node:util';

/** What a server logs: the lines as they are written, and what its code handed to the logger before any redaction. */
export interface LogRecord {
  readonly logger: Logger;
  readonly lines: string[];
  readonly handedOver: string[];
  /** The `reason` members of the lines since the last call. */
  takeReasons(): string[];
}

const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
const all: LogRecord[] = [];

/** A logger of level debug that remembers everything. */
export function recordLog(): LogRecord {
  const lines: string[] = [];
  const handedOver: string[] = [];
  let read = 0;
  const pino = createLogger({ name: 'as-ro', level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const logger = new Proxy(pino, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function' || !LEVELS.has(String(member))) return value;
      return (...parameters: unknown[]): unknown => {
        handedOver.push(inspect(parameters, { depth: 8, maxStringLength: null }));
        return Reflect.apply(value, target, parameters) as unknown;
      };
    },
  });
  const record: LogRecord = {
    logger,
    lines,
    handedOver,
    takeReasons: () => {
      const fresh = lines.slice(read);
      read = lines.length;
      return fresh.flatMap((line) => {
        const { reason } = JSON.parse(line) as { reason?: string };
        return reason === undefined ? [] : [reason];
      });
    },
  };
  all.push(record);
  return record;
}

/**
 * What of all the logs in this process must not be in a log (A78): tokens, e-mail addresses, the given secrets.
 * @returns the offending lines, and the offending arguments of log calls, which redaction would have hidden
 */
export function leaksInLogs(secrets: readonly string[]): readonly string[] {
  const texts = all.flatMap(({ lines, handedOver }) => [...lines, ...handedOver]);
  return texts.filter((text) => /eyJ/.test(text) || /[\w.+-]@[\w-]+\.example/.test(text) || secrets.some((secret) => text.includes(secret)));
}

/** How many lines were written by all servers of this process. */
export function countLogLines(): number {
  return all.reduce((sum, { lines }) => sum + lines.length, 0);
}
