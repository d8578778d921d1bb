-- Quotas of several gateway nodes, version 1. A gateway runs this itself when it finds no schema and its role may create one; otherwise the
-- owner of the database runs it with psql and grants (README, "Quotas"). Never make a table here UNLOGGED: a crash would empty it.
CREATE SCHEMA gateway_quota;
CREATE TABLE gateway_quota.version(version integer NOT NULL);
INSERT INTO gateway_quota.version VALUES (1);

-- One row for each grant, and one without a name for each agreement as a whole: whoever decides about a grant holds both locked, in the order of
-- their ids, so its other rows need no locks of their own.
CREATE TABLE gateway_quota.grants(
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agreement text NOT NULL, name text NOT NULL, second bigint NOT NULL DEFAULT 0, burst integer NOT NULL DEFAULT 0, UNIQUE(agreement, name)) WITH (fillfactor = 50);

-- kept: charged for good; held: of calls under way. Months and days are numbers of civil months and days in Africa/Casablanca.
CREATE TABLE gateway_quota.months(quota integer, month integer, kept bigint NOT NULL, held bigint NOT NULL, PRIMARY KEY(quota, month)) WITH (fillfactor = 50);
CREATE TABLE gateway_quota.days(quota integer, day integer, calls_kept bigint NOT NULL, calls_held bigint NOT NULL, misses_kept bigint NOT NULL, misses_held bigint NOT NULL,
    people_kept bigint NOT NULL, people_held bigint NOT NULL, PRIMARY KEY(quota, day)) WITH (fillfactor = 50);

-- kind 0: a person, by a keyed pseudonym of 16 bytes; 1: an agent; 2: an office; 3: a calling system with its misses. Gone after two days.
CREATE TABLE gateway_quota.tallies(quota integer, day integer, kind smallint, name bytea, kept bigint NOT NULL, held bigint NOT NULL, matches bigint NOT NULL,
    PRIMARY KEY(quota, day, kind, name)) WITH (fillfactor = 80);

-- Shares of calls under way. What a dead node left is settled by its next start, from its own log.
CREATE TABLE gateway_quota.leases(exchange text PRIMARY KEY, node text NOT NULL, quota integer NOT NULL, day integer NOT NULL, person bytea, client text NOT NULL, office text, agent text);
CREATE INDEX leases_node ON gateway_quota.leases(node);

-- Open batches. They end with their node's process, so its next start deletes what is left.
CREATE TABLE gateway_quota.batches(batch text PRIMARY KEY, node text NOT NULL, quota integer NOT NULL);
