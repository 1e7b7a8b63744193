import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeBase64Url, encodeUtf8 } from '@uma-federation/uma-core';
import { fakeJwt } from '../../test/fake-world.ts';
import { paintWith } from './paint.ts';
import { looksSecret, redactText, shorten } from './redact.ts';
import { TracePrinter } from './trace-printer.ts';

const plain = () => new TracePrinter(paintWith(false));
const token = fakeJwt('at+jwt', { sub: 'bob@globex.example', jti: 'A'.repeat(43), permissions: [{ resource_id: 'res_1', resource_scopes: ['view'] }], act: { sub: 'H'.repeat(43) } });
const parts = token.split('.');

describe('The trace', () => {
  it('prints title, request line, headers and form members one per line', () => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: token, resource: 'https://rs.acme.example' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' };
    const printed = plain().print({ number: 7, title: 'Redeem', request: { method: 'POST', url: 'https://as.acme.example/token', headers, form } });
    expect(printed.split('\n')).toEqual([
      ' 7. Redeem',
      '     POST https://as.acme.example/token',
      '     content-type: application/x-www-form-urlencoded',
      '     grant_type: urn:ietf:params:oauth:grant-type:uma-ticket',
      `     ticket: ${token.slice(0, 8)}…${token.slice(-4)} (${token.length} characters)`,
      '         typ: at+jwt',
      '         sub: bob@globex.example',
      '         jti: AAAAAAAA…AAAA (43 characters)',
      '         permissions: [{"resource_id":"res_1","resource_scopes":["view"]}]',
      '         act: {"sub":"HHHHHHHH…HHHH (43 characters)"}',
      '     resource: https://rs.acme.example',
      '',
      '',
    ]);
  });

  it('decodes a token once and shows times as dates', () => {
    const printer = plain();
    const dated = fakeJwt('at+jwt', { exp: 1_800_000_000, iat: 1e300, nbf: 'soon' });
    const response = { status: 200, headers: {}, body: { access_token: dated } };
    const first = printer.print({ number: 8, title: 'x', response });
    expect(first).toMatch(/exp: 1800000000 \(2027-01-15T08:00:00Z\)\n +iat: 1e\+300 \(no date\)\n +nbf: soon\n/);
    const again = printer.print({ number: 8, title: 'x', response });
    expect(again).toContain(`(${dated.length} characters), as above`);
    expect(again).not.toContain('exp:');
  });

  it.each([
    ['a header', { request: { method: 'GET', url: 'https://rs.example/', headers: { authorization: `DPoP ${token}`, dpop: token } } }],
    ['a URL', { request: { method: 'GET', url: `https://rs.example/?t=${token}`, headers: {} } }],
    ['a body', { response: { status: 200, headers: {}, body: { access_token: token } } }],
    ['a nested body', { response: { status: 200, headers: {}, body: { a: [{ id_token: token, x: `see ${token}` }] } } }],
    ['a description', { response: { status: 400, headers: {}, body: { error_description: `the token ${token} is bad` } } }],
    ['a member name', { response: { status: 400, headers: {}, body: { [token]: 1 } } }],
    ['a challenge', { response: { status: 401, headers: { 'www-authenticate': `UMA ticket="${token}", as_uri="https://as.example"` } } }],
    ['a redirect', { response: { status: 302, headers: { location: `https://app.example/cb?code=${'c'.repeat(40)}&ticket=${token}` } } }],
  ])('never has a complete token from %s, nor its payload or signature', (_name, message) => {
    const printed = plain().print({ number: 4, title: 'x', ...message });
    for (const secret of [token, ...parts, 'c'.repeat(40)]) expect(printed).not.toContain(secret);
  });

  it('shows nothing of client secrets and passwords but their length', () => {
    const secret = 'a-client-secret-that-is-rather-long-0123456789';
    const basic = btoa(`app:${secret}`);
    const printed = plain().print({ number: 5, title: 'x', request: { method: 'POST', url: 'https://as.example/', headers: { authorization: `Basic ${basic}` }, form: { client_secret: secret, password: 'pw-bob-12', code: 'short' } } });
    expect(printed).toContain(`authorization: Basic (${basic.length} characters)`);
    expect(printed).toContain(`client_secret: (${secret.length} characters)`);
    for (const part of [secret.slice(0, 8), basic.slice(0, 8), 'pw-bob', 'short']) expect(printed).not.toContain(part);
  });

  it('shows the messages of the older dialects, of revocation and of refreshing with the same care', () => {
    const printer = plain();
    const form = { pushed_claims: token, ticket_challenge: 'C'.repeat(43), pct: 'pct-1', refresh_token: 'urr_short', token: 'opaque-1', client_assertion: token };
    const printed = printer.print({ number: 7, title: 'x', request: { method: 'POST', url: 'https://as.example/', headers: {}, form, json: { rpt: 'uma1_short', ticket: token } } });
    for (const secret of [token, ...parts, 'C'.repeat(43), 'pct-1', 'urr_short', 'opaque-1', 'uma1_short']) expect(printed).not.toContain(secret);
    for (const name of [...Object.keys(form), 'rpt', 'ticket']) expect(printed).toContain(`${name}: `);
    expect(printer.print({ number: 8, title: 'x', response: { status: 400, headers: {}, body: { error_description: 'uma1_short is unknown' } } })).not.toContain('uma1_short');
  });

  it('remembers opaque tokens: a server that echoes one does not get it printed', () => {
    const printer = plain();
    printer.print({ number: 5, title: 'x', request: { method: 'POST', url: 'https://as.example/', headers: {}, form: { subject_token: 'opaque-token-1' } } });
    const printed = printer.print({ number: 6, title: 'x', response: { status: 400, headers: {}, body: { error_description: 'opaque-token-1 has expired' } } });
    expect(printed).toContain('error_description: (14 characters) has expired');
  });

  it('says that steps 2 and 3 are not the client\'s', () => {
    expect(plain().print({ number: 2, title: 'Between' })).toContain('the client does not see it');
  });

  it('spells control characters out, so that no server rewrites the terminal', () => {
    const printed = plain().print({ number: 8, title: 'x', response: { status: 403, headers: {}, body: { error: '\u001b[2J\u009b\u202e', friendly: 'a\r\nb' } } });
    expect(printed).toContain('error: \\u001b[2J\\u009b\\u202e');
    expect(printed).toContain('friendly: a\\u000d\\u000ab');
  });

  it('has colours only where they are wanted', () => {
    const step = { number: 10, title: 'Answer', response: { status: 200, headers: { 'content-type': 'text/plain' } } } as const;
    expect(plain().print(step)).not.toContain('\u001b');
    expect(new TracePrinter(paintWith(true)).print(step)).toContain('\u001b[32m');
  });

  it('keeps to 100 columns and shows no token, whatever the members are', () => {
    const secret = fc.uint8Array({ minLength: 24, maxLength: 96 }).map(encodeBase64Url);
    const member = fc.record({ name: fc.constantFrom('ticket', 'access_token', 'x', 'resource_claims_token', 'code'), secret });
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 5 }), fc.string({ maxLength: 200 }), (members, text) => {
        const body = Object.fromEntries([['error_description', text], ...members.map(({ name, secret: value }): [string, string] => [name, value])]);
        const printed = plain().print({ number: 8, title: 'x', response: { status: 400, headers: {}, body } });
        for (const { name, secret: value } of members) if (body[name] === value) expect(printed).not.toContain(value);
        for (const line of printed.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('Shortening', () => {
  it('shows the ends of long secrets and nothing of short ones', () => {
    expect(shorten('12345678901234567890123456789012')).toBe('12345678…9012 (32 characters)');
    expect(shorten('1234567890123456789012345678901')).toBe('(31 characters)');
  });

  it('leaves addresses and names alone', () => {
    for (const text of ['https://login.hosting.acme.example/tenant1/token', 'urn:ietf:params:oauth:token-type:access_token', 'bob.with.a.very.long.name@globex.example', 'invalid_request']) {
      expect(redactText(text, new Set())).toBe(text);
      expect(looksSecret(text)).toBe(false);
    }
  });

  it('finds a JWT inside other text', () => {
    const jwt = `${encodeBase64Url(encodeUtf8('{"alg":"ES256"}'))}.e30.c2ln`;
    expect(redactText(`(${jwt})`, new Set())).toBe(`(${shorten(jwt)})`);
  });
});
