import { describe, expect, it } from '@jest/globals';
import { authenticateClient } from './client-authentication.ts';
import { decodeJwt, generateKeyPair, jwtVerify } from 'jose';
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

describe('private_key_jwt (RFC 7523, RFC 10070)', () => {
  const pair = generateKeyPair('ES256');
  const assertionOf = async (credentials: object = {}) => {
    const { privateKey } = await pair;
    const { form } = await authenticateClient({ clientId: 'app', key: { key: privateKey, algorithm: 'ES256', keyId: 'k1' }, ...credentials }, server(['private_key_jwt']), deps);
    return form;
  };

  it('is an assertion for the issuer alone, typed, with a fresh jti and 60 seconds at most', async () => {
    const form = await assertionOf();
    expect(form).toEqual({ client_id: 'app', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: expect.any(String) });
    const options = { audience: 'https://as.example', issuer: 'app', subject: 'app', typ: 'client-authentication+jwt', currentDate: new Date(clock.now() * 1000) };
    const { payload, protectedHeader } = await jwtVerify(form['client_assertion'] ?? '', (await pair).publicKey, options);
    expect(payload.aud).toBe('https://as.example');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'client-authentication+jwt', kid: 'k1' });
    const again = decodeJwt((await assertionOf())['client_assertion'] ?? '');
    expect(payload.jti).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(again.jti).not.toBe(payload.jti);
  });

  it('wins over a secret, which then stays at home (A70)', async () => {
    expect(Object.keys(await assertionOf({ clientSecret: 's' }))).toEqual(['client_id', 'client_assertion_type', 'client_assertion']);
  });

  it('may be signed elsewhere', async () => {
    const asked: unknown[] = [];
    const key = async (claims: object, typ: string) => {
      asked.push(claims, typ);
      return 'signed.in.vault';
    };
    const { form } = await authenticateClient({ clientId: 'app', key }, server(['private_key_jwt']), deps);
    expect(form['client_assertion']).toBe('signed.in.vault');
    expect(asked).toEqual([expect.objectContaining({ iss: 'app', sub: 'app', aud: 'https://as.example' }), 'client-authentication+jwt']);
  });

  it('is not replaced by anything weaker where the server does not support it', async () => {
    const { privateKey } = await pair;
    const credentials = { clientId: 'app', clientSecret: 's', key: { key: privateKey, algorithm: 'ES256' } };
    await expect(authenticateClient(credentials, server(['client_secret_basic']), deps)).rejects.toThrow(code('client_unknown'));
  });
});

describe('A method that the caller names', () => {
  it('is used, and no other', async () => {
    const credentials = { clientId: 'app', clientSecret: 's', secretMethod: 'client_secret_post' as const };
    expect(await authenticateClient(credentials, server(['client_secret_basic', 'client_secret_post']), deps)).toEqual({ headers: {}, form: { client_id: 'app', client_secret: 's' } });
    await expect(authenticateClient(credentials, server(['client_secret_basic']), deps)).rejects.toThrow(code('client_unknown'));
  });
});
