import { describe, expect, it } from '@jest/globals';
import { parseClientIdUrl } from './client-id-url.ts';

describe('a client id that is the URL of a document', () => {
  it.each(['https://app.example/client', 'https://app.example/client.json', 'https://app.example:8443/a/b', 'https://app.example/client?x=1', 'https://app.example/a/'])('is %s', (text) => {
    expect(parseClientIdUrl(text)?.href).toBe(text);
  });

  it.each([
    'http://app.example/client', 'https://app.example', 'https://app.example/', 'https://app.example/client#', 'https://app.example/client#x', 'https://user@app.example/client',
    'https://user:pw@app.example/client', 'https://@app.example/client', 'https://app.example/a/../client', 'https://app.example/./client', 'https://app.example/a/%2e%2e/client',
    'https://app.example/a/.%2E/client', 'HTTPS://app.example/client', 'https://APP.example/client', 'https://app.example:443/client', 'https:app.example/client', 'https:///app.example/client',
    'https://app.example\\client', 'https://app.example/cli ent', ' https://app.example/client', 'https://192.0.2.1/client', 'https://[2001:db8::1]/client', 'https://0x7f000001/client',
    'https://127.0.0.1/client', 'http://127.0.0.1:4000/client', 'https://localhost/client', `https://app.example/${'x'.repeat(240)}`, 'app', 'urn:x:y', 'ftp://app.example/client', '', 'https://äpp.example/client',
  ])('is not %p', (text) => {
    expect(parseClientIdUrl(text)).toBeUndefined();
  });

  it.each(['http://127.0.0.1:4000/client', 'http://localhost:4000/client', 'https://[::1]:4000/client'])('may be %s in development', (text) => {
    expect(parseClientIdUrl(text, { allowLoopback: true })?.href).toBe(text);
    expect(parseClientIdUrl(text.replace('/client', '/a/../client'), { allowLoopback: true })).toBeUndefined();
  });
});
