-- The memory of used ids, version 1. The authority runs this itself when it finds no schema and its role may create one; otherwise the
-- owner of the database runs it with psql and grants (README, "PostgreSQL"). Never make a table here UNLOGGED: a crash would empty it.
CREATE SCHEMA token_replay;
CREATE TABLE token_replay.version(version integer NOT NULL);
INSERT INTO token_replay.version VALUES (1);

-- handle: 16 bytes of a hash; forget: Unix seconds after which the id cannot be valid any more.
CREATE TABLE token_replay.handles(handle bytea PRIMARY KEY, forget bigint NOT NULL) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- What each running node has counted for owners with many live ids: the bound for one owner holds over all nodes.
CREATE TABLE token_replay.owners(writer bigint, owner bigint, slot bigint, live integer NOT NULL, PRIMARY KEY(writer, owner, slot));
