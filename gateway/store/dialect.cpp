#include "gateway/store/dialect.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cpis::store {
namespace {

// `$` stands for the token's argument.
struct Token {
  std::string_view name;
  std::string_view sqlite;
  std::string_view mariadb;
  std::string_view mysql;
};

constexpr std::string_view unused{};

constexpr std::array tokens{
    Token{"blob", "BLOB", "LONGBLOB", "LONGBLOB"},
    Token{"bytes", "BLOB", "VARBINARY($)", "VARBINARY($)"},
    Token{"for_update", unused, "FOR UPDATE", "FOR UPDATE"},
    Token{"int", "INTEGER", "BIGINT", "BIGINT"},
    Token{"int_key", "INTEGER PRIMARY KEY", "BIGINT NOT NULL PRIMARY KEY",
          "BIGINT NOT NULL PRIMARY KEY"},
    Token{"key", "TEXT", "VARCHAR($)", "VARCHAR($)"},
    Token{"new", "excluded.$", "VALUES($)", "VALUES($)"},
    Token{"on", unused, "ON $", "ON $"},
    Token{"on_conflict_ignore", "ON CONFLICT DO NOTHING", "ON DUPLICATE KEY UPDATE $ = $",
          "ON DUPLICATE KEY UPDATE $ = $"},
    Token{"only", "WHERE $", unused, unused},
    // utf8mb4_bin would pad: 'a' and 'a ' would be one key there and two in SQLite.
    Token{"table", "STRICT",
          "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
          "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
    Token{"table_by_key", "STRICT, WITHOUT ROWID",
          "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
          "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
    Token{"text", "TEXT", "LONGTEXT", "LONGTEXT"},
    Token{"upsert", "ON CONFLICT ($) DO UPDATE SET", "ON DUPLICATE KEY UPDATE",
          "ON DUPLICATE KEY UPDATE"},
};

std::string_view text_for(const Token& token, Dialect dialect) {
  switch (dialect) {
    case Dialect::sqlite:
      return token.sqlite;
    case Dialect::mariadb:
      return token.mariadb;
    case Dialect::mysql:
      return token.mysql;
  }
  return {};
}

void append(std::string& out, std::string_view pattern, std::string_view argument) {
  for (const char c : pattern) {
    if (c == '$') {
      out += argument;
    } else {
      out += c;
    }
  }
}

}  // namespace

Result<std::string> resolve(Dialect dialect, std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 32);
  while (true) {
    const std::size_t open = sql.find('{');
    out += sql.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = sql.find('}', open);
    if (close == std::string_view::npos) {
      return Error{ErrorKind::fault, "SQL: a dialect token is not closed"};
    }
    const std::string_view inside = sql.substr(open + 1, close - open - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const auto* token = std::ranges::find(tokens, name, &Token::name);
    if (token == tokens.end()) {
      return Error{ErrorKind::fault, "SQL: unknown dialect token {" + std::string{name} + "}"};
    }
    append(out, text_for(*token, dialect),
           colon == std::string_view::npos ? std::string_view{} : inside.substr(colon + 1));
    sql.remove_prefix(close + 1);
  }
}

}  // namespace cpis::store
