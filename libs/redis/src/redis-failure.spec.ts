import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { noteFailures, redisFailure } from './redis-failure.ts';

describe('what the log says of a failure of Redis', () => {
  it.each([
    [Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new Error("ERR unknown command 'XADD', with args beginning with: 'eyJhbGci'"), 'ERR'],
    [new Error('WRONGPASS invalid username-password pair'), 'WRONGPASS'],
    [new Error('Command timed out'), 'timeout'],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'offline'],
    [new TypeError('secret'), 'TypeError'],
    ['secret', 'unknown'],
  ])('is a code or a name, never the message: %p', (error, text) => {
    expect(redisFailure(error)).toBe(text);
  });

  it('is why the connection is not open, as long as it is not', () => {
    const offline = new Error("Stream isn't writeable and enableOfflineQueue options is false");
    const connection = new EventEmitter();
    noteFailures(connection);
    connection.emit('error', new Error('NOAUTH Authentication required.'));
    expect(redisFailure(offline, connection)).toBe('NOAUTH');
    expect(redisFailure(new Error('READONLY no'), connection)).toBe('READONLY');
    connection.emit('ready');
    expect(redisFailure(offline, connection)).toBe('offline');
  });
});
