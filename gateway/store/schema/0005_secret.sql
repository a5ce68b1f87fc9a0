-- Random values that belong to this store and never leave it: keys of opaque ids.

CREATE TABLE store_secret (
  name {key:64} NOT NULL PRIMARY KEY,
  value {key:128} NOT NULL
) {table_by_key};
