-- expand: what AS-RO must remember: redeemed tickets, consumed claims tokens, resources, shares, issued tokens, audit
--
-- Times are NumericDates (whole seconds) where they come from tokens or the clock port, timestamptz where only operators read them.
-- Identifiers and e-mail addresses compare byte by byte: collate "C".

-- Decision D2: this row decides that a permission ticket is redeemed once. The key is (issuer, jti), never the token string (M10).
create table as_ro.redeemed_ticket (
  issuer text collate "C" not null,
  jti text collate "C" not null,
  expires_at bigint not null,
  constraint redeemed_ticket_once primary key (issuer, jti)
);
create index redeemed_ticket_expiry on as_ro.redeemed_ticket (expires_at);

-- A7: an identity claims token is used once at this server.
create table as_ro.consumed_claims_token (
  issuer text collate "C" not null,
  jti text collate "C" not null,
  expires_at bigint not null,
  constraint consumed_claims_token_once primary key (issuer, jti)
);
create index consumed_claims_token_expiry on as_ro.consumed_claims_token (expires_at);

-- Federated Authorization 3.1.
create table as_ro.resource (
  id text collate "C" primary key,
  resource_server text collate "C" not null,
  owner text collate "C" not null,
  scopes text[] not null,
  name text,
  description text,
  icon_uri text,
  type text,
  uri text,
  localized jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  sequence bigint not null generated always as identity,
  constraint resource_with_owner unique (id, owner)
);
create index resource_by_server on as_ro.resource (resource_server, sequence);
create index resource_by_owner on as_ro.resource (owner, sequence);

create table as_ro.share (
  id text collate "C" primary key,
  owner text collate "C" not null,
  resource_id text collate "C" not null,
  scopes text[] not null,
  grantee_kind text not null,
  grantee_value text,
  not_before bigint,
  expires_at bigint,
  conditions jsonb not null,
  created_at bigint not null,
  sequence bigint not null generated always as identity,
  -- F32, A26: a share is of a resource of its own owner; whoever takes the resource away takes the share along.
  constraint share_of_own_resource foreign key (resource_id, owner) references as_ro.resource (id, owner) on delete cascade,
  constraint share_grantee check (
    case grantee_kind when 'anyone' then grantee_value is null when 'person' then grantee_value is not null when 'domain' then grantee_value is not null else false end
  ),
  constraint share_times check (expires_at > not_before)
);
create index share_by_resource on as_ro.share (resource_id, owner);
create index share_by_owner on as_ro.share (owner, sequence);

-- Issued RPTs. One is active until it expires or is revoked by itself (revoked_at), and only while every share that it rests on exists.
-- So removing a share revokes its RPTs however many there are, whichever way it is removed (G67), and no update can miss one.
-- Rows are forgotten some minutes after their expiry; the audit table keeps the history.
create table as_ro.requesting_party_token (
  id bigint generated always as identity primary key,
  issuer text collate "C" not null,
  jti text collate "C" not null,
  ticket_jti text collate "C" not null,
  client_id text collate "C" not null,
  resource_server text collate "C" not null,
  owner text collate "C" not null,
  requesting_party text collate "C" not null,
  permissions jsonb not null,
  issued_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  constraint requesting_party_token_id unique (issuer, jti),
  -- A16: even if the ledger of tickets had forgotten one, it yields no second RPT.
  constraint requesting_party_token_per_ticket unique (issuer, ticket_jti),
  constraint requesting_party_token_times check (expires_at > issued_at)
);
create index requesting_party_token_expiry on as_ro.requesting_party_token (expires_at);

-- Which shares an RPT rests on. No foreign key to share: what is missing there is the sign of withdrawal. Ids of shares are never used again.
create table as_ro.requesting_party_token_share (
  token_id bigint not null,
  share_id text collate "C" not null,
  primary key (token_id, share_id),
  constraint share_of_token foreign key (token_id) references as_ro.requesting_party_token (id) on delete cascade
);
create index requesting_party_token_share_by_share on as_ro.requesting_party_token_share (share_id);

create table as_ro.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  event text not null,
  data jsonb not null
);

create function as_ro.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception 'the audit table is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_append_only before update or delete or truncate on as_ro.audit
  for each statement execute function as_ro.refuse_change();

-- However a share disappears, by its owner or with its resource, that is on the record.
create function as_ro.record_share_removal() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into as_ro.audit (event, data)
  values ('share_removed', jsonb_build_object('share', old.id, 'resource', old.resource_id, 'owner', old.owner));
  return null;
end
$$;
create trigger share_removed after delete on as_ro.share
  for each row execute function as_ro.record_share_removal();
