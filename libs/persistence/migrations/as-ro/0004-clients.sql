-- expand: clients that registered themselves (RFC 7591, RFC 7592)

create table as_ro.client (
  id text collate "C" primary key,
  metadata jsonb not null,
  -- SHA-256 (base64url) of 256 random bits each: neither the secret nor the registration access token is kept.
  secret_hash text collate "C",
  registration_token_hash text collate "C" not null,
  issued_at bigint not null,
  constraint client_hashes check (length(registration_token_hash) = 43 and length(secret_hash) = 43)
);
