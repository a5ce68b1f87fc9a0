-- What travels between councils and CP-IS over MESH. Times are microseconds UTC, days since
-- 1970-01-01.

-- Uploads, one row for each number that was ever used, for ever: a number is used once. `state` and
-- `trouble` are those of gateway/usecases/mesh_book.h; the extract's identity is kept here until
-- CP-IS has taken it.
CREATE TABLE mesh_upload (
  council {key:12} NOT NULL,
  sequence {int} NOT NULL,
  state {int} NOT NULL,
  local_id {key:64} NOT NULL,
  message_id {key:100} NOT NULL,
  attempts {int} NOT NULL,
  again {int} NOT NULL,
  next_at {int} NOT NULL,
  made_at {int} NOT NULL,
  settled_at {int},
  outcome {key:32} NOT NULL,
  trouble {key:255} NOT NULL,
  digest {key:64} NOT NULL,
  made_day {int},
  open_cpp {int} NOT NULL,
  open_lac {int} NOT NULL,
  open_ucp {int} NOT NULL,
  content {blob} NOT NULL,
  PRIMARY KEY (council, sequence)
) {table_by_key};
CREATE INDEX mesh_upload_state ON mesh_upload (council, state);

-- Files that came, kept before they are acknowledged.
CREATE TABLE mesh_message (
  mailbox {key:100} NOT NULL,
  message_id {key:100} NOT NULL,
  kind {int} NOT NULL,
  sender {key:100} NOT NULL,
  workflow {key:300} NOT NULL,
  local_id {key:300} NOT NULL,
  linked_id {key:100} NOT NULL,
  status_code {key:32} NOT NULL,
  received_at {int} NOT NULL,
  digest {bytes:32} NOT NULL,
  state {int} NOT NULL,
  acknowledged {int} NOT NULL,
  what {key:64} NOT NULL,
  content {blob} NOT NULL,
  PRIMARY KEY (mailbox, message_id)
) {table_by_key};
CREATE INDEX mesh_message_state ON mesh_message (mailbox, state, received_at);
CREATE INDEX mesh_message_digest ON mesh_message (mailbox, digest);
