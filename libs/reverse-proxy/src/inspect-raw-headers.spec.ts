import { describe, expect, it } from '@jest/globals';
import { refusal } from '../test/support/refusal.ts';
import { inspectRawHeaders } from './inspect-raw-headers.ts';

const post = { httpVersion: '1.1', method: 'POST' };

describe('raw header inspection', () => {
  it('reads host, framing and values once', () => {
    const headers = inspectRawHeaders(['Host', 'Notes.ACME.example:8443', 'Content-Length', '12', 'Cookie', 'a', 'cookie', 'b'], post);
    expect(headers).toMatchObject({ host: 'notes.acme.example:8443', framing: 'length', contentLength: 12, httpVersion: '1.1' });
    expect(headers.values('COOKIE')).toEqual(['a', 'b']);
    expect(headers.values('authorization')).toEqual([]);
  });

  it('takes a chunked body, no body and a body of length 0 for what they are', () => {
    expect(inspectRawHeaders(['Host', 'h', 'Transfer-Encoding', 'chunked'], post).framing).toBe('chunked');
    expect(inspectRawHeaders(['Host', 'h'], post).framing).toBe('none');
    expect(inspectRawHeaders(['Host', 'h', 'Content-Length', '0'], { ...post, method: 'GET' })).toMatchObject({ framing: 'none', contentLength: undefined });
  });

  it.each(['h', 'h:1', 'a.b-c.example', 'my_service:80', '127.0.0.1', '[::1]', '[2001:db8::1]:443', 'example.com.'])('takes the Host %s', (host) => {
    expect(inspectRawHeaders(['Host', host], post).host).toBe(host);
  });

  it.each(['', ' ', 'a b', 'a/b', 'a@b', 'a,b', 'a?b', 'a#b', 'a:', 'a:b', 'a:99999', ':80', '[::1', '::1', 'a\u00e9', '-a', 'a%2eb', '[::1]a'])(
    'refuses the Host %p [A86]',
    (host) => {
      expect(() => inspectRawHeaders(['Host', host], post)).toThrow(refusal(400, 'invalid_host'));
    },
  );

  it('takes a missing Host from HTTP/1.0 only', () => {
    expect(inspectRawHeaders([], { ...post, httpVersion: '1.0' }).host).toBeUndefined();
    expect(() => inspectRawHeaders([], post)).toThrow(refusal(400, 'missing_host'));
  });

  it.each([
    ['Host', 'duplicate_host', 'h'],
    ['Authorization', 'duplicate_authorization', 'Bearer x'],
    ['DPoP', 'duplicate_dpop', 'x'],
    ['Content-Length', 'duplicate_content_length', '1'],
    ['Transfer-Encoding', 'duplicate_transfer_encoding', 'chunked'],
    ['Expect', 'duplicate_expect', '100-continue'],
  ])('refuses a second %s, in whatever case and however equal [A85, A86]', (name, reason, value) => {
    expect(() => inspectRawHeaders([name, value, 'X-Between', 'y', name.toUpperCase(), value], post)).toThrow(refusal(400, reason));
  });

  it.each([
    ['length_and_transfer_encoding', ['Content-Length', '5', 'Transfer-Encoding', 'chunked'], post],
    ['transfer_encoding', ['Transfer-Encoding', 'gzip, chunked'], post],
    ['transfer_encoding', ['Transfer-Encoding', 'Chunked'], post],
    ['transfer_encoding', ['Transfer-Encoding', ''], post],
    ['transfer_encoding_in_http10', ['Transfer-Encoding', 'chunked'], { ...post, httpVersion: '1.0' }],
    ['content_length', ['Content-Length', '+5'], post],
    ['content_length', ['Content-Length', '5, 5'], post],
    ['content_length', ['Content-Length', '0x5'], post],
    ['content_length', ['Content-Length', ''], post],
    ['content_length', ['Content-Length', '9007199254740993'], post],
    ['body_without_meaning', ['Content-Length', '5'], { ...post, method: 'GET' }],
    ['body_without_meaning', ['Transfer-Encoding', 'chunked'], { ...post, method: 'HEAD' }],
    ['http_version', [], { ...post, httpVersion: '0.9' }],
    ['header_name', ['X A', 'b'], post],
    ['header_name', ['', 'b'], post],
    ['header_value', ['X-A', 'b\r\nX-RqP-Email: eve'], post],
    ['header_value', ['X-A', 'b\u0000'], post],
  ])('refuses with %s [A85]', (reason, rawHeaders, line) => {
    expect(() => inspectRawHeaders(['Host', 'h', ...rawHeaders], line)).toThrow(refusal(400, reason));
  });

  it('refuses more fields than Node would keep', () => {
    const many = Array.from({ length: 128 }, () => ['X-A', 'b']).flat();
    expect(() => inspectRawHeaders(['Host', 'h', ...many], post)).toThrow(refusal(431, 'too_many_headers'));
  });

  it.each(['websocket', 'WebSocket', 'h2c, websocket', 'websocket/13'])('refuses the upgrade to %s with 501 [A89]', (upgrade) => {
    expect(() => inspectRawHeaders(['Host', 'h', 'Upgrade', upgrade], post)).toThrow(refusal(501, 'websocket'));
  });

  it('goes on with any other upgrade, which the upstream will not see [A89]', () => {
    expect(inspectRawHeaders(['Host', 'h', 'Upgrade', 'h2c'], post).framing).toBe('none');
  });
});
