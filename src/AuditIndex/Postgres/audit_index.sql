-- The search index in PostgreSQL (ledger page, section 16). Losable: rebuilt from the logs.
create schema audit_index;
create table audit_index.version(version integer not null);
insert into audit_index.version values(1);
create table audit_index.src(log bigint primary key, origin text not null unique, next bigint not null);
create table audit_index.dict(kind integer not null, id integer not null, text text not null, primary key(kind, id));
-- Sets of fields may be longer than an index entry holds: texts are found by their digest.
create unique index dict_text on audit_index.dict(kind, md5(text));
create table audit_index.rec(log bigint not null, idx bigint not null, dec bigint, ts bigint not null, lh integer not null, ev integer not null,
  org integer, cli integer, agent integer, office integer, op integer, purp integer, agr integer, code integer, rule integer, match integer,
  gate integer, terr integer, act integer, prov integer, fld integer, outcome integer not null, subj bytea, cref bytea, xid bytea, near integer, n bigint not null,
  primary key(log, idx, ts)) partition by range (ts);
create table audit_index.hourly(h bigint not null, org integer not null, cli integer not null, op integer not null, purp integer not null, agr integer not null,
  outcome integer not null, code integer not null, n bigint not null, primary key(h, org, cli, op, purp, agr, outcome, code));
create table audit_index.agent_day(d integer not null, cli integer not null, agent integer not null, n bigint not null, persons bigint not null, repeats bigint not null,
  missed bigint not null, primary key(d, cli, agent));
