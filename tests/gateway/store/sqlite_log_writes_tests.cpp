#include "gateway/store/sqlite_log_writes.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/store/open.h"
#include "gateway/store/sqlite_connection.h"
#include "tests/gateway/store/watched_disk.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

using test::ScratchFolder;

std::unique_ptr<Database> open_ready(const std::string& path) {
  auto opened = open_database(path);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  return *std::move(opened);
}

// Rows of more than a page each.
Work add(std::int64_t first, std::int64_t last) {
  return [first, last](Session& session) -> Status {
    for (std::int64_t id = first; id <= last; ++id) {
      const auto added = session.execute("INSERT INTO counter (name, value) VALUES (?, ?)",
                                         {std::to_string(id) + std::string(5'000, 'x'), id});
      if (!added) return added.error();
    }
    return done;
  };
}

std::int64_t sum(Database& database) {
  std::int64_t found = -1;
  BOOST_REQUIRE(database.read([&](Session& session) {
    return session.query("SELECT COALESCE(SUM(value), 0) FROM counter", {},
                         [&](const Row& row) -> Status {
                           found = row.integer(0);
                           return done;
                         });
  }));
  return found;
}

std::unique_ptr<SqliteConnection> open_plain(const std::string& path, SqliteConnection::Mode mode) {
  auto opened = SqliteConnection::open(path, mode);
  BOOST_REQUIRE(opened);
  return *std::move(opened);
}

BOOST_AUTO_TEST_SUITE(sqlite_log_writes_tests)

// All of it is written before the flush that makes it durable, and nothing is left for after it.
BOOST_AUTO_TEST_CASE(a_commit_is_one_write_of_the_log_and_then_one_flush) {
  const ScratchFolder folder;
  const auto database = open_ready(folder.file("store.db"));
  BOOST_REQUIRE(database->write(add(1, 2)));
  test::LogWatch watch;
  BOOST_REQUIRE(database->write(add(3, 4)));
  BOOST_TEST(watch.take() == "wf");
  BOOST_REQUIRE(database->write(add(5, 14)));
  BOOST_TEST(watch.take() == "wf");
  BOOST_TEST(sum(*database) == 105);
}

BOOST_AUTO_TEST_CASE(a_commit_larger_than_the_buffer_is_whole) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  test::LogWatch watch;
  {
    const auto database = open_ready(path);
    watch.take();
    BOOST_REQUIRE(database->write(add(1, 300)));
    const std::string seen = watch.take();
    BOOST_TEST(seen.size() > 5U);
    BOOST_TEST(seen.find('f') == seen.size() - 1, "nothing is written behind the flush: " << seen);
    BOOST_TEST(sum(*database) == 300 * 301 / 2);
  }
  const auto again = open_ready(path);
  BOOST_TEST(sum(*again) == 300 * 301 / 2);
  BOOST_TEST(bool(again->check_integrity()));
}

BOOST_AUTO_TEST_CASE(without_room_nothing_is_acknowledged_and_nothing_that_was_is_lost) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  {
    const auto database = open_ready(path);
    BOOST_REQUIRE(database->write(add(1, 2)));
    {
      const test::FullDisk full;
      const Status refused = database->write(add(10, 20));
      BOOST_REQUIRE(!refused);
      BOOST_TEST((refused.error().kind == ErrorKind::unavailable));
    }
    BOOST_TEST(sum(*database) == 3);
    BOOST_TEST(!database->metrics().failed);
    BOOST_REQUIRE(database->write(add(3, 4)));
    BOOST_TEST(sum(*database) == 10);
  }
  const auto again = open_ready(path);
  BOOST_TEST(sum(*again) == 10);
  BOOST_TEST(bool(again->check_integrity()));
}

// With a small cache pages go to the log, and are read from there and written again, before the
// commit: in all orders what was gathered must be where SQLite thinks it is.
BOOST_AUTO_TEST_CASE(pages_that_leave_the_cache_before_the_commit_are_read_as_written) {
  const ScratchFolder folder;
  const std::string path = folder.file("small.db");
  const auto writer = open_plain(path, SqliteConnection::Mode::create);
  BOOST_REQUIRE(writer->run_script(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=10;"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL, value INTEGER NOT NULL);"
      "CREATE INDEX by_body ON t (body)"));
  BOOST_REQUIRE(writer->begin_write());
  const auto add_rows = [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t id = first; id <= last; ++id) {
      // The index takes them in another order than the table.
      BOOST_REQUIRE(
          writer->execute("INSERT INTO t (id, body, value) VALUES (?, ?, ?)",
                          {id, std::to_string(id * 7'919 % 10'007) + std::string(900, 'y'), id}));
    }
  };
  add_rows(1, 500);
  BOOST_REQUIRE(writer->set_savepoint());
  add_rows(501, 900);
  BOOST_REQUIRE(writer->execute("UPDATE t SET body = 'changed ' || body WHERE id % 3 = 0", {}));
  BOOST_REQUIRE(writer->rollback_to_savepoint());
  BOOST_REQUIRE(writer->execute("UPDATE t SET value = value + 1 WHERE id % 2 = 0", {}));
  BOOST_TEST(*writer->ask_integer("SELECT SUM(value) FROM t") == 500 * 501 / 2 + 250);
  BOOST_REQUIRE(writer->commit());

  const auto reader = open_plain(path, SqliteConnection::Mode::read);
  BOOST_TEST(*reader->ask_integer("SELECT SUM(value) FROM t") == 500 * 501 / 2 + 250);
  BOOST_TEST(*reader->ask_integer("SELECT COUNT(*) FROM t WHERE body LIKE 'changed%'") == 0);
  BOOST_TEST(*reader->ask_integer("SELECT COUNT(*) FROM t INDEXED BY by_body WHERE body > ''") ==
             500);
  bool sound = false;
  BOOST_REQUIRE(reader->query("PRAGMA integrity_check(1)", {}, [&](const Row& row) -> Status {
    sound = row.text(0) == "ok";
    return done;
  }));
  BOOST_TEST(sound);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
