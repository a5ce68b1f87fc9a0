#include "gateway/app/gateway_number.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/store/outbox_store.h"
#include "tests/support/store_under_test.h"

using namespace cpis;
using app::GatewayNumber;

BOOST_AUTO_TEST_SUITE(gateway_number_tests)

namespace {

const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr std::chrono::seconds second{1};

GatewayNumber taken(store::Database& database, Time now) {
  auto number = GatewayNumber::take(database, now);
  BOOST_REQUIRE(number);
  return *number;
}

// Who has the one delivery that is owed, or nothing when it waits.
std::string claimed_by(store::Database& database) {
  std::string name;
  BOOST_REQUIRE(database.read([&](store::Session& session) {
    return session.query("SELECT COALESCE(claimed_by, '') FROM outbox", {},
                         [&](const store::Row& row) -> Status {
                           name = row.text(0);
                           return done;
                         });
  }));
  return name;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_of_one_gateway_gives_no_numbers) {
  test::StoreUnderTest store{"sqlite"};
  const GatewayNumber number = taken(*store, nine);
  BOOST_TEST(number.value() == 0);
  BOOST_TEST(number.name() == "gateway");
  BOOST_TEST(taken(*store, nine).value() == 0);
  BOOST_TEST(bool(number.prolong(*store, nine)));
}

BOOST_AUTO_TEST_CASE(gateways_on_one_store_have_different_numbers) {
  test::StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const GatewayNumber one = taken(*store, nine);
  const GatewayNumber two = taken(*store, nine);
  BOOST_TEST(one.name() == "gateway-0");
  BOOST_TEST(two.name() == "gateway-1");
  for (int i = 1; i <= 40; ++i) BOOST_TEST(bool(two.prolong(*store, nine + i * second)));
  // The first was not heard of: its number is free, and it is told so.
  BOOST_TEST(taken(*store, nine + 40 * second).value() == 0);
  BOOST_TEST(!one.prolong(*store, nine + 40 * second));
  two.give_back(*store);
  BOOST_TEST(taken(*store, nine + 40 * second).value() == 1);
}

BOOST_AUTO_TEST_CASE(what_a_gateway_that_is_gone_was_delivering_is_due_again) {
  test::StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const GatewayNumber one = taken(*store, nine);
  const GatewayNumber two = taken(*store, nine);
  BOOST_REQUIRE(store->write([&](store::Session& session) -> Status {
    const store::OutboxStore outbox;
    const Status owed = outbox.append(
        session, {1, "alert.webhook", "https://ehr.example", "e1", "q1", "text/plain", "x", nine});
    if (!owed) return owed;
    const auto claimed = outbox.claim(session, one.name() + ".engines", nine, 1);
    return claimed ? done : Status{claimed.error()};
  }));
  BOOST_REQUIRE(one.prolong(*store, nine + 19 * second));
  BOOST_REQUIRE(two.prolong(*store, nine + 19 * second));
  BOOST_TEST(claimed_by(*store) == "gateway-0.engines");
  BOOST_REQUIRE(two.prolong(*store, nine + 38 * second));
  BOOST_TEST(claimed_by(*store) == "gateway-0.engines");
  BOOST_REQUIRE(two.prolong(*store, nine + 39 * second));
  BOOST_TEST(claimed_by(*store).empty());
}

BOOST_AUTO_TEST_SUITE_END()
