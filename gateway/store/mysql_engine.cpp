#include "gateway/store/mysql_engine.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/store/engine_database.h"
#include "gateway/store/migrate.h"
#include "gateway/store/mysql_connection.h"
#include "gateway/store/mysql_url.h"

namespace cpis::store {
namespace {

class MysqlEngine final : public Engine {
 public:
  MysqlEngine(MysqlUrl url, const OpenOptions& options) : url_{std::move(url)}, options_{options} {}

  Result<std::unique_ptr<Connection>> open_writer() override {
    return open(MysqlConnection::Role::writer);
  }
  Result<std::unique_ptr<Connection>> open_reader() override {
    return open(MysqlConnection::Role::reader);
  }
  Trouble after_commit(Connection&) override { return Trouble::none; }
  Status backup(const std::string&) override {
    return Error{ErrorKind::unsupported,
                 "a MariaDB store is backed up with mariadb-backup or mariadb-dump"};
  }
  Status check_integrity() override;
  void add_metrics(DatabaseMetrics&) const override {}
  void close() override {}

 private:
  Result<std::unique_ptr<Connection>> open(MysqlConnection::Role role);

  const MysqlUrl url_;
  const OpenOptions options_;
};

// The first endpoint that answers and is ready. The refusal of the last one is what is reported;
// with a wrong password they all say the same.
Result<std::unique_ptr<Connection>> MysqlEngine::open(MysqlConnection::Role role) {
  Error refusal{ErrorKind::unavailable, "no database server is configured"};
  for (const auto& endpoint : url_.endpoints) {
    auto opened = MysqlConnection::open(url_, endpoint, role, options_.statement_time_max);
    if (opened) return std::unique_ptr<Connection>{*std::move(opened)};
    refusal = opened.error();
    refusal.message += " at " + endpoint.host + ":" + std::to_string(endpoint.port);
  }
  return refusal;
}

Result<std::vector<std::string>> list_tables(Session& session) {
  std::vector<std::string> tables;
  const Status read = session.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
      " ORDER BY table_name",
      {}, [&tables](const Row& row) -> Status {
        tables.emplace_back(row.text(0));
        return done;
      });
  if (!read) return read.error();
  return tables;
}

Status MysqlEngine::check_integrity() {
  auto connection = open_reader();
  if (!connection) return connection.error();
  const auto tables = list_tables(**connection);
  if (!tables) return tables.error();
  for (const std::string& table : *tables) {
    std::string verdict;
    const Status checked =
        (*connection)
            ->query("CHECK TABLE `" + table + "`", {}, [&verdict](const Row& row) -> Status {
              verdict = row.text(3);
              return done;
            });
    if (!checked) return checked;
    if (verdict != "OK") {
      return Error{ErrorKind::unavailable, "the table " + table + " is damaged"};
    }
  }
  return done;
}

// One gateway of several changes the schema; the others wait and find it done. On a Galera cluster
// the lock is the node's own: start one gateway alone after an update (README.md).
class SchemaLock {
 public:
  explicit SchemaLock(Connection& connection) : connection_{connection} {}
  Status take() {
    bool taken = false;
    const Status asked = connection_.query("SELECT GET_LOCK('cpis_schema', 4)", {},
                                           [&taken](const Row& row) -> Status {
                                             taken = row.integer(0) == 1;
                                             return done;
                                           });
    if (!asked) return asked;
    if (taken) return done;
    return Error{ErrorKind::busy, "another gateway is changing the schema; try again"};
  }
  ~SchemaLock() {
    // Ends with the connection in any case, so a failure here changes nothing.
    const Status released = connection_.query("SELECT RELEASE_LOCK('cpis_schema')", {},
                                              [](const Row&) -> Status { return done; });
    static_cast<void>(released);
  }
  SchemaLock(const SchemaLock&) = delete;
  SchemaLock& operator=(const SchemaLock&) = delete;

 private:
  Connection& connection_;
};

Status update_schema(Connection& connection) {
  SchemaLock lock{connection};
  if (Status taken = lock.take(); !taken) return taken;
  return migrate(connection);
}

}  // namespace

Result<std::unique_ptr<Database>> open_mysql(std::string_view url, const OpenOptions& options) {
  auto parsed = parse_mysql_url(url);
  if (!parsed) return parsed.error();
  auto engine = std::make_unique<MysqlEngine>(*std::move(parsed), options);
  auto writer = options.read_only ? engine->open_reader() : engine->open_writer();
  if (!writer) return writer.error();
  const Status current = options.read_only ? check_schema(**writer) : update_schema(**writer);
  if (!current) return current.error();
  if (options.read_only) writer = std::unique_ptr<Connection>{};
  return std::unique_ptr<Database>{
      std::make_unique<EngineDatabase>(std::move(engine), *std::move(writer), options)};
}

}  // namespace cpis::store
