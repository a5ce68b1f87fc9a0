#include "gateway/store/mysql_connection.h"

#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/parameter_metadata.h>
#include <cppconn/resultset_metadata.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace cpis::store {
namespace {

constexpr std::size_t statements_max = 512;
constexpr int connect_seconds_max = 3;

struct Meaning {
  int number;
  ErrorKind kind;
  Trouble trouble;
};

using enum ErrorKind;
// What is not listed is a fault of ours: a wrong statement, a missing table.
constexpr std::array meanings{
    Meaning{1020, busy, Trouble::repeat},          // record changed since last read
    Meaning{1021, unavailable, Trouble::aborted},  // disk full
    Meaning{1022, conflict, Trouble::none},        // duplicate key
    Meaning{1040, busy, Trouble::lost},            // too many connections
    Meaning{1044, forbidden, Trouble::none},       // access denied to the database
    Meaning{1045, forbidden, Trouble::none},       // access denied
    Meaning{1047, unavailable, Trouble::lost},     // the node is not in the cluster
    Meaning{1050, conflict, Trouble::none},        // table exists
    Meaning{1053, unavailable, Trouble::lost},     // server shuts down
    Meaning{1060, conflict, Trouble::none},        // column exists
    Meaning{1061, conflict, Trouble::none},        // index exists
    Meaning{1062, conflict, Trouble::none},        // duplicate key
    Meaning{1091, conflict, Trouble::none},        // no such index to drop
    Meaning{1114, unavailable, Trouble::aborted},  // table full
    Meaning{1142, forbidden, Trouble::none},       // no right to the table
    Meaning{1153, bad_input, Trouble::lost},       // packet too large; the server hangs up
    Meaning{1180, unavailable, Trouble::lost},     // error during commit
    Meaning{1205, busy, Trouble::repeat},          // lock wait timeout
    Meaning{1213, busy, Trouble::repeat},          // deadlock, or a cluster conflict
    Meaning{1264, bad_input, Trouble::none},       // out of range
    Meaning{1290, unavailable, Trouble::lost},     // the server is read-only
    Meaning{1366, bad_input, Trouble::none},       // not UTF-8
    Meaning{1406, bad_input, Trouble::none},       // too long for its column
    Meaning{1451, conflict, Trouble::none},        // foreign key
    Meaning{1452, conflict, Trouble::none},        // foreign key
    Meaning{1792, forbidden, Trouble::none},       // a write in a reading transaction
    Meaning{1836, unavailable, Trouble::lost},     // read-only mode
    Meaning{1927, unavailable, Trouble::lost},     // connection was killed
    Meaning{1969, timeout, Trouble::aborted},      // statement took too long
    Meaning{2002, unavailable, Trouble::lost},     // cannot connect
    Meaning{2003, unavailable, Trouble::lost},     // cannot connect
    Meaning{2005, unavailable, Trouble::lost},     // unknown host
    Meaning{2006, unavailable, Trouble::lost},     // server has gone away
    Meaning{2013, unavailable, Trouble::lost},     // lost during a statement
    Meaning{2014, unavailable, Trouble::lost},     // protocol out of step
    Meaning{2026, unavailable, Trouble::lost},     // TLS
    Meaning{2030, unavailable, Trouble::lost},     // statement is gone
    Meaning{2055, unavailable, Trouble::lost},     // lost
};
static_assert(std::ranges::is_sorted(meanings, {}, &Meaning::number));

const Meaning* find_meaning(int number) {
  const auto* found = std::ranges::lower_bound(meanings, number, {}, &Meaning::number);
  return found == meanings.end() || found->number != number ? nullptr : found;
}

// The driver wants each thread announced before its first use.
class DriverThread {
 public:
  explicit DriverThread(sql::Driver& driver) : driver_{driver} { driver_.threadInit(); }
  ~DriverThread() { driver_.threadEnd(); }
  DriverThread(const DriverThread&) = delete;
  DriverThread& operator=(const DriverThread&) = delete;

 private:
  sql::Driver& driver_;
};

sql::Driver& driver() {
  static sql::Driver* const instance = get_driver_instance();
  thread_local const DriverThread announced{*instance};
  return *instance;
}

// The one place where sql::SQLException becomes a value. The number and not the text: the server's
// text can quote the row.
template <class Call, class Fail>
std::optional<Error> in_sql(const Call& call, const Fail& fail) {
  try {
    call();
    return std::nullopt;
  } catch (const sql::SQLException& e) {
    return fail(e.getErrorCode(), e.getSQLStateCStr());
  }
}

Error describe(int number, std::string_view state) {
  return {mysql_error_kind(number),
          "store: MySQL error " + std::to_string(number) + " (" + std::string{state} + ")"};
}

sql::SQLString to_sql(std::string_view bytes) {
  return {bytes.data() == nullptr ? "" : bytes.data(), bytes.size()};
}

class ResultRow final : public Row {
 public:
  explicit ResultRow(sql::ResultSet& rows)
      : rows_{rows}, texts_(rows.getMetaData()->getColumnCount()) {}
  bool is_null(std::size_t column) const override { return rows_.isNull(index(column)); }
  std::int64_t integer(std::size_t column) const override { return rows_.getInt64(index(column)); }
  std::string_view text(std::size_t column) const override {
    sql::SQLString& kept = texts_.at(column);
    kept = rows_.getString(index(column));
    return {kept.c_str(), kept.length()};
  }

