#pragma once

#include <cppconn/connection.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/store/connection.h"
#include "gateway/store/mysql_url.h"

namespace cpis::store {

/// A connection through MySQL Connector/C++ (the classic interface) with its prepared statements.
/// Once it is lost it is thrown away whole: session state, transaction and statements died with it.
class MysqlConnection final : public Connection {
 public:
  enum class Role { writer, reader };

  /// Connects to one endpoint and sets the session's state. `unavailable` when the server does not
  /// answer, is a cluster node that is not ready, or, for a writer, accepts no writes.
  static Result<std::unique_ptr<MysqlConnection>> open(const MysqlUrl& url,
                                                       const MysqlUrl::Endpoint& endpoint,
                                                       Role role,
                                                       std::chrono::seconds statement_time_max);

  explicit MysqlConnection(std::unique_ptr<sql::Connection> connection);
  ~MysqlConnection() override;
  MysqlConnection(const MysqlConnection&) = delete;
  MysqlConnection& operator=(const MysqlConnection&) = delete;

  using Session::execute;
  using Session::query;
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> params) override;
  Status query(std::string_view sql, std::span<const Value> params,
               const RowReader& reader) override;

  Dialect dialect() const override { return dialect_; }
  Status begin_write() override;
  Status begin_read() override;
  Status commit() override;
  void rollback() override;
  Status set_savepoint() override;
  Status release_savepoint() override;
  Status rollback_to_savepoint() override;
  Trouble trouble() const override { return trouble_; }
  std::uint64_t rows_changed() const override { return rows_changed_; }

 private:
  struct Prepared {
    std::unique_ptr<sql::PreparedStatement> statement;
    std::size_t parameters = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  Status set_up(Role role);
  Status check_ready(Role role);
  Result<bool> is_on(std::string_view question);
  Result<Prepared*> prepare(std::string_view sql);
  Status bind(Prepared& prepared, std::span<const Value> params);
  Status read_rows(sql::ResultSet& rows, const RowReader& reader);
  Status begin(const char* sql);
  Status control(const char* sql);
  Error failure(int number, std::string_view state);

  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> control_;
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> statements_;
  Dialect dialect_ = Dialect::mariadb;
  Trouble trouble_ = Trouble::none;
  std::uint64_t rows_changed_ = 0;
  bool reading_ = false;
};

/// What a server's or client's error number means (reference: MariaDB and MySQL error lists).
Trouble mysql_trouble(int number);
ErrorKind mysql_error_kind(int number);

}  // namespace cpis::store
