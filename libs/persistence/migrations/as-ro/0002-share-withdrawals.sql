-- expand: which shares were withdrawn lately, so that resource servers hear of RPTs that ended before their time
--
-- A row is needed until the last RPT on the share has expired: 10 minutes, and the skew. Housekeeping removes it then.

create table as_ro.share_withdrawal (
  share_id text collate "C" primary key,
  -- When the row was deleted; its transaction commits at most a statement timeout later, so readers look back a little.
  withdrawn_at timestamptz not null default clock_timestamp(),
  expires_at bigint not null default extract(epoch from clock_timestamp())::bigint + 660
);
create index share_withdrawal_by_time on as_ro.share_withdrawal (withdrawn_at);
create index share_withdrawal_expiry on as_ro.share_withdrawal (expires_at);

create or replace function as_ro.record_share_removal() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into as_ro.audit (event, data)
  values ('share_removed', jsonb_build_object('share', old.id, 'resource', old.resource_id, 'owner', old.owner));
  insert into as_ro.share_withdrawal (share_id) values (old.id) on conflict do nothing;
  return null;
end
$$;
