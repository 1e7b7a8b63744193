import { describe, expect, it } from '@jest/globals';
import { downstreamResponseHeaders } from './downstream-response-headers.ts';

const authorized = { status: 200, authorized: true };
const anonymous = { status: 200, authorized: false };

function fieldsOf(list: readonly string[]): Map<string, string> {
  return new Map(list.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), list[index + 1] ?? ''] as [string, string]] : [])));
}

describe('response headers for the client', () => {
  it('keeps end-to-end fields in order, repeated ones too', () => {
    expect(downstreamResponseHeaders(['Content-Type', 'a/b', 'Set-Cookie', 'a', 'Set-Cookie', 'b', 'ETag', '"x"'], anonymous)).toEqual([
      ...['Content-Type', 'a/b', 'Set-Cookie', 'a', 'Set-Cookie', 'b', 'ETag', '"x"'],
      ...['Vary', 'Authorization, DPoP'],
    ]);
  });

  it('drops connection fields and what Connection names [A84]', () => {
    const sent = ['Connection', 'close, X-Secret', 'X-Secret', 's', 'Keep-Alive', '5', 'Transfer-Encoding', 'chunked', 'Trailer', 'X-T', 'Upgrade', 'h2c', 'Proxy-Authenticate', 'Basic', 'Alt-Svc', 'h3=":443"'];
    expect(downstreamResponseHeaders(sent, anonymous)).toEqual(['Vary', 'Authorization, DPoP']);
  });

  it.each(['UMA realm="x", as_uri="https://evil", ticket="t"', 'Bearer', 'bearer error="invalid_token"', 'DPoP algs="ES256"', 'Basic realm="x", Bearer realm="y"', 'Digest qop=auth,UMA ticket="t"'])(
    'A87 token leakage: drops the upstream challenge %s',
    (challenge) => {
      expect(fieldsOf(downstreamResponseHeaders(['WWW-Authenticate', challenge, 'DPoP-Nonce', 'n'], authorized)).has('www-authenticate')).toBe(false);
    },
  );

  it('A87 token leakage: keeps a challenge of a foreign scheme, and drops an upstream DPoP nonce', () => {
    const fields = fieldsOf(downstreamResponseHeaders(['WWW-Authenticate', 'Basic realm="umami"', 'DPoP-Nonce', 'n'], authorized));
    expect(fields.get('www-authenticate')).toBe('Basic realm="umami"');
    expect(fields.has('dpop-nonce')).toBe(false);
  });

  it.each([
    [[], 'Authorization, DPoP'],
    [['Accept'], 'Accept, Authorization, DPoP'],
    [['Accept, authorization'], 'Accept, authorization, DPoP'],
    [['Accept', 'DPoP, Origin'], 'Accept, DPoP, Origin, Authorization'],
    [['*'], '*'],
  ])('merges Vary %p into %s [A90]', (sent, expected) => {
    const list = downstreamResponseHeaders(sent.flatMap((value) => ['Vary', value]), authorized);
    expect(list.filter((_, index) => index % 2 === 0 && list[index] === 'Vary')).toHaveLength(1);
    expect(fieldsOf(list).get('vary')).toBe(expected);
  });

  it.each([
    [[], 'private'],
    [['public, max-age=60'], 'private, max-age=60'],
    [['max-age=60', 's-maxage=600'], 'private, max-age=60'],
    [['must-revalidate, max-age=1'], 'private, must-revalidate, max-age=1'],
    [['PUBLIC'], 'private'],
    [['no-cache, proxy-revalidate'], 'private, no-cache'],
    [['private, max-age=5'], 'private, max-age=5'],
    [['no-store'], 'no-store'],
    [['public, no-store'], 'no-store'],
    [['private="set-cookie, x", public'], 'private'],
    [['max-age=1, ext="a, public"'], 'private, max-age=1, ext="a, public"'],
  ])('turns Cache-Control %p of an authorized answer into %s [A90]', (sent, expected) => {
    const list = downstreamResponseHeaders(sent.flatMap((value) => ['Cache-Control', value]), authorized);
    expect(list.filter((_, index) => index % 2 === 0 && list[index] === 'Cache-Control')).toHaveLength(1);
    expect(fieldsOf(list).get('cache-control')).toBe(expected);
  });

  it('drops the cache fields that win over Cache-Control, on authorized answers only [A90]', () => {
    const sent = ['CDN-Cache-Control', 'public', 'Cloudflare-CDN-Cache-Control', 'max-age=9', 'Surrogate-Control', 'max-age=9'];
    expect(downstreamResponseHeaders(sent, authorized)).toEqual(['Vary', 'Authorization, DPoP', 'Cache-Control', 'private']);
    expect(downstreamResponseHeaders([...sent, 'Cache-Control', 'public'], anonymous)).toEqual([...sent, 'Cache-Control', 'public', 'Vary', 'Authorization, DPoP']);
  });

  it('drops the length of an answer that has none', () => {
    expect(fieldsOf(downstreamResponseHeaders(['Content-Length', '0'], { status: 204, authorized: false })).has('content-length')).toBe(false);
    expect(fieldsOf(downstreamResponseHeaders(['Content-Length', '9'], { status: 304, authorized: false })).get('content-length')).toBe('9');
  });
});
