import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its private key, both PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certification authority that lives as long as a test. */
export interface ThrowAwayAuthority {
  readonly certificate: string;
  readonly issue: (names: readonly string[]) => ServerCertificate;
}

/**
 * Makes a certification authority with the machine's `openssl`.
 * @throws Error when there is no `openssl`
 */
export function createThrowAwayAuthority(): ThrowAwayAuthority {
  const key = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], {});
  const certificate = openssl(['req', '-x509', '-new', '-key', '{key}', '-days', '2', '-subj', '/CN=throw-away authority', '-config', '{config}'], {
    key,
    config: '[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n',
  });
  return { certificate, issue: (names) => issue(names, { key, certificate }) };
}

function issue(names: readonly string[], authority: { readonly key: string; readonly certificate: string }): ServerCertificate {
  const key = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], {});
  const request = openssl(['req', '-new', '-key', '{key}', '-subj', '/CN=throw-away server', '-config', '{config}'], {
    key,
    config: '[req]\ndistinguished_name=dn\n[dn]\n',
  });
  const serial = `0x${process.hrtime.bigint().toString(16)}`;
  const cert = openssl(
    ['x509', '-req', '-in', '{request}', '-CA', '{ca}', '-CAkey', '{caKey}', '-set_serial', serial, '-days', '2', '-extfile', '{extensions}'],
    { request, ca: authority.certificate, caKey: authority.key, extensions: `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\n` },
  );
  return { cert, key };
}

/** Runs openssl; `{name}` in an argument stands for a file with that content. */
function openssl(parameters: readonly string[], files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'throw-away-ca-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
    const filled = parameters.map((parameter) => (/^\{\w+\}$/.test(parameter) ? join(folder, parameter.slice(1, -1)) : parameter));
    return execFileSync('openssl', filled, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('These tests make certificates with the command "openssl", which is not on this machine.', { cause: error });
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
