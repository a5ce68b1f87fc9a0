-- Signed assertions that were used, until they expire: none is taken twice.

CREATE TABLE used_assertion (
  hash {bytes:32} NOT NULL PRIMARY KEY,
  used_by {key:64} NOT NULL,
  expires_at {int} NOT NULL
) {table_by_key};
CREATE INDEX used_assertion_expires ON used_assertion (expires_at);
