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

  it.each([
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
