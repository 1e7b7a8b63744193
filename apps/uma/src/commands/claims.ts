import type { JsonObject } from '@uma-federation/uma-core';
import type { ClaimsCommand } from '../arguments.ts';
import { EXIT_CODES, exitCodeOfResponse, type ExitCode } from '../exit-codes.ts';
import { readAnswer } from '../read-answer.ts';
import { asObject, readItems, readString } from '../settings/json-file.ts';
import { resolveSettings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../trace/printable.ts';
import { umaFetchOf } from '../uma-fetch.ts';

/**
 * `uma claims` and `uma forget`: what an AS-RO remembers about the person (its persisted claims), to see and to erase. The AS-RO
 * protects it by UMA itself, so the same dance gives access.
 */
export async function claims(command: ClaimsCommand, surroundings: Surroundings): Promise<ExitCode> {
  const { issuer, forget, password, browser } = command;
  const settings = await resolveSettings(command.as, { ...command.servers, password, browser }, surroundings);
  const remembered = `${issuer.href.replace(/\/$/, '')}/persisted-claims`;
  const url = new URL(forget === undefined || forget === 'all' ? remembered : `${remembered}/${encodeURIComponent(forget.id)}`);
  const response = await umaFetchOf(command, settings, surroundings)(url, { method: forget === undefined ? 'GET' : 'DELETE', headers: { accept: 'application/json' } });
  const code = exitCodeOfResponse(response);
  if (code !== EXIT_CODES.ok) {
    await response.body?.cancel();
    surroundings.stderr.write(response.status === 404 ? 'Nothing of that kind is remembered there.\n' : `The authorization server answered ${response.status}.\n`);
    return code;
  }
  if (forget === undefined) surroundings.stdout.write(lines(await readAnswer(response)));
  else surroundings.stderr.write('Forgotten.\n');
  return EXIT_CODES.ok;
}

function lines(document: JsonObject): string {
  return readItems(document, 'persisted_claims')
    .map((item) => {
      const entry = asObject(item) ?? {};
      const known = Object.entries(asObject(entry['claims']) ?? {}).map(([name, value]) => `    ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
      const [id, client, issuer, until] = ['id', 'client_id', 'issuer', 'expires_at'].map((name) => readString(entry, name) ?? '?');
      const text = [`${id}  by client ${client}, vouched for by ${issuer}, until ${until}`, ...known];
      return `${text.map(printable).join('\n')}\n`;
    })
    .join('');
}
