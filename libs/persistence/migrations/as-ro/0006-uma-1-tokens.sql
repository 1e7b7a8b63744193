-- expand: RPTs of UMA 1.0, which permissions are added to; only for AS-ROs that serve the older dialect
--
-- Times are NumericDates. A token is known by its hash alone (256 random bits).

create table as_ro.uma1_token (
  token_hash text collate "C" primary key,
  -- Where a later token of the same AAT takes the place of this one: the AAT. Otherwise the token has a place of its own.
  place text collate "C" not null,
  aat_jti text collate "C" not null,
  client_id text collate "C" not null,
  requesting_party text collate "C" not null,
  -- Whom the token is for; nobody until it has a permission.
  resource_server text collate "C",
  issued_at bigint not null,
  expires_at bigint not null,
  constraint uma1_token_place unique (place),
  constraint uma1_token_times check (expires_at > issued_at)
);
create index uma1_token_expiry on as_ro.uma1_token (expires_at);

-- What one ticket has added. No foreign key to the token: when another one takes its place, what was added to it belongs to nobody.
create table as_ro.uma1_authorization (
  id bigint generated always as identity primary key,
  token_hash text collate "C" not null,
  issuer text collate "C" not null,
  ticket_jti text collate "C" not null,
  permissions jsonb not null,
  issued_at bigint not null,
  expires_at bigint not null,
  -- L13: even if the ledger of tickets had forgotten one, it yields nothing twice.
  constraint uma1_authorization_per_ticket unique (issuer, ticket_jti),
  constraint uma1_authorization_times check (expires_at > issued_at)
);
create index uma1_authorization_by_token on as_ro.uma1_authorization (token_hash);
create index uma1_authorization_expiry on as_ro.uma1_authorization (expires_at);

-- Which shares it rests on. As with RPTs of UMA 2.0, what is missing in share is the sign of withdrawal.
create table as_ro.uma1_authorization_share (
  authorization_id bigint not null,
  share_id text collate "C" not null,
  primary key (authorization_id, share_id),
  constraint share_of_uma1_authorization foreign key (authorization_id) references as_ro.uma1_authorization (id) on delete cascade
);
