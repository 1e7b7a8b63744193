// Lists which numbered rules and attacks of the protocol have a test that carries their number, and which have none.
// Usage: npm run spec-coverage [-- --check A1-A17,A30-A57]   (with --check: exit 1 when one of these has no test,
// or any other has none and does not stand in docs/protocol/divergences.md)
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RULES = { G: [1, 68], F: [1, 33], T: [1, 22], L: [1, 13], S: [1, 10], A: [1, 94] };
const DIVERGENCES = join(root, 'docs', 'protocol', 'divergences.md');

const tests = new Map();
for (const file of specFiles(root)) collect(file);
const excused = existsSync(DIVERGENCES) ? namedRules(readFileSync(DIVERGENCES, 'utf8')) : new Set();

const wanted = process.argv.includes('--check') ? expand(process.argv[process.argv.indexOf('--check') + 1] ?? '') : undefined;
let missing = 0;
for (const [letter, [first, last]] of Object.entries(RULES)) {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
  const covered = ids.filter((id) => tests.has(id));
  console.log(`\n${letter}1–${letter}${last}: ${covered.length} of ${ids.length} have a test`);
  for (const id of covered) console.log(`  ${id.padEnd(4)} ${[...tests.get(id)].join(' · ')}`);
  const open = ids.filter((id) => !tests.has(id));
  if (open.length > 0) console.log(`  no test: ${open.map((id) => (excused.has(id) ? `${id} (divergences.md)` : id)).join(', ')}`);
  missing += open.filter((id) => wanted !== undefined && (wanted.has(id) || !excused.has(id))).length;
}
if (wanted !== undefined) console.log(`\n${missing} rules have no test: of the ${wanted.size} wanted ones, or of the others without standing in divergences.md.`);
process.exit(missing > 0 ? 1 : 0);

/** A rule counts where its id stands in brackets in a test's name, or leads the name of a describe, it or test. */
function collect(file) {
  const text = readFileSync(file, 'utf8');
  const note = (id) => {
    if (!tests.has(id)) tests.set(id, new Set());
    tests.get(id).add(relative(root, file));
  };
  for (const [bracket] of text.matchAll(/\[[^\]\n]*\b[GFTLSA]\d{1,2}\b[^\]\n]*\]/g)) {
    for (const [id] of bracket.matchAll(/\b[GFTLSA]\d{1,2}\b/g)) note(id);
  }
  for (const [, name] of text.matchAll(/\b(?:describe|it|test)(?:\.each)?(?:\([^)]*\))?\(\s*[`'"]((?:[GFTLSA]\d{1,2}b?(?:,| and|–|-|\/)?\s*)+)/g)) {
    for (const [id] of name.matchAll(/\b[GFTLSA]\d{1,2}/g)) note(id);
  }
  // Rows of it.each tables that begin with an id, such as ['A3 RCT as RPT', …].
  for (const [, id] of text.matchAll(/[[{,(]\s*(?:name:\s*)?[`'"]([GFTLSA]\d{1,2})b? /g)) note(id);
}

function* specFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', '.git', '.nx', 'coverage', '.federation'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* specFiles(path);
    else if (entry.name.endsWith('.spec.ts') || /libs\/testing\/src\/contracts\/.*\.ts$/.test(path)) yield path;
  }
}

/** Ids in a text, and the ids between two of them that are joined by "to". */
function namedRules(text) {
  const ranges = [...text.matchAll(/\b([GFTLSA])(\d{1,2}) to \1(\d{1,2})\b/g)].flatMap(([, letter, from, to]) => [...expand(`${letter}${from}-${to}`)]);
  return new Set([...(text.match(/\b[GFTLSA]\d{1,2}\b/g) ?? []), ...ranges]);
}

function expand(list) {
  return new Set(
    list.split(',').flatMap((part) => {
      const range = /^([A-Z])(\d+)-[A-Z]?(\d+)$/.exec(part.trim());
      if (!range) return [part.trim()];
      const [, letter, from, to] = range;
      return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => `${letter}${Number(from) + index}`);
    }),
  );
}
