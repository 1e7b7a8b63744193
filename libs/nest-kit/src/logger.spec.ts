import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import { NestLogger } from './nest-logger.ts';

function recordingLogger(level = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', level, destination: { write: (line: string) => void lines.push(line) } });
  return { logger, lines };
}

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl';
const EMAIL = 'bob.o+tag@globex.example';

describe('createLogger', () => {
  it('writes one JSON object per line, with service, level and time', () => {
    const { logger, lines } = recordingLogger();
    logger.info({ requestId: 'r1' }, 'request');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 'info', time: expect.any(String), service: 'test', requestId: 'r1', msg: 'request' });
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = recordingLogger('warn');
    logger.info('quiet');
    expect(lines).toEqual([]);
  });

  describe('A78 tokens and e-mail addresses in logs', () => {
    it.each<[string, object, string]>([
      ['a token in the message', {}, `refused ${JWT}`],
      ['a token cut short', {}, JWT.slice(0, 20)],
      ['an e-mail address in the message', {}, `no share for ${EMAIL}`],
      ['a percent-encoded address', {}, EMAIL.replace('@', '%40')],
      ['an internationalised address', {}, 'bob@bücher.example'],
      ['a member several levels down', { a: { b: { c: [JWT, EMAIL] } } }, 'x'],
      ['credentials', { note: 'Authorization: Bearer opaque-opaque-opaque' }, 'Basic b3BhcXVlLW9wYXF1ZQ=='],
      ['members with telling names', { authorization: 'opaque-opaque', form: { client_secret: 'opaque-opaque', ticket: 'opaque-opaque' } }, 'x'],
      ['an error, its cause and its extra members', { err: Object.assign(new Error(JWT, { cause: new Error(EMAIL) }), { parameters: ['opaque-opaque'] }) }, 'x'],
    ])('writes neither, given %s', (_place, members, message) => {
      const { logger, lines } = recordingLogger();
      logger.error(members, message);
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(/eyJ|globex|bücher|opaque-opaque|b3Bh/);
    });

    it('keeps what operators need: type, code, reason and stack of an error', () => {
      const { logger, lines } = recordingLogger();
      logger.error({ err: Object.assign(new TypeError('broken'), { code: 'ECONNREFUSED', reason: 'store_down' }) }, 'x');
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        err: { type: 'TypeError', message: 'broken', code: 'ECONNREFUSED', reason: 'store_down', stack: expect.stringContaining('logger.spec') },
      });
    });
  });

  it('takes time linear in the length of a hostile line', () => {
    const { logger, lines } = recordingLogger();
    const started = performance.now();
    logger.info('a.'.repeat(500_000));
    expect(lines).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('NestLogger', () => {
  it('sends what Nest says to the logger, start-up chatter as debug', () => {
    const { logger, lines } = recordingLogger();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/token, POST} route', 'RouterExplorer');
    nest.error(new Error('broken'), 'ExceptionsHandler');
    nest.warn('careful');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/token, POST} route' }),
      expect.objectContaining({ level: 'error', context: 'ExceptionsHandler', err: expect.objectContaining({ message: 'broken' }) }),
      expect.objectContaining({ level: 'warn', msg: 'careful' }),
    ]);
  });
});
