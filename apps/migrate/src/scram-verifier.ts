import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ITERATIONS = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5803 as `pg_authid.rolpassword`: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`).
 * `create role … password` takes it as it is, so that the password itself reaches neither the server nor its log.
 * @param password printable ASCII, of which SASLprep (RFC 4013) changes nothing
 * @throws RangeError for any other password
 */
export function scramVerifier(password: string): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new RangeError('the password of the service role must be printable ASCII');
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`;
}
