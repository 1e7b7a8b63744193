/*
 * Writes the token vectors: `npm run vectors` in this library. Everything but the ECDSA signatures is the same in every run;
 * a file whose vector did not change but for them keeps its contents.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NamedVector, TokenVector, VectorKind } from '../src/token-vector.ts';
import { dpopProofVectors } from './source/dpop-proof.ts';
import { identityClaimsTokenVectors } from './source/identity-claims-token.ts';
import { permissionTicketVectors } from './source/permission-ticket.ts';
import { requestingPartyTokenVectors } from './source/requesting-party-token.ts';
import { resourceClaimsTokenVectors } from './source/resource-claims-token.ts';

const SOURCES: Readonly<Record<VectorKind, () => Promise<NamedVector[]>>> = {
  'permission-ticket': permissionTicketVectors,
  'resource-claims-token': resourceClaimsTokenVectors,
  'identity-claims-token': identityClaimsTokenVectors,
  'requesting-party-token': requestingPartyTokenVectors,
  'dpop-proof': dpopProofVectors,
};

/** Everything but the part that random ECDSA nonces change. */
function stablePart({ token, ...rest }: TokenVector): string {
  const withoutSignature = token.startsWith('{') ? [token.replace(/"signature":"[^"]*"/, '')] : token.split('.').slice(0, 2);
  return JSON.stringify([withoutSignature, rest]);
}

function write(folder: string, { name, ...vector }: NamedVector): void {
  const path = `${folder}${name}.json`;
  const isUnchanged = existsSync(path) && stablePart(JSON.parse(readFileSync(path, 'utf8')) as TokenVector) === stablePart(vector);
  if (!isUnchanged) writeFileSync(path, `${JSON.stringify(vector, undefined, 2)}\n`);
}

for (const [kind, source] of Object.entries(SOURCES)) {
  const folder = fileURLToPath(new URL(`./${kind}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const vectors = await source();
  const names = new Set(vectors.map(({ name }) => `${name}.json`));
  if (names.size !== vectors.length) throw new Error(`Two vectors of ${kind} have the same name`);
  for (const file of readdirSync(folder)) if (!names.has(file)) rmSync(`${folder}${file}`);
  for (const vector of vectors) write(folder, vector);
}
