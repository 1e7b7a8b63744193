import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Database, type DatabaseOptions } from '../src/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded-postgres.ts';
import { eventually } from './eventually.ts';
import { asOwner, PATIENT } from './test-database.ts';

const NEW_CERTIFICATE = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=throw-away', '-addext', 'subjectAltName=DNS:localhost', '-keyout', '-'];

describe('TLS to PostgreSQL', () => {
  let server: EmbeddedPostgres;
  let certificate: string;
  beforeAll(async () => {
    const pem = execFileSync('openssl', NEW_CERTIFICATE, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    certificate = /-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----\n/s.exec(pem)?.[0] ?? '';
    server = await startEmbeddedPostgres();
    await asOwner(server, async (superuser) => {
      const execute = (statement: string) => superuser.run((sql) => sql.unsafe<object[]>(statement));
      const encoded = Buffer.from(pem).toString('base64');
      for (const file of ['server.key', 'server.crt']) await execute(`copy (select '${encoded}') to program 'umask 077; base64 -d > ${file}'`);
      await execute('alter system set ssl = on');
      await execute('select pg_reload_conf()');
      await eventually(() => asOwner(server, async (fresh) => (await fresh.run((sql) => sql<{ ssl: string }[]>`show ssl`))[0]?.ssl === 'on'));
    });
  });
  afterAll(() => server.stop());

  const isEncrypted = async (options: DatabaseOptions): Promise<boolean | undefined> => {
    const database: Database = connect({ ...PATIENT, url: server.url, ...options });
    const answer = database.run((sql) => sql<{ ssl: boolean }[]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`);
    return answer.then(([row]) => row?.ssl).finally(() => database.close());
  };

  it('encrypts when the certificate is from the authority and for the host', async () => {
    expect(await isEncrypted({ host: 'localhost', tls: { certificateAuthority: certificate } })).toBe(true);
    expect(await isEncrypted({})).toBe(false);
  });

  it('refuses a certificate from nobody it knows, and one for another name', async () => {
    await expect(isEncrypted({ host: 'localhost', tls: {} })).rejects.toMatchObject({ status: 503, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await expect(isEncrypted({ host: '127.0.0.1', tls: { certificateAuthority: certificate } })).rejects.toMatchObject({ status: 503, detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
