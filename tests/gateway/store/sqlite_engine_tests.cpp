#include "gateway/store/sqlite_engine.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>

#include "gateway/store/resource_store.h"
#include "gateway/store/sqlite_backup.h"
#include "tests/support/golden.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

using test::ScratchFolder;

constexpr Time start{};

std::unique_ptr<Database> open_new(const std::string& path, const OpenOptions& options = {}) {
  auto opened = open_sqlite(path, options);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  return *std::move(opened);
}

std::string refusal(const std::string& path, const OpenOptions& options = {}) {
  const auto opened = open_sqlite(path, options);
  BOOST_REQUIRE(!opened);
  return opened.error().message;
}

Status put(Database& database, const std::string& id, std::size_t bytes) {
  const std::string body(bytes, 'x');
  return database.write([&](Session& session) -> Status {
    const auto written = ResourceStore{}.put(
        session, {"Binary", id, body, start, static_cast<std::int64_t>(bytes), std::nullopt});
    if (!written) return written.error();
    return done;
  });
}

std::int64_t rows(Database& database) {
  std::int64_t count = -1;
  BOOST_REQUIRE(database.read([&](Session& session) {
    return session.query("SELECT COUNT(*) FROM resource", {}, [&](const Row& row) -> Status {
      count = row.integer(0);
      return done;
    });
  }));
  return count;
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE_EQUAL(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  BOOST_REQUIRE_EQUAL(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(sqlite_engine_tests)

BOOST_AUTO_TEST_CASE(a_second_gateway_is_refused_and_told_who_has_the_file) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  auto first = open_new(path);
  const std::string why = refusal(path);
  BOOST_TEST(contains(why, "in use by another gateway"));
  BOOST_TEST(contains(why, std::to_string(getpid())));
  first.reset();
  open_new(path);
}

BOOST_AUTO_TEST_CASE(a_reader_may_stand_beside_a_running_gateway) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  auto gateway = open_new(path);
  BOOST_REQUIRE(put(*gateway, "a", 10));
  OpenOptions beside;
  beside.read_only = true;
  const auto reader = open_new(path, beside);
  BOOST_TEST(rows(*reader) == 1);
  BOOST_REQUIRE(put(*gateway, "b", 10));
  BOOST_TEST(rows(*reader) == 2);
  const Status refused = put(*reader, "c", 10);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == ErrorKind::forbidden));
  BOOST_TEST(contains(refusal(folder.file("none.db"), beside), "SQLite error"));
}

// The store holds personal data; nobody else on the machine reads it.
BOOST_AUTO_TEST_CASE(the_files_belong_to_their_owner_only) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  const auto database = open_new(path);
  BOOST_REQUIRE(put(*database, "a", 10));
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat about {};
    BOOST_REQUIRE_EQUAL(stat((path + suffix).c_str(), &about), 0);
    BOOST_TEST((about.st_mode & 0777U) == 0600U);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_ours_is_left_alone) {
  const ScratchFolder folder;
  const std::string other = folder.file("other.db");
  run_sql(other, "CREATE TABLE theirs (x)");
  const std::string before = test::read_file(other);
  BOOST_TEST(contains(refusal(other), "another program"));
  BOOST_TEST((test::read_file(other) == before));

  const std::string text = folder.file("notes.txt");
  std::ofstream{text} << std::string(5000, 'n');
  BOOST_TEST(contains(refusal(text), "is not a store"));
  BOOST_TEST(contains(refusal(folder.file("no/such/folder/store.db")), "No such file"));
}

BOOST_AUTO_TEST_CASE(a_schema_from_a_newer_program_is_refused) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  open_new(path);
  run_sql(path, "INSERT INTO schema_version VALUES (9999, 'later', 1)");
  BOOST_TEST(contains(refusal(path), "use the newer program"));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_refused_at_the_start) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  {
    const auto database = open_new(path);
    BOOST_REQUIRE(put(*database, "a", 100'000));
    BOOST_TEST(bool(database->check_integrity()));
  }
  {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096 * 6);
    file << std::string(4096 * 6, '\x7F');
  }
  BOOST_TEST(contains(refusal(path), "damaged"));
}

