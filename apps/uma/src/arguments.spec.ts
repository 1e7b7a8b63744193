import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.ts';
import { UsageError } from './usage-error.ts';

const URL_TEXT = 'https://rs.acme.example/notes/1?x=1';

describe('The arguments of uma', () => {
  it('read a plain get', () => {
    expect(parseArguments(['get', URL_TEXT])).toMatchObject({ name: 'get', url: new URL(URL_TEXT), method: 'GET', headers: [], trace: false });
  });

  it('read everything that get takes, in any order', () => {
    const words = ['--trace', '--as', 'bob@globex.example', '-H', 'Accept: text/plain', URL_TEXT, '-H', 'x-y:z ', '--output', 'f', '--data', '@in', '--manifest', 'm.json', '--no-browser'];
    expect(parseArguments(['get', ...words])).toMatchObject({
      as: 'bob@globex.example',
      trace: true,
      headers: [['Accept', 'text/plain'], ['x-y', 'z']],
      output: 'f',
      data: { file: 'in' },
      method: 'POST',
      servers: { manifest: 'm.json' },
      browser: 'print',
    });
  });

  it('read the flags for servers and client', () => {
    const words = ['--identity-provider', 'https://id.example', '--as-rqp', 'https://as.example', '--client-id', 'c', '--client-secret-file', 's'];
    expect(parseArguments(['login', ...words])).toMatchObject({
      name: 'login',
      servers: { identityProvider: 'https://id.example', asRqp: 'https://as.example', clientId: 'c', clientSecretFile: 's' },
    });
  });

  it('read the other commands', () => {
    expect(parseArguments(['logout', '--as', 'bob@globex.example'])).toEqual({ name: 'logout', as: 'bob@globex.example' });
    expect(parseArguments(['whoami'])).toEqual({ name: 'whoami' });
    expect(parseArguments(['discover', 'bob@globex.example'])).toMatchObject({ name: 'discover', email: 'bob@globex.example' });
    for (const words of [[], ['help'], ['--help'], ['get', '--help']]) expect(parseArguments(words)).toEqual({ name: 'help' });
  });

  it('read how the client speaks with the servers', () => {
    expect(parseArguments(['get', URL_TEXT, '--wait', '2m', '--claims-when-asked'])).toMatchObject({ waitSeconds: 120, claimsWhenAsked: true });
    expect(parseArguments(['get', URL_TEXT, '--dialect', 'ticket-challenge'])).toMatchObject({ flow: 'ticket-challenge' });
    expect(parseArguments(['get', URL_TEXT, '--oauth-profile'])).toMatchObject({ flow: 'oauth' });
    expect(parseArguments(['get', URL_TEXT, '--uma-1'])).toMatchObject({ flow: 'uma-1' });
  });

  it('read what is remembered about a person, and what of it is to be forgotten', () => {
    const issuer = new URL('https://as.acme.example');
    expect(parseArguments(['claims', issuer.href])).toMatchObject({ name: 'claims', issuer });
    expect(parseArguments(['forget', issuer.href, 'pc_1'])).toMatchObject({ name: 'claims', issuer, forget: { id: 'pc_1' } });
    expect(parseArguments(['forget', issuer.href, '--all', '--as', 'bob@globex.example'])).toMatchObject({ forget: 'all', as: 'bob@globex.example' });
  });

  it('read what an owner does', () => {
    const action = (...words: string[]) => (parseArguments(words) as { action?: unknown }).action;
    expect(action('requests')).toEqual({ kind: 'requests' });
    expect(action('deny', 'req_1')).toEqual({ kind: 'deny', id: 'req_1' });
    expect(action('approve', 'req_1', '--scope', 'view', '--until', '2h')).toEqual({ kind: 'approve', id: 'req_1', scopes: ['view'], until: { inSeconds: 7200 } });
    expect(action('share', 'res_1', 'view', 'edit', '--with', 'bob@globex.example', '--ask', '--acr', 'otp')).toEqual({
      kind: 'share',
      share: { resourceId: 'res_1', scopes: ['view', 'edit'], grantee: { email: 'bob@globex.example' }, conditions: { acr_values: ['otp'], ask: true } },
    });
    expect(action('share', 'res_1', 'view', '--anyone', '--unidentified')).toMatchObject({ share: { grantee: { anyone: true, unidentified: true } } });
    expect(parseArguments(['shares', '--as-ro', 'https://as.acme.example'])).toMatchObject({ servers: { asRo: 'https://as.acme.example' } });
  });

  it.each([
    ['a wait without unit', ['get', URL_TEXT, '--wait', '2']],
    ['a dialect that is none', ['get', URL_TEXT, '--dialect', 'uma-3']],
    ['two ways to speak', ['get', URL_TEXT, '--uma-1', '--oauth-profile']],
    ['a wait in UMA 1.0, which has none', ['get', URL_TEXT, '--uma-1', '--wait', '2m']],
    ['an issuer that is no URL', ['claims', 'as']],
    ['nothing to forget', ['forget', 'https://as.acme.example']],
    ['one and all to forget', ['forget', 'https://as.acme.example', 'pc_1', '--all']],
    ['a share with nobody', ['share', 'res_1', 'view']],
    ['a share of no scope', ['share', 'res_1', '--anyone']],
    ['a share with two', ['share', 'res_1', 'view', '--anyone', '--with', 'bob@globex.example']],
    ['somebody who is unidentified and named', ['share', 'res_1', 'view', '--with', 'bob@globex.example', '--unidentified']],
    ['an end that is none', ['approve', 'req_1', '--until', 'soon']],
    ['no request', ['approve']],
    ['an argument of a list', ['requests', 'all']],
    ['an unknown command', ['fly']],
    ['a command with the name of an object member', ['constructor']],
    ['no URL', ['get']],
    ['two URLs', ['get', URL_TEXT, URL_TEXT]],
    ['no URL but a word', ['get', 'notes']],
    ['another scheme', ['get', 'file:///etc/passwd']],
    ['a password in the URL', ['get', 'https://bob:pw@rs.example/']],
    ['an unknown option', ['get', URL_TEXT, '--insecure']],
    ['an option of another command', ['login', '--data', 'x']],
    ['an option without its value', ['get', URL_TEXT, '--as']],
    ['a header without colon', ['get', URL_TEXT, '-H', 'nothing']],
    ['a header with a line break', ['get', URL_TEXT, '-H', 'a: b\r\nc: d']],
    ['a method that is none', ['get', URL_TEXT, '-X', 'GET /']],
    ['two ways to sign in', ['get', URL_TEXT, '--browser', '--password-stdin']],
    ['an argument too many', ['whoami', 'bob']],
    ['no address', ['discover']],
  ])('refuse %s', (_name, words) => {
    expect(() => parseArguments(words)).toThrow(UsageError);
  });
});
