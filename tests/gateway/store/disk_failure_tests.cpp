#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <string>

#include "gateway/store/open.h"
#include "tests/gateway/store/watched_disk.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

using test::FailingDisk;

Work add(std::string name) {
  return [name = std::move(name)](Session& session) -> Status {
    const auto added = session.execute(
        "INSERT INTO counter (name, value) VALUES (?, 1) {on_conflict_ignore:name}", {name});
    if (!added) return added.error();
    return done;
  };
}

std::unique_ptr<Database> open_ready(const std::string& path) {
  auto opened = open_database(path);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  return *std::move(opened);
}

bool holds(Database& database, const std::string& name) {
  bool found = false;
  BOOST_REQUIRE(database.read([&](Session& session) {
    return session.query("SELECT 1 FROM counter WHERE name = ?", {name}, [&](const Row&) -> Status {
      found = true;
      return done;
    });
  }));
  return found;
}

BOOST_AUTO_TEST_SUITE(disk_failure_tests)

// Commit before acknowledge: when the flush fails, nobody may be told that his message is safe, and
// no later success may be believed, because the kernel can have dropped what it could not write.
BOOST_AUTO_TEST_CASE(a_failed_flush_acknowledges_nothing_and_stops_the_store) {
  const test::ScratchFolder folder;
  const std::string path = folder.file("store.db");
  {
    const auto database = open_ready(path);
    BOOST_REQUIRE(database->write(add("before")));
    std::latch queued{1};
    std::latch told{4};
    std::atomic<int> acknowledged{0};
    const auto note = [&](const Status& status) {
      if (status) ++acknowledged;
      told.count_down();
    };
    {
      const FailingDisk failing;
      BOOST_REQUIRE(database->submit(
          [&](Session&) -> Status {
            queued.wait();
            return done;
          },
          [&](const Status&) { told.count_down(); }));
      for (const char* name : {"a", "b", "c"}) BOOST_REQUIRE(database->submit(add(name), note));
      queued.count_down();
      told.wait();
    }
    BOOST_TEST(acknowledged == 0);
    const Status later = database->write(add("later"));
    BOOST_REQUIRE(!later);
    BOOST_TEST((later.error().kind == ErrorKind::unavailable));
    BOOST_TEST(later.error().message.find("restart") != std::string::npos);
    BOOST_TEST(database->metrics().failed);
    BOOST_TEST(holds(*database, "before"));
  }
  const auto restarted = open_ready(path);
  BOOST_TEST(holds(*restarted, "before"));
  BOOST_TEST(!holds(*restarted, "later"));
  BOOST_TEST(bool(restarted->check_integrity()));
  BOOST_TEST(bool(restarted->write(add("a"))));
}

BOOST_AUTO_TEST_CASE(a_backup_on_a_failing_disk_is_no_backup) {
  const test::ScratchFolder folder;
  const auto database = open_ready(folder.file("store.db"));
  BOOST_REQUIRE(database->write(add("before")));
  {
    const FailingDisk failing;
    BOOST_TEST(!database->backup(folder.file("backup.db")));
  }
  BOOST_TEST(access(folder.file("backup.db").c_str(), F_OK) != 0);
  BOOST_TEST(bool(database->backup(folder.file("backup.db"))));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
