/**
 * Schema 1: everything that the ledger keeps.
 *
 * STRICT tables: a value of the wrong type is an error, not a guess. Instants are integer
 * milliseconds. Keys of rows are integers in order of arrival, so that a new order touches as few
 * pages as possible; ids (`ord_…`) are hashes and stand in one index each. What never changes after
 * it is written (content of messages) lies apart from what changes often (their state).
 */
export const spine = `
create table meta (
  name text primary key,
  value integer not null
) strict, without rowid;
insert into meta (name, value) values ('commits', 0), ('puts', 0);

-- How many there are of everything, kept in the transaction that changes it: totals without counting.
create table tally (
  what text not null,
  name text not null,
  state text not null,
  count integer not null,
  primary key (what, name, state)
) strict, without rowid;

create table record (
  key integer primary key,
  id text not null unique,
  kind text not null,
  state text not null,
  version integer not null,
  created_at integer not null,
  -- References as stored, so that a later version can take them away.
  refs text not null,
  data text not null
) strict;
create index record_by_kind on record (kind, state);

create table reference (
  name text not null,
  value text not null,
  kind text not null,
  record integer not null references record (key),
  primary key (name, value, kind, record)
) strict, without rowid;

-- Who or what stood behind an event, and the file that it came by ('' where none): few rows, named by many events.
create table cause (
  key integer primary key,
  kind text not null,
  actor text not null,
  config_hash text not null,
  import text not null,
  file text not null,
  file_id text not null,
  unique (kind, actor, config_hash, import, file_id, file)
) strict;

create table event (
  seq integer primary key autoincrement,
  -- A record that was put in the same batch, by its key: new orders come in order of their keys, so that
  -- this index grows at its end, where one of ids would touch a page for each order.
  about integer references record (key),
  -- Anything else (message, file, export) by its id.
  subject text,
  name text not null,
  at integer not null,
  cause integer not null references cause (key),
  -- Number of the record in the file of the cause.
  row integer,
  because integer,
  -- Trace, before, after and text as JSON; null when there is none.
  data text
) strict;
create index event_by_record on event (about) where about is not null;
create index event_by_subject on event (subject) where subject is not null;

create table message (
  key integer primary key autoincrement,
  -- A digest of the dedupe key, hence one for each.
  id text not null unique,
  dedupe_key text not null,
  channel text not null,
  state text not null,
  reason text,
  subject text not null,
  created_at integer not null,
  due_at integer not null,
  expires_at integer,
  taken_at integer,
  finished_at integer,
  attempts integer not null default 0,
  response text,
  -- SMS: the number it goes to, and the account at a gateway from its lease on.
  destination text,
  account text,
  settled text not null default '[]',
  because integer
) strict;
create index message_by_state on message (state, channel, created_at);
create index message_due on message (channel, due_at) where state = 'queued';
create index message_by_subject on message (subject);

create table message_content (
  message integer primary key references message (key),
  data text not null
) strict;

-- Deliveries in flight or done, for the caps: how many were leased at an instant, and to whom.
create table sent_total (
  channel text not null,
  at integer not null,
  count integer not null,
  primary key (channel, at)
) strict, without rowid;
create table sent (
  channel text not null,
  address text not null,
  at integer not null,
  message integer not null references message (key),
  primary key (channel, address, at, message)
) strict, without rowid;

create table part (
  message integer not null references message (key),
  part integer not null,
  account text not null,
  smsc_id text not null,
  -- Lower case, no leading zeros.
  smsc_norm text not null,
  state text not null,
  destination text not null,
  at integer not null,
  primary key (message, part)
) strict, without rowid;
create index part_by_time on part (at);
create index part_by_smsc_id on part (smsc_norm, at) where smsc_norm <> '';

create table receipt (
  key integer primary key autoincrement,
  account text not null,
  smsc_id text not null,
  smsc_norm text not null,
  state text not null,
  destination text not null,
  error text,
  text text not null,
  at integer not null,
  message text,
  part integer,
  unique (smsc_norm, account, smsc_id, state, destination, at)
) strict;

create table timer (
  key integer primary key autoincrement,
  id text not null unique,
  name text not null,
  subject text not null,
  due_at integer not null,
  done_at integer,
  -- fired, cancelled, replaced
  outcome text
) strict;
create unique index timer_live on timer (subject, name) where done_at is null;
create index timer_due on timer (due_at) where done_at is null;

create table file (
  key integer primary key autoincrement,
  id text not null unique,
  import text not null,
  name text not null,
  size integer not null,
  sha256 text not null,
  state text not null,
  position integer not null,
  read integer not null,
  applied integer not null,
  repeated integer not null,
  updated integer not null,
  parked integer not null,
  refused integer not null,
  first_at integer not null,
  last_at integer not null
) strict;
create index file_by_import on file (import, last_at);
create index file_by_last on file (last_at);

create table export_file (
  key integer primary key autoincrement,
  id text not null unique,
  export text not null,
  sequence integer not null,
  name text not null,
  state text not null,
  taken_at integer not null,
  finished_at integer,
  sha256 text,
  lines integer not null,
  reason text,
  unique (export, sequence)
) strict;
create index export_file_writing on export_file (export, sequence) where state = 'writing';

create table export_line (
  seq integer primary key autoincrement,
  -- A digest of the export and the dedupe key, hence one for each.
  id text not null unique,
  export text not null,
  dedupe_key text not null,
  subject text not null,
  -- Lines of different parts are in different files.
  part text not null default '',
  file integer references export_file (key),
  because integer,
  fields text not null,
  trace text,
  -- Why it is never written, and the event that says so.
  voided text,
  voided_because integer
) strict;
create index export_line_open on export_line (export, seq) where file is null and voided is null;
create index export_line_voided on export_line (export) where voided is not null;
create index export_line_by_file on export_line (file, seq) where file is not null;
create index export_line_by_subject on export_line (subject);

create table slot (
  schedule text not null,
  due_at integer not null,
  ran_at integer not null,
  primary key (schedule, due_at)
) strict, without rowid;
`
