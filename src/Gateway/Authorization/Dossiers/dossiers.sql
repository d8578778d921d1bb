-- The register of declared dossiers, version 2. The first node that finds no schema runs this when its role may create one; otherwise the
-- owner of the database runs it with psql and grants.
CREATE SCHEMA dossiers;
CREATE TABLE dossiers.version(version integer NOT NULL);
INSERT INTO dossiers.version VALUES (2);
CREATE TABLE dossiers.names(id integer PRIMARY KEY, agreement text NOT NULL, quality text NOT NULL, UNIQUE(agreement, quality));
-- Up to 64 declarations of 44 bytes a row, in the order in which they were accepted; "first" is the place of the first of them.
CREATE TABLE dossiers.declared(first bigint PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE dossiers.declared ALTER COLUMN body SET STORAGE EXTERNAL;
-- Idempotency keys: held by a call that is worked on (no body yet; "until" by the clock of this server), or answered. Keyed digests only: the key is
-- none of the database's.
CREATE TABLE dossiers.calls(scope bytea PRIMARY KEY, asked bytea NOT NULL, at bigint NOT NULL, exchange text NOT NULL, holder text NOT NULL, until bigint NOT NULL, body bytea);
CREATE INDEX calls_at ON dossiers.calls(at);
