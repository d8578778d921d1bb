-- Brings a status list of version 2 to version 3, in one transaction, while no program uses it: certificates can be stopped too. Run by the owner of the
-- database with psql.
BEGIN;
ALTER TABLE token_status.suspended DROP CONSTRAINT suspended_kind_check;
ALTER TABLE token_status.suspended ADD CONSTRAINT suspended_kind_check CHECK (kind IN ('Institution', 'Client', 'Agreement', 'Issuer', 'Certificate'));
UPDATE token_status.version SET version = 3;
COMMIT;