// A full disk must cost nobody a row that was acknowledged, and must pass when there is room.
BOOST_AUTO_TEST_CASE(at_the_size_limit_writes_fail_and_nothing_is_lost) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  OpenOptions small;
  small.pages_max = 200;
  std::int64_t acknowledged = 0;
  {
    const auto database = open_new(path, small);
    Status status = done;
    while (status && acknowledged < 1000) {
      status = put(*database, std::to_string(acknowledged), 20'000);
      if (status) ++acknowledged;
    }
    BOOST_REQUIRE(!status);
    BOOST_TEST((status.error().kind == ErrorKind::unavailable));
    BOOST_TEST(!database->metrics().failed);
    BOOST_TEST(rows(*database) == acknowledged);
    BOOST_TEST(acknowledged > 10);
    BOOST_TEST(!put(*database, "again", 20'000));
  }
  const auto roomy = open_new(path);
  BOOST_TEST(rows(*roomy) == acknowledged);
  BOOST_TEST(bool(put(*roomy, "more", 20'000)));
  BOOST_TEST(bool(roomy->check_integrity()));
}

BOOST_AUTO_TEST_CASE(when_the_disk_is_full_every_work_of_the_batch_is_told) {
  const ScratchFolder folder;
  OpenOptions small;
  small.pages_max = 100;
  const auto database = open_new(folder.file("store.db"), small);
  std::latch running{1};
  std::latch queued{1};
  std::latch told{3};
  int failures = 0;
  const auto note = [&](Status status) {
    if (!status) ++failures;
    told.count_down();
  };
  const auto big = [](Session& session) -> Status {
    const std::string body(4096 * 150, 'x');
    const auto written = ResourceStore{}.put(session, {"Binary", "b", body, start, 1, {}});
    if (!written) return written.error();
    return done;
  };
  const auto little = [](Session& session) -> Status {
    const auto written = ResourceStore{}.put(session, {"Binary", "s", "x", start, 2, {}});
    if (!written) return written.error();
    return done;
  };
  BOOST_REQUIRE(database->submit(
      [&](Session&) -> Status {
        running.count_down();
        queued.wait();
        return done;
      },
      [&](Status) { told.count_down(); }));
  // Only now: the writer must not have taken one of the two into the first batch.
  running.wait();
  BOOST_REQUIRE(database->submit(little, note));
  BOOST_REQUIRE(database->submit(big, note));
  queued.count_down();
  told.wait();
  BOOST_TEST(failures == 2);
  BOOST_TEST(rows(*database) == 0);
  BOOST_TEST(bool(database->write(little)));
}

BOOST_AUTO_TEST_CASE(the_log_is_emptied_above_its_limit) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  OpenOptions options;
  options.log_bytes_max = std::uint64_t{1024} * 1024;
  const auto database = open_new(path, options);
  std::uintmax_t largest = 0;
  for (int i = 0; i < 100; ++i) {
    BOOST_REQUIRE(put(*database, std::to_string(i), 100'000));
    largest = std::max(largest, std::filesystem::file_size(path + "-wal"));
  }
  BOOST_TEST(largest > 0U);
  BOOST_TEST(largest < 2 * options.log_bytes_max);
  BOOST_TEST(rows(*database) == 100);
}

BOOST_AUTO_TEST_CASE(a_backup_of_a_store_in_use_opens_by_itself) {
  const ScratchFolder folder;
  const std::string copy = folder.file("backup.db");
  {
    const auto database = open_new(folder.file("store.db"));
    for (int i = 0; i < 20; ++i) BOOST_REQUIRE(put(*database, std::to_string(i), 10'000));
    BOOST_REQUIRE(database->backup(copy));
    BOOST_REQUIRE(put(*database, "after", 10));
    const Status again = database->backup(copy);
    BOOST_REQUIRE(!again);
    BOOST_TEST((again.error().kind == ErrorKind::conflict));
  }
  BOOST_TEST(!std::filesystem::exists(copy + "-wal"));
  struct stat about {};
  BOOST_REQUIRE_EQUAL(stat(copy.c_str(), &about), 0);
  BOOST_TEST((about.st_mode & 0777U) == 0600U);
  const auto restored = open_new(copy);
  BOOST_TEST(rows(*restored) == 20);
  BOOST_TEST(bool(put(*restored, "after", 10)));
}

BOOST_AUTO_TEST_CASE(a_restored_backup_is_the_store_it_was_made_of) {
  const ScratchFolder folder;
  const std::string path = folder.file("store.db");
  const std::string copy = folder.file("backup.db");
  {
    const auto database = open_new(path);
    BOOST_REQUIRE(put(*database, "a", 10'000));
    BOOST_REQUIRE(database->backup(copy));
    const Status in_use = restore_backup(copy, path);
    BOOST_REQUIRE(!in_use);
    BOOST_TEST(contains(in_use.error().message, "in use"));
  }
  const Status over_a_store = restore_backup(copy, path);
  BOOST_REQUIRE(!over_a_store);
  BOOST_TEST((over_a_store.error().kind == ErrorKind::conflict));
  const std::string fresh = folder.file("fresh.db");
  BOOST_REQUIRE(restore_backup(copy, fresh));
  BOOST_TEST(rows(*open_new(fresh)) == 1);
  BOOST_TEST(!std::filesystem::exists(fresh + ".partial"));
}

BOOST_AUTO_TEST_CASE(a_damaged_or_foreign_backup_is_not_restored) {
  const ScratchFolder folder;
  const std::string fresh = folder.file("fresh.db");
  const std::string other = folder.file("other.db");
  run_sql(other, "CREATE TABLE theirs (x)");
  BOOST_TEST(!restore_backup(other, fresh));
  BOOST_TEST(!restore_backup(folder.file("none.db"), fresh));
  const std::string text = folder.file("notes.txt");
  std::ofstream{text} << std::string(9000, 'n');
  BOOST_TEST(!restore_backup(text, fresh));
  BOOST_TEST(!std::filesystem::exists(fresh));
  BOOST_TEST(!std::filesystem::exists(fresh + ".partial"));
}

BOOST_AUTO_TEST_CASE(a_backup_that_cannot_be_completed_leaves_no_file) {
  const ScratchFolder folder;
  const auto database = open_new(folder.file("store.db"));
  BOOST_REQUIRE(put(*database, "a", 100));
  BOOST_TEST(!database->backup(folder.file("no/such/folder/backup.db")));
  std::filesystem::create_directory(folder.file("backup.db.partial"));
  std::ofstream{folder.file("backup.db.partial/kept")} << "x";
  BOOST_TEST(!database->backup(folder.file("backup.db")));
  BOOST_TEST(!std::filesystem::exists(folder.file("backup.db")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
