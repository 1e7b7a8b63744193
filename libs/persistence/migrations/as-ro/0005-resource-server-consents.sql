-- expand: which resource servers act for which owners at the protection API (Federated Authorization 1.3), and the refresh tokens of their PATs
--
-- Times are NumericDates.

-- One row for each owner and RS. It stays when the owner ends it, so that the RS cannot make it again by itself.
create table as_ro.resource_server_consent (
  owner text collate "C" not null,
  resource_server text collate "C" not null,
  -- Names the consent in tokens; another one after it was ended and allowed again, so that tokens on the ended one stay dead.
  id text collate "C" not null,
  since bigint not null,
  last_used_at bigint,
  ended_at bigint,
  sequence bigint not null generated always as identity,
  constraint resource_server_consent_one primary key (owner, resource_server),
  constraint resource_server_consent_id unique (id)
);

-- However a consent begins or ends, that is on the record.
create function as_ro.record_consent() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into as_ro.audit (event, data)
  values (
    case when new.ended_at is null then 'consent_given' else 'consent_ended' end,
    jsonb_build_object('consent', new.id, 'owner', new.owner, 'resource_server', new.resource_server)
  );
  return null;
end
$$;
create trigger consent_made after insert on as_ro.resource_server_consent
  for each row execute function as_ro.record_consent();
create trigger consent_changed after update on as_ro.resource_server_consent
  for each row when (old.ended_at is distinct from new.ended_at) execute function as_ro.record_consent();

-- SHA-256 of tokens of 256 random bits. A used one is kept until it would have expired: presented again it ends its line (RFC 9700 4.14.2).
create table as_ro.protection_refresh_token (
  hash text collate "C" primary key,
  -- The hash of the first token of the line.
  line text collate "C" not null,
  resource_server text collate "C" not null,
  -- No foreign key: the id of a consent changes when it is allowed again, and tokens on the former one are worth nothing.
  consent_id text collate "C" not null,
  expires_at bigint not null,
  used_at bigint
);
create index protection_refresh_token_line on as_ro.protection_refresh_token (line);
create index protection_refresh_token_consent on as_ro.protection_refresh_token (consent_id);
create index protection_refresh_token_expiry on as_ro.protection_refresh_token (expires_at);