 private:
  static std::uint32_t index(std::size_t column) { return static_cast<std::uint32_t>(column + 1); }

  sql::ResultSet& rows_;
  mutable std::vector<sql::SQLString> texts_;
};

// Marks that a reader runs, also while an exception leaves it.
class Reading {
 public:
  explicit Reading(bool& flag) : flag_{flag} { flag_ = true; }
  ~Reading() { flag_ = false; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  bool& flag_;
};

sql::ConnectOptionsMap connect_options(const MysqlUrl& url, const MysqlUrl::Endpoint& endpoint,
                                       std::chrono::seconds statement_time_max) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  const int seconds = static_cast<int>(statement_time_max.count());
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString{"tcp://" + host + ":" + std::to_string(endpoint.port)};
  options["userName"] = sql::SQLString{url.user};
  options["password"] = sql::SQLString{url.password};
  options["schema"] = sql::SQLString{url.database};
  options["OPT_CHARSET_NAME"] = sql::SQLString{"utf8mb4"};
  options["OPT_CONNECT_TIMEOUT"] = connect_seconds_max;
  options["OPT_READ_TIMEOUT"] = seconds;
  options["OPT_WRITE_TIMEOUT"] = seconds;
  // OPT_RECONNECT stays off: it would lose a transaction without a word.
  if (!url.ssl_ca.empty()) {
    options["sslCA"] = sql::SQLString{url.ssl_ca};
    options["sslVerify"] = true;
    options["sslEnforce"] = true;
  }
  return options;
}

}  // namespace

Trouble mysql_trouble(int number) {
  const Meaning* meaning = find_meaning(number);
  return meaning == nullptr ? Trouble::none : meaning->trouble;
}

ErrorKind mysql_error_kind(int number) {
  const Meaning* meaning = find_meaning(number);
  return meaning == nullptr ? fault : meaning->kind;
}

Result<std::unique_ptr<MysqlConnection>> MysqlConnection::open(
    const MysqlUrl& url, const MysqlUrl::Endpoint& endpoint, Role role,
    std::chrono::seconds statement_time_max) {
  std::unique_ptr<MysqlConnection> connection;
  const auto failed = in_sql(
      [&] {
        auto options = connect_options(url, endpoint, statement_time_max);
        connection = std::make_unique<MysqlConnection>(
            std::unique_ptr<sql::Connection>{driver().connect(options)});
      },
      describe);
  if (failed) return *failed;
  if (const Status ready = connection->set_up(role); !ready) return ready.error();
  return connection;
}

MysqlConnection::MysqlConnection(std::unique_ptr<sql::Connection> connection)
    : connection_{std::move(connection)}, control_{connection_->createStatement()} {}

MysqlConnection::~MysqlConnection() { driver(); }

