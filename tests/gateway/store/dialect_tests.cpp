#include "gateway/store/dialect.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;

struct Case {
  std::string_view sql;
  std::string_view sqlite;
  std::string_view mariadb;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"SELECT 1", "SELECT 1", "SELECT 1", "plain SQL passes"},
    {"x {on_conflict_ignore:id}", "x ON CONFLICT DO NOTHING", "x ON DUPLICATE KEY UPDATE id = id",
     "an existing row stays"},
    {"x {upsert:a,b} c = {new:c}", "x ON CONFLICT (a,b) DO UPDATE SET c = excluded.c",
     "x ON DUPLICATE KEY UPDATE c = VALUES(c)", "an existing row is changed"},
    {"SELECT 1 {for_update}", "SELECT 1 ", "SELECT 1 FOR UPDATE", "a lock where there are writers"},
    {"k {key:64} NOT NULL", "k TEXT NOT NULL", "k VARCHAR(64) NOT NULL", "a type with a width"},
    {"{int}{int}", "INTEGERINTEGER", "BIGINTBIGINT", "two in a row"},
    {"DROP INDEX i {on:t}", "DROP INDEX i ", "DROP INDEX i ON t", "an index of a table"},
    {"{only:state < 2}", "WHERE state < 2", "", "a partial index"},
};

BOOST_AUTO_TEST_SUITE(dialect_tests)

BOOST_DATA_TEST_CASE(tokens_become_the_engines_own_sql, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(*resolve(Dialect::sqlite, c.sql) == c.sqlite);
    BOOST_TEST(*resolve(Dialect::mariadb, c.sql) == c.mariadb);
  }
}

BOOST_AUTO_TEST_CASE(mysql_names_another_collation_than_mariadb) {
  BOOST_TEST(resolve(Dialect::mysql, "{table}")->find("utf8mb4_0900_bin") != std::string::npos);
  BOOST_TEST(resolve(Dialect::mariadb, "{table}")->find("utf8mb4_nopad_bin") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mistyped_token_is_a_fault) {
  for (const std::string_view sql : {"{upset:a}", "{int", "{}", "{ int}"}) {
    const auto resolved = resolve(Dialect::sqlite, sql);
    BOOST_REQUIRE(!resolved);
    BOOST_TEST((resolved.error().kind == ErrorKind::fault));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
