import { describe, expect, it } from '@jest/globals';
import { refusal } from '../test/support/refusal.ts';
import { inspectRawHeaders } from './inspect-raw-headers.ts';
import { strippedNames, upstreamRequestHeaders, type UpstreamHeaderRules } from './upstream-request-headers.ts';

const rules: UpstreamHeaderRules = {
  identity: { 'X-RqP-Email': 'bob@globex.example' },
  forwarded: { clientAddress: '192.0.2.7', scheme: 'https', host: 'notes.acme.example:8443' },
  viaPseudonym: 'gw',
};

function forwarded(sent: readonly string[], change: Partial<UpstreamHeaderRules> = {}): [string, string][] {
  const headers = inspectRawHeaders(['Host', 'h', ...sent], { httpVersion: '1.1', method: 'POST' });
  const list = upstreamRequestHeaders(headers, { ...rules, ...change });
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ''] as [string, string]] : []));
}

const OWN: [string, string][] = [
  ['Via', '1.1 gw'],
  ['X-Forwarded-For', '192.0.2.7'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'notes.acme.example:8443'],
  ['Forwarded', 'for=192.0.2.7;host="notes.acme.example:8443";proto=https'],
  ['X-RqP-Email', 'bob@globex.example'],
];

describe('request headers for the upstream', () => {
  it('keeps end-to-end fields as they came, in order, and adds our own behind them', () => {
    expect(forwarded(['Accept', 'a/b', 'cookie', 'x', 'Cookie', 'y', 'Range', 'bytes=0-1', 'X-Api_Key', 'k'])).toEqual([
      ['Accept', 'a/b'],
      ['cookie', 'x'],
      ['Cookie', 'y'],
      ['Range', 'bytes=0-1'],
      ['X-Api_Key', 'k'],
      ...OWN,
    ]);
  });

  it('states the length it read, not the client\'s text', () => {
    expect(forwarded(['Content-Length', '007'])).toEqual([['Content-Length', '7'], ...OWN]);
  });

  it.each([
    ['X-RqP-Email', 'X_RqP_Email', 'x-rqp-email', 'X.RqP.Email', 'X-RQP-ANYTHING', 'x_rqp'],
    ['X-UMA-Ticket', 'X-Forwarded-User', 'X_Forwarded_For', 'X-Forwarded-Host', 'X-Forwarded', 'Forwarded', 'FORWARDED'],
    ['Remote-User', 'REMOTE_USER', 'X-Remote-User', 'X-Remote-Group', 'Remote-Addr', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP'],
    ['X-Auth-User', 'X_Auth_User', 'X-Auth', 'X-User', 'X-User-Id', 'X_User_Id', 'X-UserId', 'X-Authenticated-User', 'X-WebAuth-User'],
    ['Client-Cert', 'Client-Cert-Chain', 'SSL-Client-S-DN', 'X-SSL-Client-Verify', 'X-Client-Cert'],
  ])('A83 identity header smuggling: drops %s, %s and their like', (...names) => {
    expect(forwarded(names.flatMap((name) => [name, 'eve@evil.example', name.toUpperCase(), 'eve']))).toEqual(OWN);
  });

  it('A83 identity header smuggling: drops every spelling of a configured identity field and of a configured extra one', () => {
    const sent = ['Tenant_Mail', 'eve', 'tenant.mail', 'eve', 'Legacy_Sso', 'eve'];
    expect(forwarded(sent, { identity: { 'Tenant-Mail': 'bob' }, strip: strippedNames(['legacy-sso']) })).toEqual([...OWN.slice(0, -1), ['Tenant-Mail', 'bob']]);
  });

  it('A82 method tricks: drops method and target overrides', () => {
    const names = ['X-HTTP-Method-Override', 'X_HTTP_Method_Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Original-URL', 'X-Original-Method', 'X-Rewrite-URL', 'X-Host'];
    expect(forwarded(names.flatMap((name) => [name, 'DELETE']))).toEqual(OWN);
  });

  it('A84 hop-by-hop abuse: drops all connection fields and what Connection names, and no option can name ours away', () => {
    const sent = [
      ...['Connection', 'close, X-Secret, X-RqP-Email, Via', 'connection', 'X_Other,Forwarded,X-Forwarded-For', 'X-Secret', 's', 'X-Other', 'o'],
      ...['Keep-Alive', '1', 'Proxy-Connection', 'x', 'Proxy-Authorization', 'x', 'TE', 'trailers', 'Trailer', 'X-RqP-Email', 'Upgrade', 'h2c'],
      ...['HTTP2-Settings', 'AA', 'Expect', '100-continue', 'Proxy', 'http://evil', 'Transfer_Encoding', 'chunked', 'Content_Length', '9'],
    ];
    expect(forwarded(sent)).toEqual(OWN);
  });

  it('A87 token leakage: drops Authorization and DPoP, unless the route passes them', () => {
    const sent = ['Authorization', 'Bearer t', 'DPoP', 'p'];
    expect(forwarded(sent)).toEqual(OWN);
    expect(forwarded(sent, { passAuthorization: true })).toEqual([['Authorization', 'Bearer t'], ['DPoP', 'p'], ...OWN]);
  });

  it('adds to Via what others wrote there (RFC 9110 7.6.3)', () => {
    expect(forwarded(['Via', '1.0 fred']).slice(0, 2)).toEqual([
      ['Via', '1.0 fred'],
      ['Via', '1.1 gw'],
    ]);
  });

  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7', 'for=192.0.2.7;'],
    ['2001:db8::7', '2001:db8::7', 'for="[2001:db8::7]";'],
    ['fe80::1%eth0', 'fe80::1', 'for="[fe80::1]";'],
  ])('names the client %s', (clientAddress, plain, node) => {
    const fields = new Map(forwarded([], { forwarded: { ...rules.forwarded, clientAddress } }));
    expect(fields.get('X-Forwarded-For')).toBe(plain);
    expect(fields.get('Forwarded')).toContain(node);
  });

  it('says unknown when the connection is already gone', () => {
    const fields = new Map(forwarded([], { forwarded: { ...rules.forwarded, clientAddress: undefined } }));
    expect(fields.has('X-Forwarded-For')).toBe(false);
    expect(fields.get('Forwarded')).toContain('for=unknown;');
  });

  it('refuses an identity text with a line break, and a configured name that is no token', () => {
    expect(() => forwarded([], { identity: { 'X-RqP-Email': 'a\r\nX-Admin: 1' } })).toThrow(refusal(400, 'identity_value'));
    expect(() => forwarded([], { identity: { 'X RqP': 'a' } })).toThrow(/token/);
  });
});
