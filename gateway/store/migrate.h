#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/store/connection.h"

namespace cpis::store {

/// One numbered step of the schema: gateway/store/schema/NNNN_name.sql, compiled in. Statements end
/// with a semicolon, comments are whole lines, dialect tokens are those of dialect.h. A step that
/// was released is never edited; the next change is a new file.
struct Migration {
  std::int64_t number;
  std::string_view name;
  std::string_view sql;
};

/// All steps, from 1 without gaps.
std::span<const Migration> known_migrations();

/// Brings the schema up to date, all missing steps in one transaction, and notes each in
/// `schema_version`. On MariaDB, whose CREATE statements commit by themselves, a step that was cut
/// off is completed by running it again.
///
/// `conflict` when the store has a step this program does not know (it is newer), or knows with
/// another text.
Status migrate(Connection& connection, std::span<const Migration> steps = known_migrations());

/// The same refusals, and `conflict` when a step is missing, without changing anything.
Status check_schema(Connection& connection, std::span<const Migration> steps = known_migrations());

/// The statements of a step without comments.
std::vector<std::string> split_statements(std::string_view sql);

}  // namespace cpis::store
