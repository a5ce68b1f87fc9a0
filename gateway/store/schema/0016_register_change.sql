-- Whose plans an upload changed, a row for each of its transactions: other processes on the store
-- bring by it what they hold in memory up to date. `state` is 0 until subscribers have been told.
-- A line of `plans` is `NUMBER P` for a plan that was put, `NUMBER D ID` for one taken away.
CREATE TABLE register_change (
  council {key:12} NOT NULL,
  sequence {int} NOT NULL,
  part {int} NOT NULL,
  at {int} NOT NULL,
  state {int} NOT NULL,
  plans {blob} NOT NULL,
  PRIMARY KEY (council, sequence, part)
) {table_by_key};
CREATE INDEX register_change_state ON register_change (state, at);
