import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of a self-signed certificate. */
export interface CertificateFiles {
  readonly folder: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

/** Makes a certificate for these names with the machine's `openssl`, in a folder that the caller removes. */
export function throwAwayCertificate(names: readonly string[]): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), 'tls-front-'));
  const files = { folder, certificateFile: join(folder, 'certificate.pem'), privateKeyFile: join(folder, 'key.pem') };
  const subject = ['-subj', '/CN=throw-away', '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.privateKeyFile];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, '-out', files.certificateFile], { stdio: 'pipe' });
  return files;
}
