-- Questions to the national service, one row for each, for ever: a question is asked once. `state`
-- and `outcome` are those of adapters/spine/exchange.h; `answer` is the message as it came.
CREATE TABLE spine_exchange (
  question_id {key:36} NOT NULL PRIMARY KEY,
  message_id {key:64} NOT NULL,
  nhs_number {int} NOT NULL,
  pattern {int} NOT NULL,
  asked_at {int} NOT NULL,
  deadline_at {int} NOT NULL,
  keep_until {int} NOT NULL,
  attempts {int} NOT NULL,
  state {int} NOT NULL,
  outcome {int} NOT NULL,
  maybe_received {int} NOT NULL,
  error_kind {int} NOT NULL,
  error_text {key:255} NOT NULL,
  answered_at {int},
  is_late {int} NOT NULL,
  answer {blob} NOT NULL
){table_by_key};
CREATE UNIQUE INDEX spine_exchange_message ON spine_exchange (message_id);
CREATE INDEX spine_exchange_open ON spine_exchange (state, deadline_at);
CREATE INDEX spine_exchange_late ON spine_exchange (is_late, answered_at);

-- Messages from the national service that nothing here refers to. Acknowledged and kept for a
-- person to look at.
CREATE TABLE spine_parked (
  message_id {key:128} NOT NULL PRIMARY KEY,
  ref_to {key:128} NOT NULL,
  action {key:64} NOT NULL,
  received_at {int} NOT NULL,
  body {blob} NOT NULL
){table_by_key};
