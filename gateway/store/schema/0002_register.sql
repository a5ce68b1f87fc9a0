-- What the embedded register holds: councils, the person index that stands for PDS, plans, looks
-- and the notices they owe. Days are days since 1970-01-01, times microseconds UTC.

CREATE TABLE council (
  ods_code {key:12} NOT NULL PRIMARY KEY,
  name {key:255} NOT NULL,
  office_phone {key:40} NOT NULL,
  emergency_phone {key:40} NOT NULL,
  updated_at {int} NOT NULL
) {table_by_key};

CREATE TABLE person_index (
  nhs_number {int_key},
  family {key:255} NOT NULL,
  given {key:255} NOT NULL,
  birth_day {int},
  is_sensitive {int} NOT NULL,
  superseded {int} NOT NULL
) {table};

CREATE TABLE superseded_by (
  nhs_number {int} NOT NULL,
  replacement {int} NOT NULL,
  PRIMARY KEY (nhs_number, replacement)
) {table_by_key};

CREATE TABLE held_plan (
  nhs_number {int} NOT NULL,
  council {key:12} NOT NULL,
  plan_type {int} NOT NULL,
  start_day {int} NOT NULL,
  start_minute {int} NOT NULL,
  end_day {int},
  end_minute {int},
  given {key:255} NOT NULL,
  family {key:255} NOT NULL,
  birth_day {int},
  is_mother {int} NOT NULL,
  local_id {key:64} NOT NULL,
  local_id_authority {key:255} NOT NULL,
  upload_sequence {int} NOT NULL,
  recorded_at {int} NOT NULL,
  record_id {key:32} NOT NULL,
  PRIMARY KEY (nhs_number, council, plan_type, start_day)
) {table_by_key};

CREATE TABLE upload (
  council {key:12} NOT NULL,
  sequence {int} NOT NULL,
  received_at {int} NOT NULL,
  content_hash {int} NOT NULL,
  outcome {int} NOT NULL,
  accepted {int} NOT NULL,
  rejected {int} NOT NULL,
  results {blob} NOT NULL,
  PRIMARY KEY (council, sequence)
) {table_by_key};

CREATE TABLE access_event (
  id {key:36} NOT NULL PRIMARY KEY,
  nhs_number {int} NOT NULL,
  at {int} NOT NULL,
  caller {text} NOT NULL
) {table_by_key};
CREATE INDEX access_event_at ON access_event (at);

CREATE TABLE notice (
  id {key:36} NOT NULL PRIMARY KEY,
  council {key:12} NOT NULL,
  kind {int} NOT NULL,
  created_at {int} NOT NULL,
  access_id {key:36},
  nhs_number {int} NOT NULL,
  local_id {key:64} NOT NULL,
  local_id_authority {key:255} NOT NULL,
  upload_sequence {int} NOT NULL,
  state {int} NOT NULL,
  file {key:128} NOT NULL,
  state_at {int} NOT NULL
) {table_by_key};
CREATE INDEX notice_state ON notice (state, council);
