-- The status list, version 3. A list of version 1 is brought to version 2 by token_status.from-1.sql, and from there by token_status.from-2.sql. The first program that finds no schema runs this when its role may create one; otherwise the owner of the
-- database runs it with psql and grants (README, "PostgreSQL").
CREATE SCHEMA token_status;
CREATE TABLE token_status.version(version integer NOT NULL, changes bigint NOT NULL);
INSERT INTO token_status.version VALUES (3, 0);
CREATE TABLE token_status.revoked(jti text PRIMARY KEY, exp bigint NOT NULL);
CREATE TABLE token_status.denied_keys(kid text PRIMARY KEY, until bigint NOT NULL);
CREATE TABLE token_status.suspended(
    kind text NOT NULL CHECK (kind IN ('Institution', 'Client', 'Agreement', 'Issuer', 'Certificate')),
    id text NOT NULL, since bigint NOT NULL, reason text NOT NULL, PRIMARY KEY(kind, id));
CREATE TABLE token_status.party_acts(
    agreement text NOT NULL, party text NOT NULL, issued bigint NOT NULL, id text NOT NULL, stops boolean NOT NULL, reason text NOT NULL, until bigint,
    statement text NOT NULL, PRIMARY KEY(agreement, party));

-- Every change counts and wakes the readers, whoever makes it: also a person with psql.
CREATE FUNCTION token_status.changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE token_status.version SET changes = changes + 1;
    NOTIFY token_status;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON token_status.revoked FOR EACH STATEMENT EXECUTE FUNCTION token_status.changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON token_status.denied_keys FOR EACH STATEMENT EXECUTE FUNCTION token_status.changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON token_status.suspended FOR EACH STATEMENT EXECUTE FUNCTION token_status.changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON token_status.party_acts FOR EACH STATEMENT EXECUTE FUNCTION token_status.changed();
