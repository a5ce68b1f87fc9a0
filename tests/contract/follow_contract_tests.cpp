// What one gateway wrote is in the memory of another once it has followed.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "gateway/resources/resource_book.h"
#include "gateway/store/resource_store.h"
#include "gateway/store/row_ids.h"
#include "tests/support/store_under_test.h"

namespace cpis::resources {
namespace {

namespace data = boost::unit_test::data;

using store::Session;
using test::store_engines;
using test::StoreUnderTest;

const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr std::chrono::seconds second{1};

std::string person(std::string_view id, std::string_view name) {
  return R"({"resourceType":"Patient","id":")" + std::string{id} + R"(","name":[{"family":")" +
         std::string{name} + R"("}]})";
}

/// A store, and the memory of a gateway that only reads it.
struct Follower {
  explicit Follower(const std::string& engine) : store{engine} {}

  /// Another gateway writes; the change is numbered at `numbered`.
  void write(std::string_view id, std::string_view name, Time numbered) {
    const std::string body = person(id, name);
    const std::int64_t change = ids.next(numbered);
    BOOST_REQUIRE(store->write([&](Session& session) -> Status {
      const auto put = store::ResourceStore{}.put(
          session, {"Patient", id, body, numbered, change, std::nullopt});
      return put ? done : Status{put.error()};
    }));
  }
  void remove(std::string_view id, Time numbered) {
    const std::int64_t change = ids.next(numbered);
    BOOST_REQUIRE(store->write([&](Session& session) -> Status {
      const auto gone = store::ResourceStore{}.remove(
          session, {"Patient", id, "", numbered, change, std::nullopt});
      return gone ? done : Status{gone.error()};
    }));
  }
  void follow(Time now) { BOOST_REQUIRE(book.follow(*store, now)); }
  std::string family(std::string_view id) const {
    const auto entry = book.find("Patient", id);
    if (!entry) return "nobody";
    const std::size_t at = entry->body.find("family\":\"") + 9;
    return entry->body.substr(at, entry->body.find('"', at) - at);
  }

  StoreUnderTest store;
  store::RowIds ids{1};
  ResourceBook book;
};

BOOST_AUTO_TEST_SUITE(follow_contract_tests)

BOOST_DATA_TEST_CASE(what_another_gateway_writes_changes_and_ends_is_seen,
                     data::make(store_engines), engine) {
  Follower it{engine};
  if (it.store.skipped()) return;
  it.follow(nine);
  it.write("p1", "Sample", nine);
  BOOST_TEST(it.family("p1") == "nobody");
  it.follow(nine + second);
  BOOST_TEST(it.family("p1") == "Sample");
  const auto first = it.book.find("Patient", "p1");
  it.follow(nine + 2 * second);
  BOOST_TEST(it.book.find("Patient", "p1") == first);  // what is known is not put again
  it.write("p1", "Other", nine + 2 * second);
  it.follow(nine + 3 * second);
  BOOST_TEST(it.family("p1") == "Other");
  it.remove("p1", nine + 3 * second);
  it.follow(nine + 4 * second);
  BOOST_TEST(it.family("p1") == "nobody");
}

// A number is taken before the commit, and commits are not in the order of numbers.
BOOST_DATA_TEST_CASE(a_change_that_is_committed_late_is_seen, data::make(store_engines), engine) {
  Follower it{engine};
  if (it.store.skipped()) return;
  it.follow(nine);
  it.write("p1", "Late", nine - 15 * second);
  it.follow(nine + second);
  BOOST_TEST(it.family("p1") == "Late");
  // The store was away for two minutes between number and commit.
  store::RowIds early{2};
  const std::int64_t change = early.next(nine - std::chrono::minutes{2});
  BOOST_REQUIRE(it.store->write([&](Session& session) -> Status {
    const auto put = store::ResourceStore{}.put(
        session, {"Patient", "p2", person("p2", "Later"), nine, change, std::nullopt});
    return put ? done : Status{put.error()};
  }));
  for (int i = 2; i <= 61; ++i) it.follow(nine + i * second);
  BOOST_TEST(it.family("p2") == "Later");
}

// The gateway itself was away, or its thread was.
BOOST_DATA_TEST_CASE(what_happened_while_nobody_followed_is_seen, data::make(store_engines),
                     engine) {
  Follower it{engine};
  if (it.store.skipped()) return;
  it.follow(nine);
  for (int i = 0; i < 501; ++i) it.write("p" + std::to_string(i), "Sample", nine + second);
  it.follow(nine + std::chrono::hours{2});
  BOOST_TEST(it.book.size("Patient") == 501U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::resources
