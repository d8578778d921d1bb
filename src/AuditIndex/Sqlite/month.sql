-- One local month of the search index (ledger page, section 16). Losable: rebuilt from the logs.
create table log(log integer primary key, origin text not null unique);
create table span(log integer not null, first integer not null, next integer not null, primary key(log, first)) without rowid;
create table dict(kind integer not null, id integer not null, text text not null, primary key(kind, id), unique(kind, text)) without rowid;
create table rec(log integer not null, idx integer not null, dec integer, ts integer not null, lh integer not null, ev integer not null,
  org integer, cli integer, agent integer, office integer, op integer, purp integer, agr integer, code integer, rule integer, match integer,
  gate integer, terr integer, act integer, prov integer, fld integer, outcome integer not null, subj blob, cref blob, xid blob, near integer, n integer not null,
  primary key(log, idx)) without rowid;
-- Absent members are 0 in the roll-ups.
create table hourly(h integer not null, org integer not null, cli integer not null, op integer not null, purp integer not null, agr integer not null,
  outcome integer not null, code integer not null, n integer not null, primary key(h, org, cli, op, purp, agr, outcome, code)) without rowid;
create table agent_day(d integer not null, cli integer not null, agent integer not null, n integer not null, persons integer not null, repeats integer not null,
  missed integer not null, primary key(d, cli, agent)) without rowid;
pragma user_version = 1;
