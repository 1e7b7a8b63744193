import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@uma-federation/nest-kit';
import { certificateNames, ClientCertificates, type CertificateRequest } from '../src/client-certificates.ts';
import { basic, createTestServer, ECHO_GRANT, OTHER_SECRET, type TestServer } from './test-server.ts';

const DN = 'CN=Notes\\, Ltd,O=Acme,C=DE';
let folder = '';
const certificates = new Map<string, X509Certificate>();

/** A self-signed certificate, made with the machine's `openssl`: the chain is the front's business. */
function make(name: string, subject: string, alternativeNames: string): X509Certificate {
  const file = join(folder, `${name}.pem`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'key.pem')];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, '-out', file, '-subj', subject, '-addext', `subjectAltName=${alternativeNames}`], { stdio: 'pipe' });
  const certificate = new X509Certificate(readFileSync(file));
  certificates.set(name, certificate);
  return certificate;
}

let server: TestServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'client-certificates-'));
  make('app', '/C=DE/O=Acme/CN=Notes, Ltd', 'DNS:app.acme.example,URI:spiffe://acme.example/app');
  make('other', '/C=DE/O=Acme/CN=Other', 'DNS:*.acme.example,URI:spiffe://acme.example/app/more');
  make('common-name', '/CN=app.acme.example', 'DNS:elsewhere.example');
  make('tricky', '/C=DE/O=Acme/CN=x\\nCN=Notes\\, Ltd', 'DNS:x');
  server = await createTestServer();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.application.close();
});

const header = (name: string): string => `:${(certificates.get(name) as X509Certificate).raw.toString('base64')}:`;
const request = (lines: readonly string[], remoteAddress: string): CertificateRequest => ({
  rawHeaders: lines.flatMap((line) => ['Client-Cert', line]),
  headers: lines.length === 0 ? {} : { 'client-cert': lines.join(', ') },
  socket: { remoteAddress },
});
const as = (clientId: string, certificate: string | undefined, form: Record<string, string> = {}) =>
  server.token({ grant_type: ECHO_GRANT, client_id: clientId, ...form }, certificate === undefined ? {} : { 'client-cert': header(certificate) });
const reason = (): unknown => (JSON.parse(server.rawLog.at(-1) ?? '{}') as { reason?: string }).reason;

describe('tls_client_auth (RFC 8705 2.1)', () => {
  it.each(['by-subject', 'by-dns', 'by-uri'])('authenticates %s by the certificate that the front passes', async (clientId) => {
    expect((await as(clientId, 'app')).json()).toMatchObject({ client_id: clientId, method: 'tls_client_auth' });
  });

  it('lets a client so authenticated have a token of its own', async () => {
    expect((await as('by-subject', 'app', { grant_type: 'client_credentials' })).statusCode).toBe(200);
  });

  it.each<[string, string, string | undefined, string]>([
    ['no certificate', 'by-subject', undefined, 'certificate_missing'],
    ['another subject', 'by-subject', 'other', 'certificate_of_another'],
    ['a wildcard for the name', 'by-dns', 'other', 'certificate_of_another'],
    ['the name as common name only', 'by-dns', 'common-name', 'certificate_of_another'],
    ['a longer URI', 'by-uri', 'other', 'certificate_of_another'],
    ['a subject that reads alike over two lines', 'by-subject', 'tricky', 'certificate_of_another'],
  ])('refuses %s', async (_what, clientId, certificate, why) => {
    const answer = await as(clientId, certificate);
    expect([answer.statusCode, answer.json(), reason()]).toEqual([401, expect.objectContaining({ error: 'invalid_client' }), why]);
  });

  it('refuses a secret of a client that has a certificate, and does not mind a certificate of one that has a secret [A70]', async () => {
    expect((await as('by-dns', 'app', { client_secret: OTHER_SECRET })).statusCode).toBe(401);
    const answer = await server.token({ grant_type: ECHO_GRANT }, { authorization: basic('other', OTHER_SECRET), 'client-cert': header('app') });
    expect(answer.json()).toMatchObject({ client_id: 'other', method: 'client_secret_basic' });
    expect((await as('public', 'app')).json()).toMatchObject({ method: 'none' });
  });
});

describe('ClientCertificates', () => {
  const fronts = new ClientCertificates(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32']);

  it.each(['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::1'])('believes the front at %s', (address) => {
    expect(fronts.of(request([header('app')], address))?.subject).toContain('O=Acme');
  });

  it.each(['10.2.0.1', '192.0.2.8', '127.0.0.1', '::1', '2001:db9::1', '::ffff:a02:1', '', 'unknown'])('believes nobody at %p', (address) => {
    expect(fronts.of(request([header('app')], address))).toBeUndefined();
  });

  it.each<[string, readonly string[]]>([
    ['no header', []],
    ['two headers', ['A', 'A']],
    ['no byte sequence', ['AAAA']],
    ['PEM', [':-----BEGIN CERTIFICATE-----:']],
    ['no certificate', [':AAAA:']],
    ['parameters', [':AAAA:;a=1']],
    ['nothing in it', ['::']],
  ])('takes %s for no certificate', (_what, lines) => {
    const valid = lines[0] === 'A' ? [header('app'), header('app')] : lines;
    expect(fronts.of(request(valid, '10.1.2.3'))).toBeUndefined();
  });

  it.each([[[]], [['loopback']], [['10.0.0.0/33']], [['10.0.0.0/8/8']], [['10.0.0.0/x']], [['proxy.example']]])('is not made with the fronts %j', (proxies) => {
    expect(() => new ClientCertificates(proxies)).toThrow(ConfigurationError);
  });
});

describe('certificateNames', () => {
  it('compares whole names', () => {
    const certificate = certificates.get('app') as X509Certificate;
    expect(certificateNames(certificate, { subjectDn: DN })).toBe(true);
    for (const subjectDn of ['CN=Notes\\, Ltd', 'C=DE,O=Acme,CN=Notes\\, Ltd', `${DN},`, '', DN.toLowerCase()]) expect(certificateNames(certificate, { subjectDn })).toBe(false);
    for (const sanDns of ['acme.example', '.acme.example', 'x.app.acme.example', 'APP.acme.example.']) expect(certificateNames(certificate, { sanDns })).toBe(false);
    for (const sanUri of ['spiffe://acme.example', 'spiffe://acme.example/App', '']) expect(certificateNames(certificate, { sanUri })).toBe(false);
  });

  it('is not taken in by a name that carries another', () => {
    const text = 'DNS:"x, URI:spiffe://acme.example/app, y"';
    expect(certificateNames({ subjectAltName: text } as X509Certificate, { sanUri: 'spiffe://acme.example/app' })).toBe(false);
  });
});