Status MysqlConnection::set_up(Role role) {
  std::string version;
  const Status asked = query("SELECT VERSION()", {}, [&version](const Row& row) -> Status {
    version = row.text(0);
    return done;
  });
  if (!asked) return asked;
  const bool is_mariadb = version.find("MariaDB") != std::string::npos;
  dialect_ = is_mariadb ? Dialect::mariadb : Dialect::mysql;
  if (Status ready = check_ready(role); !ready) return ready;
  if (Status set = control("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
                           " SESSION time_zone = '+00:00'");
      !set) {
    return set;
  }
  // A writer sees what is committed now and takes no gap locks; a reader sees one snapshot.
  return control(role == Role::writer ? "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
                                      : "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
}

Result<bool> MysqlConnection::is_on(std::string_view question) {
  bool on = false;
  const Status asked = query(question, {}, [&on](const Row& row) -> Status {
    on = row.text(1) == "ON";
    return done;
  });
  if (!asked) return asked.error();
  return on;
}

Status MysqlConnection::check_ready(Role role) {
  // Absent on MySQL; OFF on a server that is in no cluster, where wsrep_ready says nothing.
  const auto in_cluster = is_on("SHOW VARIABLES LIKE 'wsrep_on'");
  if (!in_cluster) return in_cluster.error();
  if (*in_cluster) {
    const auto ready = is_on("SHOW STATUS LIKE 'wsrep_ready'");
    if (!ready) return ready.error();
    if (!*ready) return Error{ErrorKind::unavailable, "the cluster node is not ready"};
  }
  bool read_only = false;
  const Status asked = query("SELECT @@read_only", {}, [&read_only](const Row& row) -> Status {
    read_only = row.integer(0) != 0;
    return done;
  });
  if (!asked) return asked;
  if (!read_only || role == Role::reader) return done;
  return Error{ErrorKind::unavailable, "the database server accepts no writes"};
}

Result<std::int64_t> MysqlConnection::execute(std::string_view sql, std::span<const Value> params) {
  const auto prepared = prepare(sql);
  if (!prepared) return prepared.error();
  if (const Status bound = bind(**prepared, params); !bound) return bound.error();
  std::int64_t changed = 0;
  const auto failed =
      in_sql([&] { changed = (*prepared)->statement->executeUpdate(); },
             [this](int number, std::string_view state) { return failure(number, state); });
  if (failed) return *failed;
  rows_changed_ += static_cast<std::uint64_t>(std::max<std::int64_t>(changed, 0));
  return changed;
}

Status MysqlConnection::query(std::string_view sql, std::span<const Value> params,
                              const RowReader& reader) {
  const auto prepared = prepare(sql);
  if (!prepared) return prepared.error();
  if (const Status bound = bind(**prepared, params); !bound) return bound;
  Status status = done;
  const auto failed = in_sql(
      [&] {
        const std::unique_ptr<sql::ResultSet> rows{(*prepared)->statement->executeQuery()};
        status = read_rows(*rows, reader);
      },
      [this](int number, std::string_view state) { return failure(number, state); });
  if (failed) return *failed;
  return status;
}

Status MysqlConnection::read_rows(sql::ResultSet& rows, const RowReader& reader) {
  const ResultRow row{rows};
  while (rows.next()) {
    const Reading mark{reading_};
    if (Status read = reader(row); !read) return read;
  }
  return done;
}

Result<MysqlConnection::Prepared*> MysqlConnection::prepare(std::string_view sql) {
  if (reading_) return Error{fault, "a row reader used its session"};
  if (const auto known = statements_.find(sql); known != statements_.end()) {
    return &known->second;
  }
  const auto resolved = resolve(dialect_, sql);
  if (!resolved) return resolved.error();
  Prepared prepared;
  const auto failed = in_sql(
      [&] {
        driver();
        prepared.statement.reset(connection_->prepareStatement(sql::SQLString{*resolved}));
        prepared.parameters = static_cast<std::size_t>(
            prepared.statement->getParameterMetaData()->getParameterCount());
      },
      [this](int number, std::string_view state) { return failure(number, state); });
  if (failed) return *failed;
  if (statements_.size() >= statements_max) statements_.clear();
  return &statements_.emplace(std::string{sql}, std::move(prepared)).first->second;
}

Status MysqlConnection::bind(Prepared& prepared, std::span<const Value> params) {
  if (prepared.parameters != params.size()) {
    return Error{fault, "the statement takes another number of parameters"};
  }
  const auto failed = in_sql(
      [&] {
        unsigned index = 0;
        for (const Value& value : params) {
          ++index;
          if (value.type() == Value::Type::null) {
            prepared.statement->setNull(index, sql::DataType::VARCHAR);
          } else if (value.type() == Value::Type::integer) {
            prepared.statement->setInt64(index, value.integer());
          } else {
            prepared.statement->setString(index, to_sql(value.bytes()));
          }
        }
      },
      [this](int number, std::string_view state) { return failure(number, state); });
  if (failed) return *failed;
  return done;
}

Error MysqlConnection::failure(int number, std::string_view state) {
  trouble_ = std::max(trouble_, mysql_trouble(number));
  return describe(number, state);
}

Status MysqlConnection::control(const char* sql) {
  const auto failed = in_sql(
      [&] {
        driver();
        control_->execute(sql);
      },
      [this](int number, std::string_view state) { return failure(number, state); });
  if (failed) return *failed;
  return done;
}

Status MysqlConnection::begin(const char* sql) {
  trouble_ = Trouble::none;
  forget_chain_tail();
  rows_changed_ = 0;
  return control(sql);
}

Status MysqlConnection::begin_write() { return begin("START TRANSACTION"); }

Status MysqlConnection::begin_read() {
  return begin("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

Status MysqlConnection::commit() {
  Status committed = control("COMMIT");
  if (!committed && trouble_ == Trouble::lost) {
    return Error{timeout, "the answer to a commit was lost (" + committed.error().message + ")"};
  }
  return committed;
}

void MysqlConnection::rollback() {
  if (trouble_ == Trouble::lost) return;
  if (!control("ROLLBACK")) trouble_ = Trouble::lost;
}

Status MysqlConnection::set_savepoint() { return control("SAVEPOINT work"); }
Status MysqlConnection::release_savepoint() { return control("RELEASE SAVEPOINT work"); }

Status MysqlConnection::rollback_to_savepoint() {
  forget_chain_tail();
  if (Status back = control("ROLLBACK TO SAVEPOINT work"); !back) return back;
  return release_savepoint();
}

}  // namespace cpis::store
