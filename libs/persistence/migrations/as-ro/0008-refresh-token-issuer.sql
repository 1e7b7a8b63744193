-- expand: who vouched for the person of a refresh token, so that it ends when that issuer is trusted no more

-- Absent in rows from before.
alter table as_ro.refresh_token add column issuer text collate "C";
