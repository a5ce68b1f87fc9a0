#include "gateway/store/retention.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/sha256.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr Duration day = std::chrono::hours{24};

// A message that was finished and the delivery it caused, both on one day.
Status keep_settled(Session& session, RowIds& ids, Time at, bool settle) {
  const std::int64_t id = ids.next(at);
  const std::string name = std::to_string(id);
  const Sha256 hash = sha256(name);
  const auto kept = InboxStore{}.keep(
      session, {id, "adt", "PAS", name, bytes_of(hash), at, name, std::nullopt, std::nullopt});
  if (!kept) return kept.error();
  const std::int64_t delivery = ids.next(at);
  Status status = OutboxStore{}.append(
      session, {delivery, "alert", "webhook", std::nullopt, name, "text/plain", name, at});
  if (!status || !settle) return status;
  const auto claimed = InboxStore{}.claim(session, "one", at, 1000);
  if (!claimed) return claimed.error();
  status = InboxStore{}.finish(session, id, at);
  if (!status) return status;
  const auto due = OutboxStore{}.claim(session, "one", at, 1000);
  if (!due) return due.error();
  return OutboxStore{}.delivered(session, delivery, at);
}

std::int64_t count(Database& database, std::string_view sql) {
  std::int64_t rows = -1;
  BOOST_REQUIRE(database.read([&](Session& session) {
    return session.query(sql, {}, [&](const Row& row) -> Status {
      rows = row.integer(0);
      return done;
    });
  }));
  return rows;
}

BOOST_AUTO_TEST_SUITE(retention_contract_tests)

BOOST_DATA_TEST_CASE(only_what_is_settled_and_past_its_time_goes, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  RowIds ids{0};
  BOOST_REQUIRE(store->write([&](Session& session) -> Status {
    for (int i = 0; i < 25; ++i) {
      if (Status kept = keep_settled(session, ids, start, true); !kept) return kept;
    }
    if (Status kept = keep_settled(session, ids, start + day, true); !kept) return kept;
    return keep_settled(session, ids, start, false);
  }));
  RetentionSettings settings;
  settings.inbox = 10 * day;
  settings.outbox = 20 * day;
  settings.rows_max = 10;
  const auto early = purge_expired(*store, settings, start + 10 * day);
  BOOST_REQUIRE_MESSAGE(early, (early ? "" : early.error().message));
  BOOST_TEST(early->inbox == 0);
  const auto bounded = purge_expired(*store, settings, start + 10 * day + day / 2, 1);
  BOOST_REQUIRE(bounded);
  BOOST_TEST(bounded->inbox == 10);
  const auto rest = purge_expired(*store, settings, start + 10 * day + day / 2);
  BOOST_REQUIRE(rest);
  BOOST_TEST(rest->inbox == 15);
  BOOST_TEST(rest->outbox == 0);
  const auto later = purge_expired(*store, settings, start + 100 * day);
  BOOST_REQUIRE(later);
  BOOST_TEST(later->inbox == 1);
  BOOST_TEST(later->outbox == 26);
  BOOST_TEST(count(*store, "SELECT COUNT(*) FROM inbox") == 1);
  BOOST_TEST(count(*store, "SELECT COUNT(*) FROM outbox") == 1);
}

// What was put aside waits for a person, longer than what was dealt with, and not for ever.
BOOST_DATA_TEST_CASE(messages_put_aside_go_after_their_own_time, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  RowIds ids{0};
  BOOST_REQUIRE(store->write([&](Session& session) -> Status {
    if (Status kept = keep_settled(session, ids, start, false); !kept) return kept;
    const auto claimed = InboxStore{}.claim(session, "one", start, 1);
    if (!claimed) return claimed.error();
    return InboxStore{}.quarantine(session, claimed->at(0).id, "no usable identifier", start);
  }));
  RetentionSettings settings;
  settings.inbox = settings.outbox = 10 * day;
  settings.quarantined = 100 * day;
  const auto early = purge_expired(*store, settings, start + 99 * day);
  BOOST_REQUIRE(early);
  BOOST_TEST(early->quarantined == 0);
  BOOST_TEST(count(*store, "SELECT COUNT(*) FROM inbox") == 1);
  const auto late = purge_expired(*store, settings, start + 101 * day);
  BOOST_REQUIRE(late);
  BOOST_TEST(late->quarantined == 1);
  BOOST_TEST(count(*store, "SELECT COUNT(*) FROM inbox") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
