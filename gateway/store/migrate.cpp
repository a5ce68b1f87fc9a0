#include "gateway/store/migrate.h"

#include <cstddef>
#include <optional>
#include <utility>

namespace cpis::store {
namespace {

constexpr std::string_view version_table =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    " number {int_key}, name {key:100} NOT NULL, checksum {int} NOT NULL) {table}";

struct Applied {
  std::int64_t number;
  std::int64_t checksum;
};

// FNV-1a. It finds an edited step, it does not defend against anyone.
std::int64_t checksum_of(const std::vector<std::string>& statements) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const std::string& statement : statements) {
    for (const char c : statement) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
  }
  return static_cast<std::int64_t>(hash >> 1U);
}

Result<std::vector<Applied>> read_applied(Connection& connection) {
  std::vector<Applied> applied;
  const Status read =
      connection.query("SELECT number, checksum FROM schema_version ORDER BY number", {},
                       [&](const Row& row) -> Status {
                         applied.push_back({row.integer(0), row.integer(1)});
                         return done;
                       });
  if (!read) return read.error();
  return applied;
}

Status compare(const std::vector<Applied>& applied, std::span<const Migration> steps) {
  if (applied.size() > steps.size()) {
    return Error{ErrorKind::conflict,
                 "the store has schema " + std::to_string(applied.back().number) +
                     ", this program knows " + std::to_string(steps.size()) +
                     "; use the newer program, or restore the backup made before it"};
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const Migration& step = steps[i];
    if (applied[i].number != step.number ||
        applied[i].checksum != checksum_of(split_statements(step.sql))) {
      return Error{ErrorKind::conflict, "the store's schema step " +
                                            std::to_string(applied[i].number) +
                                            " is not the one this program has; it was made by "
                                            "another build"};
    }
  }
  return done;
}

// Where CREATE and DROP commit by themselves, a table or index that exists, or an index that does
// not any more, is left from a step that was cut off.
bool was_done_before(const Connection& connection, const Error& error) {
  return connection.dialect() != Dialect::sqlite && error.kind == ErrorKind::conflict;
}

Status apply(Connection& connection, const Migration& step) {
  const std::vector<std::string> statements = split_statements(step.sql);
  for (const std::string& statement : statements) {
    if (const auto run = connection.execute(statement);
        !run && !was_done_before(connection, run.error())) {
      return Error{run.error().kind,
                   "schema step " + std::string{step.name} + ": " + run.error().message};
    }
  }
  const auto noted = connection.execute("INSERT INTO schema_version VALUES (?, ?, ?)",
                                        {step.number, step.name, checksum_of(statements)});
  if (!noted) return noted.error();
  return done;
}

Status in_transaction(Connection& connection, const Work& work) {
  if (Status begun = connection.begin_write(); !begun) return begun;
  Status status = work(connection);
  if (status) status = connection.commit();
  if (!status) connection.rollback();
  return status;
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string without_comments(std::string_view sql) {
  std::string out;
  while (!sql.empty()) {
    const std::size_t end = sql.find('\n');
    const std::string_view line = trim(sql.substr(0, end));
    if (!line.starts_with("--") && !line.empty()) out += std::string{line} + "\n";
    if (end == std::string_view::npos) break;
    sql.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql) {
  const std::string text = without_comments(sql);
  std::vector<std::string> statements;
  std::string_view rest{text};
  while (!rest.empty()) {
    const std::size_t end = rest.find(";\n");
    if (const auto statement = trim(rest.substr(0, end)); !statement.empty()) {
      statements.emplace_back(statement);
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  return statements;
}

Status migrate(Connection& connection, std::span<const Migration> steps) {
  Status made = in_transaction(connection, [&](Session&) -> Status {
    const auto table = connection.execute(version_table);
    if (!table) return table.error();
    return done;
  });
  if (!made) return made;
  const auto applied = read_applied(connection);
  if (!applied) return applied.error();
  if (const Status same = compare(*applied, steps); !same) return same;
  // All or nothing, and one flush; where CREATE commits by itself, step by step.
  const auto missing = steps.subspan(applied->size());
  const std::size_t together = connection.dialect() == Dialect::sqlite ? missing.size() : 1;
  for (std::size_t at = 0; at < missing.size(); at += together) {
    Status stepped = in_transaction(connection, [&](Session&) -> Status {
      for (const Migration& step : missing.subspan(at, together)) {
        if (Status applied_one = apply(connection, step); !applied_one) return applied_one;
      }
      return done;
    });
    if (!stepped) return stepped;
  }
  return done;
}

Status check_schema(Connection& connection, std::span<const Migration> steps) {
  const auto applied = read_applied(connection);
  if (!applied) return applied.error();
  if (const Status same = compare(*applied, steps); !same) return same;
  if (applied->size() == steps.size()) return done;
  return Error{
      ErrorKind::conflict,
      "the store's schema is older than this program; start the gateway once to update it"};
}

}  // namespace cpis::store
