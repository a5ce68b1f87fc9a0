-- What each council and CP-IS have told each other, so that a run sends only what changed. Days are
-- days since 1970-01-01, times microseconds UTC.

-- The newest extract that was used whole: the next one is compared with it.
CREATE TABLE council_extract (
  council {key:12} NOT NULL PRIMARY KEY,
  digest {key:64} NOT NULL,
  made_day {int},
  open_cpp {int} NOT NULL,
  open_lac {int} NOT NULL,
  open_ucp {int} NOT NULL,
  used_at {int} NOT NULL
) {table_by_key};

-- Every record that was ever sent. `accepted` is what CP-IS holds by its last acceptance,
-- `attempted` what an upload without a good answer said; empty when there is none. `life` and
-- `outcome` are those of adapters/social_care/lifecycle.h.
CREATE TABLE council_record (
  council {key:12} NOT NULL,
  person_key {key:255} NOT NULL,
  plan_type {int} NOT NULL,
  start_day {int} NOT NULL,
  life {int} NOT NULL,
  since_day {int} NOT NULL,
  sequence {int} NOT NULL,
  outcome {int} NOT NULL,
  accepted {key:96} NOT NULL,
  attempted {key:96} NOT NULL,
  PRIMARY KEY (council, person_key, plan_type, start_day)
) {table_by_key};

-- What people at the council have to do. The key is the SHA-256 of the matter's id.
CREATE TABLE council_work (
  council {key:12} NOT NULL,
  matter {bytes:32} NOT NULL,
  kind {int} NOT NULL,
  person_key {text} NOT NULL,
  subject {text} NOT NULL,
  reason {text} NOT NULL,
  remedy {text} NOT NULL,
  is_restricted {int} NOT NULL,
  child_age {int},
  days_on_plan {int},
  since_day {int} NOT NULL,
  is_open {int} NOT NULL,
  taken_by {key:255} NOT NULL,
  steps {text} NOT NULL,
  PRIMARY KEY (council, matter)
) {table_by_key};
