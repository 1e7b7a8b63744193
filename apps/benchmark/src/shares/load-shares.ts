import type { SharedResource } from '../authorization-servers/grant-requests.ts';
import { GUEST } from '../authorization-servers/grant-requests.ts';
import { RESOURCE_SERVER } from '../authorization-servers/clients.ts';
import { OWNER_DOMAIN } from '../authorization-servers/start-as-ro.ts';
import type { AsRoDatabase } from '../harness/databases.ts';

/** Resources of one owner. */
const PER_OWNER = 100;

/**
 * Fills a store: `count` resources with one share each, a hundred per owner, all of them with the guest.
 * @returns up to `sample` of the resources, spread over the whole table
 */
export async function loadShares({ owner }: AsRoDatabase, count: number, sample: number): Promise<readonly SharedResource[]> {
  await owner.run(
    (sql) => sql`
      insert into as_ro.resource (id, resource_server, owner, scopes, localized)
      select 'resource-' || n, ${RESOURCE_SERVER.clientId}, 'owner-' || n / ${PER_OWNER}::int || '@' || ${OWNER_DOMAIN}::text, array['view', 'edit'], '{}'
      from generate_series(0, ${count - 1}::int) as n`,
  );
  await owner.run(
    (sql) => sql`
      insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, grantee_value, conditions, created_at)
      select 'share-' || n, 'owner-' || n / ${PER_OWNER}::int || '@' || ${OWNER_DOMAIN}::text, 'resource-' || n, array['view'], 'person', ${GUEST}, '{}', 0
      from generate_series(0, ${count - 1}::int) as n`,
  );
  // As autovacuum leaves them: statistics known, pages all-visible.
  await owner.run((sql) => sql`vacuum analyze as_ro.resource`);
  await owner.run((sql) => sql`vacuum analyze as_ro.share`);
  await owner.run((sql) => sql`checkpoint`);
  const step = Math.max(1, Math.floor(count / sample));
  const numbers = Array.from({ length: Math.min(sample, count) }, (_unused, index) => index * step);
  return numbers.map((n) => ({ id: `resource-${n}`, owner: `owner-${Math.floor(n / PER_OWNER)}@${OWNER_DOMAIN}` }));
}
