-- Alerts that are pushed to subscribers (FHIR Subscription). Times are microseconds UTC.

-- What happened that somebody subscribed to, written with its cause. `state` is 0 until it has been
-- shared out to the subscriptions it is for, then 1.
CREATE TABLE happening (
  id {key:128} NOT NULL PRIMARY KEY,
  at {int} NOT NULL,
  state {int} NOT NULL,
  topic {key:64} NOT NULL,
  organisation {key:64} NOT NULL,
  subject {key:64} NOT NULL,
  focus {key:128} NOT NULL,
  content {blob} NOT NULL
) {table_by_key};
CREATE INDEX happening_waiting ON happening (state, at, id);

-- The number of the last event of each subscription. Numbers have no gaps.
CREATE TABLE subscription_line (
  subscription {key:64} NOT NULL PRIMARY KEY,
  last_event {int} NOT NULL
) {table_by_key};

CREATE TABLE subscription_event (
  subscription {key:64} NOT NULL,
  event_number {int} NOT NULL,
  happening {key:128} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (subscription, event_number)
) {table_by_key};
CREATE INDEX subscription_event_age ON subscription_event (at);
