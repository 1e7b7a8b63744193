import {
  invalidGrant,
  type NewUma1Token,
  type Permission,
  type TimedPermission,
  type Uma1Authorization,
  type Uma1AuthorizationOutcome,
  type Uma1TokenState,
  type Uma1TokenStore,
} from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { violates } from './store-failure.ts';

/**
 * RPTs of UMA 1.0 in PostgreSQL. A token that takes the place of another one overwrites its row, so there is one per AAT however many ask at once.
 * `authorize` locks the shares and the token's row: a concurrent withdrawal or a new token is either waited for, or waits.
 */
export class PostgresUma1TokenStore implements Uma1TokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async issue(token: NewUma1Token, previous: 'ended' | 'kept'): Promise<void> {
    const { tokenHash, aat, clientId, requestingParty, issuedAt, expiresAt } = token;
    await this.#database.run(
      (sql) => sql`
        with issued as (
          insert into as_ro.uma1_token (token_hash, place, aat_jti, client_id, requesting_party, issued_at, expires_at)
          values (${tokenHash}, ${placeOf(token, previous)}, ${aat}, ${clientId}, ${requestingParty}, ${issuedAt}, ${expiresAt})
          on conflict (place) do update set
            token_hash = excluded.token_hash, client_id = excluded.client_id, requesting_party = excluded.requesting_party,
            resource_server = null, issued_at = excluded.issued_at, expires_at = excluded.expires_at
          returning aat_jti, client_id, requesting_party, issued_at, expires_at
        )
        insert into as_ro.audit (event, data) select 'uma_1_token_issued', to_jsonb(issued) from issued`,
    );
  }

  /** @inheritdoc */
  async authorize(authorization: Uma1Authorization, now: number): Promise<Uma1AuthorizationOutcome> {
    try {
      const [row] = await this.#database.run((sql) => insertAuthorization(sql, authorization, now));
      if (row?.recorded === true) return 'recorded';
      if (row?.shared !== true) return 'share_withdrawn';
      return row.known ? 'other_resource_server' : 'token_unknown';
    } catch (error) {
      if (violates(error, 'uma1_authorization_per_ticket')) throw invalidGrant('ticket_already_granted');
      throw error;
    }
  }

  async find(tokenHash: string, now: number): Promise<Uma1TokenState | undefined> {
    const rows = await this.#database.run((sql) => selectToken(sql, tokenHash, now));
    const [token] = rows;
    if (token === undefined) return undefined;
    return {
      tokenHash,
      aat: token.aat_jti,
      clientId: token.client_id,
      requestingParty: token.requesting_party,
      resourceServer: token.resource_server ?? undefined,
      issuedAt: token.token_issued_at,
      expiresAt: token.token_expires_at,
      permissions: rows.flatMap(permissionsOf),
    };
  }
}

interface TokenRow {
  readonly aat_jti: Uma1TokenState['aat'];
  readonly client_id: Uma1TokenState['clientId'];
  readonly requesting_party: string;
  readonly resource_server: Uma1TokenState['clientId'] | null;
  readonly token_issued_at: number;
  readonly token_expires_at: number;
  readonly permissions: readonly Permission[] | null;
  readonly issued_at: number | null;
  readonly expires_at: number | null;
}

function placeOf({ aat, tokenHash }: NewUma1Token, previous: 'ended' | 'kept'): string {
  return previous === 'ended' ? `aat ${aat}` : `token ${tokenHash}`;
}

/** Whether it was recorded; if not, whether the shares are all there and there is such a token of this holder. */
function insertAuthorization(sql: Sql, authorization: Uma1Authorization, now: number) {
  const { tokenHash, aat, clientId, requestingParty, issuer, ticketId, resourceServer, owner, permissions, issuedAt, expiresAt } = authorization;
  const shares = [...new Set(authorization.shares)];
  const holder = sql`token_hash = ${tokenHash} and aat_jti = ${aat} and client_id = ${clientId} and requesting_party = ${requestingParty} and expires_at > ${now}`;
  return sql<{ recorded: boolean; shared: boolean; known: boolean }[]>`
    with held as (
      select id from as_ro.share where id = any(${shares}::text[]) order by id for key share
    ),
    bound as (
      update as_ro.uma1_token set resource_server = ${resourceServer}
      where ${holder} and (resource_server is null or resource_server = ${resourceServer})
        and ${shares}::text[] <@ array(select id from held)
      returning token_hash, expires_at
    ),
    recorded as (
      insert into as_ro.uma1_authorization (token_hash, issuer, ticket_jti, permissions, issued_at, expires_at)
      select token_hash, ${issuer}, ${ticketId}, ${sql.json(permissions as never)}, ${issuedAt}, least(${expiresAt}::bigint, expires_at) from bound
      returning *
    ),
    linked as (
      insert into as_ro.uma1_authorization_share (authorization_id, share_id)
      select recorded.id, share_id from recorded, unnest(${shares}::text[]) as share_id
    ),
    audited as (
      insert into as_ro.audit (event, data)
      select 'uma_1_token_authorized', to_jsonb(recorded) - array['id', 'token_hash'] || jsonb_build_object(
        'aat_jti', ${aat}::text, 'client_id', ${clientId}::text, 'requesting_party', ${requestingParty}::text, 'resource_server', ${resourceServer}::text,
        'owner', ${owner}::text, 'shares', to_jsonb(${shares}::text[]))
      from recorded
    )
    select exists (select from recorded) as recorded, ${shares}::text[] <@ array(select id from held) as shared,
      exists (select from as_ro.uma1_token where ${holder}) as known`;
}

/** One row per authorization that holds; one without permissions for a live token that has none. */
function selectToken(sql: Sql, tokenHash: string, now: number) {
  return sql<TokenRow[]>`
    select token.aat_jti, token.client_id, token.requesting_party, token.resource_server,
      token.issued_at as token_issued_at, token.expires_at as token_expires_at, added.permissions, added.issued_at, added.expires_at
    from as_ro.uma1_token as token
    left join as_ro.uma1_authorization as added on added.token_hash = token.token_hash and added.expires_at > ${now}
      and not exists (
        select from as_ro.uma1_authorization_share as link
        where link.authorization_id = added.id and not exists (select from as_ro.share where share.id = link.share_id)
      )
    where token.token_hash = ${tokenHash} and token.expires_at > ${now}
    order by added.id`;
}

function permissionsOf({ permissions, issued_at, expires_at }: TokenRow): readonly TimedPermission[] {
  if (permissions === null || issued_at === null || expires_at === null) return [];
  return permissions.map(({ resourceId, scopes }) => ({ resourceId, scopes, issuedAt: issued_at, expiresAt: expires_at }));
}
