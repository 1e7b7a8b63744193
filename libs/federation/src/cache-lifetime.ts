/** What a document lives for when it says nothing (protocol.md 6.2 step 7). */
const DEFAULT_SECONDS = 600;
/** Below this a stranger could make every request of ours one of his own. */
const MINIMUM_SECONDS = 60;

/**
 * How long a stranger's document may be used (protocol.md 6.2 step 7; RFC 9111 5.2.2).
 * @param headers the answer's headers, names in lower case
 * @param maximumSeconds the cap, whatever `max-age` says
 * @returns seconds: 600 without `Cache-Control: max-age`, else `max-age` less `Age`, never below 60 (also for `no-store`) or above the cap
 */
export function cacheLifetimeSeconds(headers: Readonly<Record<string, string>>, maximumSeconds: number): number {
  const directives = (headers['cache-control'] ?? '').toLowerCase().split(',').map((directive) => directive.trim());
  if (directives.some((directive) => directive === 'no-store' || directive === 'no-cache')) return MINIMUM_SECONDS;
  const maxAge = directives.map((directive) => /^max-age="?([0-9]{1,9})"?$/.exec(directive)?.[1]).find((seconds) => seconds !== undefined);
  const age = /^[0-9]{1,9}$/.test(headers['age'] ?? '') ? Number(headers['age']) : 0;
  const fresh = maxAge === undefined ? DEFAULT_SECONDS : Number(maxAge) - age;
  return Math.max(MINIMUM_SECONDS, Math.min(fresh, maximumSeconds));
}
