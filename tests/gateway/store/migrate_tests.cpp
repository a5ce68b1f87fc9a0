#include "gateway/store/migrate.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/store/sqlite_connection.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

class Fixture {
 public:
  Fixture() {
    auto opened = SqliteConnection::open(folder_.file("store.db"), SqliteConnection::Mode::create);
    BOOST_REQUIRE(opened);
    connection_ = *std::move(opened);
  }
  SqliteConnection& connection() { return *connection_; }
  std::int64_t ask(const char* sql) {
    const auto answer = connection_->ask_integer(sql);
    BOOST_REQUIRE(answer);
    return *answer;
  }

 private:
  test::ScratchFolder folder_;
  std::unique_ptr<SqliteConnection> connection_;
};

constexpr Migration first{1, "0001_first", "-- a; comment\nCREATE TABLE a (x {int}) {table};\n"};
constexpr Migration second{2, "0002_second",
                           "CREATE TABLE b (x {int}) {table};\nINSERT INTO b VALUES (7);\n"};
constexpr Migration second_edited{2, "0002_second", "CREATE TABLE b (y {int}) {table};\n"};
constexpr Migration broken_third{
    3, "0003_broken", "CREATE TABLE c (x {int}) {table};\nCREATE TABLE a (x {int}) {table};\n"};

BOOST_FIXTURE_TEST_SUITE(migrate_tests, Fixture)

BOOST_AUTO_TEST_CASE(the_steps_of_the_program_are_numbered_without_gaps) {
  std::int64_t number = 0;
  for (const Migration& step : known_migrations()) {
    BOOST_TEST(step.number == ++number);
    BOOST_TEST(step.name.size() > 5U);
    BOOST_TEST(!split_statements(step.sql).empty());
  }
  BOOST_TEST(number >= 1);
}

BOOST_AUTO_TEST_CASE(steps_run_once_in_order) {
  const std::vector<Migration> one{first};
  const std::vector<Migration> both{first, second};
  BOOST_REQUIRE(migrate(connection(), one));
  const Status older = check_schema(connection(), both);
  BOOST_REQUIRE(!older);
  BOOST_TEST((older.error().kind == ErrorKind::conflict));
  BOOST_REQUIRE(migrate(connection(), both));
  BOOST_REQUIRE(migrate(connection(), both));
  BOOST_TEST(bool(check_schema(connection(), both)));
  BOOST_TEST(ask("SELECT x FROM b") == 7);
  BOOST_TEST(ask("SELECT COUNT(*) FROM schema_version") == 2);
}

BOOST_AUTO_TEST_CASE(a_newer_store_is_refused_and_untouched) {
  const std::vector<Migration> one{first};
  const std::vector<Migration> both{first, second};
  BOOST_REQUIRE(migrate(connection(), both));
  const Status refused = migrate(connection(), one);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == ErrorKind::conflict));
  BOOST_TEST(refused.error().message.find("schema 2") != std::string::npos);
  BOOST_TEST(!check_schema(connection(), one));
  BOOST_TEST(ask("SELECT COUNT(*) FROM schema_version") == 2);
}

BOOST_AUTO_TEST_CASE(a_step_that_was_edited_after_it_ran_is_refused) {
  const std::vector<Migration> both{first, second};
  const std::vector<Migration> edited{first, second_edited};
  BOOST_REQUIRE(migrate(connection(), both));
  BOOST_TEST(!migrate(connection(), edited));
}

// The program that the store came from can still use it.
BOOST_AUTO_TEST_CASE(a_step_that_fails_leaves_nothing_behind_not_even_the_steps_before_it) {
  const std::vector<Migration> one{first};
  const std::vector<Migration> steps{first, second, broken_third};
  BOOST_REQUIRE(migrate(connection(), one));
  const Status failed = migrate(connection(), steps);
  BOOST_REQUIRE(!failed);
  BOOST_TEST(failed.error().message.find("0003_broken") != std::string::npos);
  BOOST_TEST(ask("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('b', 'c')") == 0);
  BOOST_TEST(ask("SELECT COUNT(*) FROM schema_version") == 1);
}

BOOST_AUTO_TEST_CASE(comments_are_no_statements) {
  const auto statements = split_statements("-- one;\n\nA\n  b;\n  -- two\nC;\n");
  BOOST_REQUIRE_EQUAL(statements.size(), 2U);
  BOOST_TEST(statements[0] == "A\nb");
  BOOST_TEST(statements[1] == "C");
  BOOST_TEST(split_statements("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
