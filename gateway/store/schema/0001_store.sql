-- What every part of the gateway keeps: messages in, messages out, the audit trail, resources,
-- counters and leases. Times are microseconds since 1970 in UTC. Row ids are given by the program
-- (RowIds), grow with time, and make a repeated insert harmless.

-- Messages as they arrived. Acknowledged only once they are here.
-- state: 0 waiting, 1 working, 2 done, 3 quarantined
CREATE TABLE inbox (
  id {int_key},
  feed {key:64} NOT NULL,
  sender {key:255} NOT NULL,
  control_id {key:199} NOT NULL,
  content_hash {bytes:32} NOT NULL,
  reuse {int} NOT NULL,
  received_at {int} NOT NULL,
  body {blob} NOT NULL,
  state {int} NOT NULL,
  attempts {int} NOT NULL,
  not_before {int} NOT NULL,
  claimed_by {key:64},
  claimed_until {int},
  patient_key {key:64},
  event_at {int},
  settled_at {int},
  reason {key:500}
) {table};
CREATE UNIQUE INDEX inbox_once ON inbox (sender, control_id, content_hash, reuse);
CREATE INDEX inbox_open ON inbox (state, id) {only:state < 2};
CREATE INDEX inbox_patient ON inbox (patient_key, id) {only:state < 2};
CREATE INDEX inbox_quarantined ON inbox (state, settled_at) {only:state = 3};

-- Messages to be delivered, kept until someone took them or a person gave up on them.
-- state: 0 waiting, 1 working, 2 delivered, 3 dead
CREATE TABLE outbox (
  id {int_key},
  kind {key:64} NOT NULL,
  destination {key:255} NOT NULL,
  order_key {key:128},
  correlation_id {key:64} NOT NULL,
  content_type {key:100} NOT NULL,
  payload {blob} NOT NULL,
  created_at {int} NOT NULL,
  next_attempt_at {int} NOT NULL,
  attempts {int} NOT NULL,
  state {int} NOT NULL,
  claimed_by {key:64},
  claimed_until {int},
  settled_at {int},
  last_error {key:500}
) {table};
CREATE INDEX outbox_open ON outbox (state, next_attempt_at, id) {only:state < 2};
CREATE INDEX outbox_order ON outbox (destination, order_key, id) {only:state < 2};
CREATE INDEX outbox_dead ON outbox (state, settled_at) {only:state = 3};

-- Who asked and did what. Rows are only ever added; each carries the hash of the one before it in
-- its chain (one chain for each gateway), so a changed or missing row shows.
CREATE TABLE audit (
  chain {int} NOT NULL,
  seq {int} NOT NULL,
  at {int} NOT NULL,
  correlation_id {key:64} NOT NULL,
  actor_id {key:128} NOT NULL,
  actor_name {key:200} NOT NULL,
  actor_role {key:200} NOT NULL,
  organisation {key:200} NOT NULL,
  source {key:200} NOT NULL,
  action {key:64} NOT NULL,
  subject {key:128} NOT NULL,
  outcome {key:64} NOT NULL,
  detail {text} NOT NULL,
  prev_hash {bytes:32} NOT NULL,
  hash {bytes:32} NOT NULL,
  PRIMARY KEY (chain, seq)
) {table_by_key};
CREATE INDEX audit_subject ON audit (subject, at);

-- The current version of each resource. change_id grows with each change, over all types.
CREATE TABLE resource (
  type {key:64} NOT NULL,
  id {key:64} NOT NULL,
  version {int} NOT NULL,
  updated_at {int} NOT NULL,
  change_id {int} NOT NULL,
  deleted {int} NOT NULL,
  body {blob} NOT NULL,
  PRIMARY KEY (type, id)
) {table};
CREATE INDEX resource_changed ON resource (change_id);

-- The versions before the current one.
CREATE TABLE resource_history (
  type {key:64} NOT NULL,
  id {key:64} NOT NULL,
  version {int} NOT NULL,
  updated_at {int} NOT NULL,
  change_id {int} NOT NULL,
  deleted {int} NOT NULL,
  body {blob} NOT NULL,
  PRIMARY KEY (type, id, version)
) {table};

-- Durable sequences: a number that was committed is never given again.
CREATE TABLE counter (
  name {key:100} NOT NULL,
  value {int} NOT NULL,
  PRIMARY KEY (name)
) {table_by_key};

-- Work that only one gateway of several may do at a time. fence grows with each new holder.
CREATE TABLE lease (
  name {key:100} NOT NULL,
  holder {key:100} NOT NULL,
  expires_at {int} NOT NULL,
  fence {int} NOT NULL,
  PRIMARY KEY (name)
) {table_by_key};
