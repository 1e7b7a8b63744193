import { parseEmailAddress, parseIssuer, parseStrictJson } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { asObject, readItems, readString } from '../settings/json-file.ts';
import { findManifest } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../trace/printable.ts';
import { UsageError } from '../usage-error.ts';

/** The link relations of WebFinger that name an authorization server, and where its metadata are (protocol.md 6.1, 6.3). */
const ROLES = [
  {
    rel: 'http://openid.net/specs/connect/1.0/issuer',
    title: 'vouches for its people (AS-RqP)',
    locations: ({ origin, pathname }: URL) => {
      const path = pathname.replace(/\/$/, '');
      return [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`];
    },
  },
  {
    rel: 'urn:uma-federation:rel:resource-owner-authorization-server',
    title: "decides over its people's resources (AS-RO)",
    locations: ({ origin, pathname }: URL) => [`${origin}${pathname.replace(/\/$/, '')}/.well-known/uma2-configuration`],
  },
] as const;
const TIMEOUT_MS = 5000;
const LIMIT_CHARACTERS = 65_536;

/**
 * `uma discover`: shows what an e-mail address's domain says about its authorization servers (protocol.md 6.2 steps 1, 3 and 5).
 * It informs: the servers do their own discovery, with guards that this does not have, and fall back where this does not.
 * @returns 0 when the domain names an AS-RqP whose metadata are right, 6 otherwise
 */
export async function discover(email: string, manifestFile: string | undefined, surroundings: Surroundings): Promise<ExitCode> {
  const address = parseEmailAddress(email);
  if (address === undefined) throw new UsageError(`"${email}" is not an e-mail address.`);
  const manifest = await findManifest(manifestFile, surroundings);
  const base = manifest?.addressMap.get(address.domain) ?? `https://${address.domain}`;
  const location = new URL('/.well-known/webfinger', base);
  location.searchParams.set('resource', `acct:${address.address}`);
  const { status, document } = await fetchJson(location.href, surroundings);
  const report = [address.address, `  WebFinger  ${location.href}`, `             ${status}`];
  let established = false;
  for (const { rel, title, locations } of ROLES) {
    const issuer = issuerOf(document, rel);
    report.push(`  ${title}`);
    if (issuer === undefined) {
      report.push('    not named');
      continue;
    }
    const { lines, right } = await describe(issuer, locations(new URL(issuer)), surroundings);
    report.push(...lines);
    established ||= right && rel === ROLES[0].rel;
  }
  surroundings.stdout.write(`${report.map(printable).join('\n')}\n`);
  return established ? EXIT_CODES.ok : EXIT_CODES.peerFailure;
}

async function describe(issuer: string, locations: readonly string[], surroundings: Surroundings): Promise<{ lines: string[]; right: boolean }> {
  const lines = [`    issuer          ${issuer}`];
  for (const location of locations) {
    const { status, document } = await fetchJson(location, surroundings);
    lines.push(`    metadata        ${location}  ${status}`);
    if (document === undefined) continue;
    const right = document['issuer'] === issuer;
    if (!right) lines.push('    WRONG           the metadata name another issuer and must not be used (RFC 8414 3.3)');
    for (const name of ['token_endpoint', 'jwks_uri']) lines.push(`    ${name.padEnd(15)} ${readString(document, name) ?? '(none)'}`);
    return { lines, right };
  }
  return { lines, right: false };
}

/** The first link of the relation that is an acceptable issuer (A42). */
function issuerOf(document: JsonObject | undefined, rel: string): string | undefined {
  return readItems(document ?? {}, 'links')
    .map((link) => asObject(link) ?? {})
    .filter((link) => link['rel'] === rel)
    .map((link) => readString(link, 'href'))
    .find((href) => href !== undefined && parseIssuer(href, { allowLoopback: true }) !== undefined);
}

async function fetchJson(url: string, surroundings: Surroundings): Promise<{ status: string; document?: JsonObject | undefined }> {
  try {
    const response = await surroundings.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
    const text = await response.text();
    if (!response.ok || text.length > LIMIT_CHARACTERS) return { status: String(response.status) };
    return { status: String(response.status), document: asObject(parseStrictJson(text, { maxDepth: 10 })) };
  } catch (error) {
    return { status: error instanceof SyntaxError ? 'no JSON' : 'cannot be reached' };
  }
}
