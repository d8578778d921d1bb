-- Idempotency keys of batches that several gateway nodes share, version 1. A gateway runs this itself when it finds no schema and its role may create
-- one; otherwise the owner of the database runs it with psql and grants. Never make a table here UNLOGGED: a crash would free every key.
CREATE SCHEMA gateway_keys;
CREATE TABLE gateway_keys.version(version integer NOT NULL);
INSERT INTO gateway_keys.version VALUES (1);

-- scope: system, agreement, purpose, operation and key; asked: the body. Both are keyed digests, whose key is not in the database.
CREATE TABLE gateway_keys.batches(scope bytea PRIMARY KEY, asked bytea NOT NULL, node text NOT NULL, batch text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX batches_at ON gateway_keys.batches(at);
