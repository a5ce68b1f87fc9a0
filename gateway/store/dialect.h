#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::store {

/// The SQL of the two engines where it differs. SQL in this project is written once; `{tokens}`
/// stand for the differences, and each connection resolves them when it prepares a statement.
///
/// In statements:
///
///     {on_conflict_ignore:id}   after VALUES (...): an existing key is left as it is, 0 rows.
///                               SQLite: ON CONFLICT DO NOTHING
///                               MariaDB: ON DUPLICATE KEY UPDATE id = id  (any column of the
///                               table)
///     {upsert:a,b}              after VALUES (...): an existing row with this key is updated by
///                               the assignments that follow.
///                               SQLite: ON CONFLICT (a,b) DO UPDATE SET
///                               MariaDB: ON DUPLICATE KEY UPDATE
///     {new:column}              inside such an assignment: the value that was to be inserted.
///                               SQLite: excluded.column     MariaDB: VALUES(column)
///     {for_update}              at the end of a SELECT inside a write: locks the rows read.
///                               SQLite: nothing (one writer) MariaDB: FOR UPDATE
///
/// In migrations:
///
///     {int}          64-bit integer           INTEGER              BIGINT
///     {int_key}      its primary key, given by the caller
///                                             INTEGER PRIMARY KEY  BIGINT NOT NULL PRIMARY KEY
///     {key:n}        text of at most n characters, can be indexed, compared by code point
///                                             TEXT                 VARCHAR(n)
///     {bytes:n}      at most n bytes, can be indexed
///                                             BLOB                 VARBINARY(n)
///     {text}         long text                TEXT                 LONGTEXT
///     {blob}         long bytes               BLOB                 LONGBLOB
///     {table}        closes CREATE TABLE (...): strict types; UTF-8, no padding, InnoDB
///     {table_by_key} the same, stored in the order of its primary key
///     {only:cond}    closes CREATE INDEX: index just these rows
///                                             WHERE cond           (all rows)
///     {on:table}     closes DROP INDEX        nothing              ON table
enum class Dialect { sqlite, mariadb, mysql };

/// `sql` with its tokens resolved; `fault` for a token that does not exist (a bug, found by the
/// first test that prepares the statement).
Result<std::string> resolve(Dialect dialect, std::string_view sql);

}  // namespace cpis::store
