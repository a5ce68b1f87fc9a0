-- People and attendances as hospitals describe them, reduced to what decisions need; what FHIR
-- clients read is in `resource`. check_state: 0 not asked, 1 asked, 2 records, 3 none held,
-- 4 could not be asked, 5 a person has to look.

CREATE TABLE patient_identity (
  identity {key:255} NOT NULL PRIMARY KEY,
  patient_id {key:64} NOT NULL
) {table_by_key};

CREATE TABLE patient_state (
  patient_id {key:64} NOT NULL PRIMARY KEY,
  nhs_number {int},
  birth_day {int},
  shielded {int} NOT NULL,
  survivor {key:64} NOT NULL,
  updated_at {int} NOT NULL
) {table_by_key};

CREATE TABLE attendance (
  id {key:64} NOT NULL PRIMARY KEY,
  visit_key {key:255} NOT NULL,
  patient_id {key:64} NOT NULL,
  feed {key:64} NOT NULL,
  state {int} NOT NULL,
  patient_class {int} NOT NULL,
  started_at {int},
  last_event_at {int} NOT NULL,
  decision {int} NOT NULL,
  check_state {int} NOT NULL,
  question_id {key:36} NOT NULL,
  checked_at {int},
  updated_at {int} NOT NULL
) {table_by_key};
CREATE UNIQUE INDEX attendance_visit ON attendance (visit_key);
CREATE INDEX attendance_open ON attendance (check_state, updated_at);
