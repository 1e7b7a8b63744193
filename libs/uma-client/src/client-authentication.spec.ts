import { describe, expect, it } from '@jest/globals';
import { authenticateClient } from './client-authentication.ts';
import { clock, randomness } from '../test/fake-issuer.ts';
import { endpointUrl } from './endpoint-url.ts';

const server = (authenticationMethods: readonly string[]) => ({
  issuer: 'https://as.example',
  tokenEndpoint: new URL('https://as.example/token'),
  authenticationMethods,
  namesItselfInRedirects: false,
});
const deps = { clock, randomness };
const code = (value: string) => expect.objectContaining({ code: value });

describe('Client authentication (RFC 6749 2.3.1)', () => {
  const confidential = { clientId: 'a b', clientSecret: 'c:d' };

  it('prefers the header, with both parts encoded', async () => {
    const { headers, form } = await authenticateClient(confidential, server(['client_secret_post', 'client_secret_basic']), deps);
    expect(headers).toEqual({ authorization: `Basic ${btoa('a+b:c%3Ad')}` });
    expect(form).toEqual({});
  });

  it('puts the secret into the form only where the server supports nothing else', async () => {
    expect(await authenticateClient(confidential, server(['client_secret_post']), deps)).toEqual({ headers: {}, form: { client_id: 'a b', client_secret: 'c:d' } });
    await expect(authenticateClient(confidential, server(['private_key_jwt']), deps)).rejects.toThrow(code('client_unknown'));
  });

  it('names a public client', async () => {
    expect(await authenticateClient({ clientId: 'app' }, server([]), deps)).toEqual({ headers: {}, form: { client_id: 'app' } });
  });
});

describe('An endpoint of an authorization server', () => {
  it.each([
    ['https://as.example/token', 'https://as.example'],
    ['https://login.as.example/token?tenant=1', 'https://as.example'],
    ['http://127.0.0.1:4110/token', 'http://127.0.0.1:4110'],
    ['http://localhost:4110/token', 'http://127.0.0.1:4110'],
  ])('%s is acceptable for %s', (endpoint, issuer) => {
    expect(endpointUrl(endpoint, issuer).href).toBe(endpoint);
  });

  it.each([
    ['http://as.example/token', 'https://as.example'],
    ['http://127.0.0.1/token', 'https://as.example'],
    ['https://localhost/token', 'https://as.example'],
    ['http://as.example/token', 'http://127.0.0.1:4110'],
    ['https://bob@as.example/token', 'https://as.example'],
    ['https://as.example/token#x', 'https://as.example'],
    ['file:///etc/passwd', 'https://as.example'],
    ['/token', 'https://as.example'],
    [undefined, 'https://as.example'],
  ])('%s is not acceptable for %s', (endpoint, issuer) => {
    expect(() => endpointUrl(endpoint, issuer)).toThrow(code('insecure_url'));
  });
});
