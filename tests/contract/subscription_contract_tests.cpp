#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/subscription_store.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");

Happening happening(const std::string& id, Time at = start) {
  return {id,
          at,
          "person-with-a-record-has-arrived",
          "RXX01",
          "9990000018",
          "Encounter/e1",
          R"({"resourceType":"Bundle"})",
          "question-1"};
}

void write(Database& database, const std::function<Status(Session&)>& work) {
  const Status status = database.write([&](Session& session) { return work(session); });
  BOOST_REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
}

std::int64_t add(Database& database, std::string_view subscription, const Happening& what) {
  std::int64_t number = 0;
  write(database, [&](Session& session) -> Status {
    const auto added = SubscriptionStore{}.add_event(session, subscription, what);
    if (!added) return added.error();
    number = *added;
    return done;
  });
  return number;
}

std::vector<std::string> waiting(Database& database) {
  std::vector<std::string> ids;
  write(database, [&](Session& session) -> Status {
    ids.clear();
    const auto found = SubscriptionStore{}.waiting(session, 100);
    if (!found) return found.error();
    for (const Happening& one : *found) ids.push_back(one.id);
    return done;
  });
  return ids;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_contract_tests)

BOOST_DATA_TEST_CASE(a_happening_is_kept_once_and_shared_out_once, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Database& database = *store;
  const SubscriptionStore subscriptions;
  write(database, [&](Session& s) { return subscriptions.note(s, happening("b", start)); });
  write(database, [&](Session& s) { return subscriptions.note(s, happening("b", start)); });
  write(database, [&](Session& s) {
    return subscriptions.note(s, happening("a", start - std::chrono::seconds{1}));
  });
  BOOST_TEST(waiting(database) == (std::vector<std::string>{"a", "b"}),
             boost::test_tools::per_element());
  write(database, [&](Session& s) { return subscriptions.share_out(s, "a"); });
  BOOST_TEST(waiting(database) == std::vector<std::string>{"b"}, boost::test_tools::per_element());
  const Status again = database.write([&](Session& s) { return subscriptions.share_out(s, "a"); });
  BOOST_REQUIRE(!again);
  BOOST_TEST((again.error().kind == ErrorKind::conflict));
}

BOOST_DATA_TEST_CASE(numbers_have_no_gaps_and_a_rolled_back_event_takes_none,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Database& database = *store;
  const SubscriptionStore subscriptions;
  for (const char* id : {"a", "b", "c"}) {
    write(database, [&](Session& s) { return subscriptions.note(s, happening(id)); });
  }
  BOOST_TEST(add(database, "one", happening("a")) == 1);
  BOOST_TEST(add(database, "one", happening("b")) == 2);
  BOOST_TEST(add(database, "other", happening("b")) == 1);
  const Status failed = database.write([&](Session& session) -> Status {
    const auto added = subscriptions.add_event(session, "one", happening("c"));
    if (!added) return added.error();
    return Error{ErrorKind::fault, "the transaction fails"};
  });
  BOOST_TEST(!failed);
  BOOST_TEST(add(database, "one", happening("c")) == 3);
  write(database, [&](Session& session) -> Status {
    const auto found = subscriptions.events(session, "one", 2, 9, 10);
    if (!found) return found.error();
    BOOST_TEST(found->size() == 2U);
    BOOST_TEST(found->front().number == 2);
    BOOST_TEST(found->front().what.id == "b");
    BOOST_TEST(found->front().what.focus == "Encounter/e1");
    BOOST_TEST(found->front().what.content == R"({"resourceType":"Bundle"})");
    BOOST_TEST((found->front().what.at == start));
    BOOST_TEST(found->front().what.correlation_id == "question-1");
    const auto last = subscriptions.last_event(session, "one");
    BOOST_TEST((last && *last == 3));
    const auto none = subscriptions.last_event(session, "nobody");
    BOOST_TEST((none && *none == 0));
    return done;
  });
}

BOOST_DATA_TEST_CASE(what_is_past_goes_and_the_numbers_go_on, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Database& database = *store;
  const SubscriptionStore subscriptions;
  const Time old = start - std::chrono::hours{48};
  for (const auto& [id, at] : {std::pair{"old", old}, std::pair{"new", start}}) {
    write(database, [&](Session& s) { return subscriptions.note(s, happening(id, at)); });
    write(database, [&](Session& s) { return subscriptions.share_out(s, id); });
    add(database, "one", happening(id, at));
  }
  write(database, [&](Session& s) { return subscriptions.note(s, happening("waits", old)); });
  write(database, [&](Session& session) -> Status {
    const auto purged = subscriptions.purge(session, start - std::chrono::hours{1}, 100);
    if (!purged) return purged.error();
    BOOST_TEST(*purged == 2);
    return done;
  });
  write(database, [&](Session& session) -> Status {
    const auto left = subscriptions.events(session, "one", 1, 9, 10);
    if (!left) return left.error();
    BOOST_TEST(left->size() == 1U);
    BOOST_TEST(left->front().number == 2);
    return done;
  });
  BOOST_TEST(waiting(database) == std::vector<std::string>{"waits"},
             boost::test_tools::per_element());
  write(database, [&](Session& s) { return subscriptions.note(s, happening("next")); });
  BOOST_TEST(add(database, "one", happening("next")) == 3);
}

BOOST_DATA_TEST_CASE(deliveries_that_nobody_waits_for_are_taken_back, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Database& database = *store;
  const OutboxStore outbox;
  const auto append = [&](std::int64_t id, std::string_view kind, std::string_view destination) {
    write(database, [&](Session& s) {
      return outbox.append(s, {id, kind, destination, "events", "c", "text/plain", "1", start});
    });
  };
  append(1, "subscription", "one");
  append(2, "subscription", "two");
  append(3, "alert.webhook", "one");
  write(database, [&](Session& s) { return outbox.withdraw(s, "subscription", "one"); });
  write(database, [&](Session& session) -> Status {
    const auto left = outbox.claim(session, "gateway", start, 10, {.not_kinds = {"x"}});
    if (!left) return left.error();
    BOOST_TEST(left->size() == 2U);
    const auto other = outbox.claim(session, "gateway", start, 10,
                                    {.not_kinds = {"alert.webhook", "subscription"}});
    if (!other) return other.error();
    BOOST_TEST(other->empty());
    return done;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpis::store
