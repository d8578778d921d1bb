-- From version 1 of the register to version 2. A node runs this itself when its role may; otherwise the owner of the database runs it with psql and
-- grants. Version 1 kept plain hashes of what was declared: they go. Stop the nodes of version 1 before; calls that they left unanswered are repeated with
-- their keys and declare nothing twice. Backups and archived logs of the server keep the old hashes until they are destroyed.
DROP TABLE dossiers.answers;
-- Idempotency keys: held by a call that is worked on (no body yet; "until" by the clock of this server), or answered. Keyed digests only: the key is
-- none of the database's.
CREATE TABLE dossiers.calls(scope bytea PRIMARY KEY, asked bytea NOT NULL, at bigint NOT NULL, exchange text NOT NULL, holder text NOT NULL, until bigint NOT NULL, body bytea);
CREATE INDEX calls_at ON dossiers.calls(at);
UPDATE dossiers.version SET version = 2;
