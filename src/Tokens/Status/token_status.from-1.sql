-- Brings a status list of version 1 to version 2, in one transaction, while no program uses it. Run by the owner of the database with psql; grant on the
-- new table as on the others.
BEGIN;
CREATE TABLE token_status.party_acts(
    agreement text NOT NULL, party text NOT NULL, issued bigint NOT NULL, id text NOT NULL, stops boolean NOT NULL, reason text NOT NULL, until bigint,
    statement text NOT NULL, PRIMARY KEY(agreement, party));
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON token_status.party_acts FOR EACH STATEMENT EXECUTE FUNCTION token_status.changed();
UPDATE token_status.version SET version = 2;
COMMIT;
