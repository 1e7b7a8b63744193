-- expand: requests that owners decide, claims that are remembered, refresh tokens, RPTs that were revoked by themselves, shares for whoever comes

alter table as_ro.share drop constraint share_grantee;
alter table as_ro.share add constraint share_grantee check (
  case grantee_kind
    when 'anyone' then grantee_value is null
    when 'unidentified' then grantee_value is null
    when 'person' then grantee_value is not null
    when 'domain' then grantee_value is not null
    else false
  end
);

-- Absent when nobody said who they are.
alter table as_ro.requesting_party_token alter column requesting_party drop not null;
-- The grant of a refresh token that the RPT came of.
alter table as_ro.requesting_party_token add column refresh_id text collate "C";
create index requesting_party_token_refresh on as_ro.requesting_party_token (refresh_id) where refresh_id is not null;
-- When `revoked_at` was written, by the database's clock: the revocation feed reads by it.
alter table as_ro.requesting_party_token add column revocation_recorded_at timestamptz;
create index requesting_party_token_revoked on as_ro.requesting_party_token (revocation_recorded_at) where revocation_recorded_at is not null;

-- UMA Grant 3.3.6 request_submitted.
create table as_ro.authorization_request (
  id text collate "C" primary key,
  owner text collate "C" not null,
  resource_server text collate "C" not null,
  client_id text collate "C" not null,
  requesting_party text collate "C" not null,
  issuer text collate "C" not null,
  permissions jsonb not null,
  -- Of owner, resource server, client, person and what is asked for: equal requests are one.
  fingerprint text collate "C" not null,
  status text not null,
  created_at bigint not null,
  expires_at bigint not null,
  sequence bigint not null generated always as identity,
  constraint authorization_request_status check (status in ('pending', 'approved', 'denied'))
);
-- One that was approved leaves room for the next: its shares may have been taken back since.
create unique index authorization_request_once on as_ro.authorization_request (fingerprint) where status <> 'approved';
create index authorization_request_by_owner on as_ro.authorization_request (owner, sequence);
create index authorization_request_expiry on as_ro.authorization_request (expires_at);

-- Persisted claims tokens by their hash (G56, G66).
create table as_ro.persisted_claims (
  token_hash text collate "C" primary key,
  id text collate "C" not null unique,
  client_id text collate "C" not null,
  thumbprint text collate "C",
  email text collate "C" not null,
  identity jsonb not null,
  created_at bigint not null,
  expires_at bigint not null,
  constraint persisted_claims_once unique nulls not distinct (email, client_id, thumbprint)
);
create index persisted_claims_expiry on as_ro.persisted_claims (expires_at);

-- What a refresh token stands for; the row stays while the token changes.
create table as_ro.refresh_token (
  id text collate "C" primary key,
  token_hash text collate "C" not null unique,
  client_id text collate "C" not null,
  thumbprint text collate "C",
  resource_server text collate "C" not null,
  owner text collate "C" not null,
  requesting_party text collate "C" not null,
  permissions jsonb not null,
  shares text[] not null,
  acr text,
  auth_time bigint,
  expires_at bigint not null
);
create index refresh_token_expiry on as_ro.refresh_token (expires_at);

-- Every token that was used up, for as long as its grant lives: whoever presents one again has a copy (RFC 9700 4.14.2).
create table as_ro.used_refresh_token (
  token_hash text collate "C" primary key,
  refresh_id text collate "C" not null,
  constraint use_of_refresh_token foreign key (refresh_id) references as_ro.refresh_token (id) on delete cascade
);
create index used_refresh_token_by_grant on as_ro.used_refresh_token (refresh_id);

-- However a refresh token ends, the RPTs that came of it end too: also one whose recording the delete had to wait for, and which the
-- snapshot of its statement does not show.
create function as_ro.end_refreshed_tokens() returns trigger language plpgsql set search_path = '' as $$
begin
  update as_ro.requesting_party_token set revoked_at = extract(epoch from clock_timestamp())::bigint, revocation_recorded_at = clock_timestamp()
  where refresh_id = old.id and revoked_at is null;
  return null;
end
$$;
create trigger refresh_token_ended after delete on as_ro.refresh_token
  for each row execute function as_ro.end_refreshed_tokens();
