#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr Duration minute = std::chrono::minutes{1};
constexpr RetryPolicy policy{minute, 4 * minute, 3};

class Outbox {
 public:
  explicit Outbox(Database& database)
      : database_{database}, outbox_{OutboxStore::Settings{policy, 5 * minute}} {}

  Status append(std::int64_t id, std::optional<std::string_view> key = {},
                std::string_view destination = "council/E09000001", Time at = start) {
    return database_.write([&](Session& session) {
      return outbox_.append(session, {id, "notice", destination, key, "corr-1", "text/csv",
                                      std::string_view{"a\0b", 3}, at});
    });
  }
  std::vector<std::int64_t> claim(Time now, std::size_t max = 100) {
    std::vector<std::int64_t> ids;
    const Status status = database_.write([&](Session& session) -> Status {
      ids.clear();
      const auto items = outbox_.claim(session, "one", now, max);
      if (!items) return items.error();
      for (const OutboxItem& item : *items) ids.push_back(item.id);
      return done;
    });
    BOOST_REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
    return ids;
  }
  Status run(const std::function<Status(const OutboxStore&, Session&)>& work) {
    return database_.write([&](Session& session) { return work(outbox_, session); });
  }
  Status delivered(std::int64_t id) {
    return run([&](const OutboxStore& box, Session& s) { return box.delivered(s, id, start); });
  }
  OutboxState failed(std::int64_t id, Time now) {
    OutboxState state = OutboxState::delivered;
    const Status status = run([&](const OutboxStore& box, Session& s) -> Status {
      const auto after = box.failed(s, id, "503 from the receiver", now);
      if (!after) return after.error();
      state = *after;
      return done;
    });
    BOOST_REQUIRE(status);
    return state;
  }
  OutboxItem find(std::int64_t id) {
    std::optional<OutboxItem> found;
    BOOST_REQUIRE(run([&](const OutboxStore& box, Session& s) -> Status {
      auto item = box.find(s, id);
      if (!item) return item.error();
      found = *std::move(item);
      return done;
    }));
    BOOST_REQUIRE(found.has_value());
    return *found;
  }
  OutboxSummary summary() {
    OutboxSummary summary;
    BOOST_REQUIRE(run([&](const OutboxStore& box, Session& s) -> Status {
      const auto read = box.summary(s);
      if (!read) return read.error();
      summary = *read;
      return done;
    }));
    return summary;
  }

 private:
  Database& database_;
  OutboxStore outbox_;
};

using Ids = std::vector<std::int64_t>;

BOOST_AUTO_TEST_SUITE(outbox_contract_tests)

BOOST_DATA_TEST_CASE(a_delivery_is_kept_whole_and_once, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(Outbox{*store}.append(1, "child-1"));
  BOOST_REQUIRE(Outbox{*store}.append(1, "child-1"));
  store.reopen();
  Outbox outbox{*store};
  const OutboxItem item = outbox.find(1);
  BOOST_TEST(item.kind == "notice");
  BOOST_TEST(item.destination == "council/E09000001");
  BOOST_TEST(item.order_key.value() == "child-1");
  BOOST_TEST(item.correlation_id == "corr-1");
  BOOST_TEST(item.content_type == "text/csv");
  BOOST_TEST((item.payload == std::string_view{"a\0b", 3}));
  BOOST_TEST((item.created_at == start));
  BOOST_TEST(outbox.summary().waiting == 1);
}

BOOST_DATA_TEST_CASE(one_key_to_one_destination_goes_in_order, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  BOOST_REQUIRE(outbox.append(1, "anna"));
  BOOST_REQUIRE(outbox.append(2, "anna"));
  BOOST_REQUIRE(outbox.append(3, "ben"));
  BOOST_REQUIRE(outbox.append(4, "anna", "webhook"));
  BOOST_REQUIRE(outbox.append(5));
  BOOST_REQUIRE(outbox.append(6));
  BOOST_TEST((outbox.claim(start) == Ids{1, 3, 4, 5, 6}));
  BOOST_REQUIRE(outbox.delivered(1));
  BOOST_TEST((outbox.claim(start) == Ids{2}));
  BOOST_TEST(!outbox.delivered(1));
}

BOOST_DATA_TEST_CASE(a_failed_delivery_waits_longer_each_time_and_dies_at_the_limit,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  BOOST_REQUIRE(outbox.append(1, "anna"));
  BOOST_REQUIRE(outbox.append(2, "anna"));
  BOOST_TEST((outbox.claim(start) == Ids{1}));
  BOOST_TEST((outbox.failed(1, start) == OutboxState::waiting));
  const Time second = outbox.find(1).next_attempt_at;
  BOOST_TEST((second >= start + minute));
  BOOST_TEST((second <= start + minute + minute / 4));
  BOOST_TEST(outbox.claim(start + minute - Duration{1}).empty());
  BOOST_TEST((outbox.claim(second) == Ids{1}));
  BOOST_TEST((outbox.failed(1, second) == OutboxState::waiting));
  const Time third = outbox.find(1).next_attempt_at;
  BOOST_TEST((third >= second + 2 * minute));
  BOOST_TEST((outbox.claim(third) == Ids{1}));
  BOOST_TEST((outbox.failed(1, third) == OutboxState::dead));
  BOOST_TEST(outbox.find(1).last_error == "503 from the receiver");
  BOOST_TEST(outbox.summary().dead == 1);
  // The dead one no longer holds up the next of its key.
  BOOST_TEST((outbox.claim(third) == Ids{2}));
}

BOOST_DATA_TEST_CASE(a_person_can_send_a_dead_delivery_again, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  BOOST_REQUIRE(outbox.append(1));
  BOOST_TEST((outbox.claim(start) == Ids{1}));
  BOOST_REQUIRE(outbox.run(
      [](const OutboxStore& box, Session& s) { return box.refused(s, 1, "410 gone", start); }));
  BOOST_TEST((outbox.find(1).state == OutboxState::dead));
  BOOST_TEST(outbox.claim(start + 1000 * minute).empty());
  BOOST_REQUIRE(outbox.run([](const OutboxStore& box, Session& s) -> Status {
    const auto dead = box.dead(s, 0, 10);
    if (!dead) return dead.error();
    BOOST_TEST(dead->size() == 1U);
    return box.requeue(s, 1, start);
  }));
  BOOST_TEST((outbox.claim(start) == Ids{1}));
  BOOST_TEST(outbox.find(1).attempts == 1);
}

BOOST_DATA_TEST_CASE(what_was_under_way_at_a_crash_is_due_again, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(Outbox{*store}.append(1));
  BOOST_TEST((Outbox{*store}.claim(start) == Ids{1}));
  store.reopen();
  Outbox outbox{*store};
  BOOST_TEST(outbox.claim(start).empty());
  BOOST_REQUIRE(
      outbox.run([](const OutboxStore& box, Session& s) { return box.release_claims(s, "one"); }));
  BOOST_TEST((outbox.claim(start) == Ids{1}));
}

BOOST_DATA_TEST_CASE(the_next_due_time_lets_the_sender_sleep, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  const auto next_due = [&] {
    std::optional<Time> due;
    BOOST_REQUIRE(outbox.run([&](const OutboxStore& box, Session& s) -> Status {
      const auto read = box.next_due(s);
      if (!read) return read.error();
      due = *read;
      return done;
    }));
    return due;
  };
  BOOST_TEST(!next_due().has_value());
  BOOST_REQUIRE(outbox.append(1, {}, "a", start + minute));
  BOOST_REQUIRE(outbox.append(2, {}, "b", start));
  BOOST_TEST((next_due() == start));
  BOOST_TEST((outbox.claim(start) == Ids{2}));
  BOOST_TEST((next_due() == start + minute));
}

BOOST_DATA_TEST_CASE(purging_takes_delivered_items_only, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  RowIds ids{3};
  const std::int64_t sent = ids.next(start);
  const std::int64_t owed = ids.next(start);
  BOOST_REQUIRE(outbox.append(sent));
  BOOST_REQUIRE(outbox.append(owed));
  BOOST_TEST((outbox.claim(start, 1) == Ids{sent}));
  BOOST_REQUIRE(outbox.delivered(sent));
  std::int64_t gone = 0;
  BOOST_REQUIRE(outbox.run([&](const OutboxStore& box, Session& s) -> Status {
    const auto purged = box.purge(s, start + minute, 100);
    if (!purged) return purged.error();
    gone = *purged;
    return done;
  }));
  BOOST_TEST(gone == 1);
  BOOST_TEST((outbox.find(owed).state == OutboxState::waiting));
}

BOOST_AUTO_TEST_CASE(the_delay_doubles_to_its_limit_and_is_spread) {
  const RetryPolicy retry;
  bool spread = false;
  for (std::int64_t id = 1; id < 50; ++id) {
    for (int attempts = 1; attempts < 40; ++attempts) {
      const Duration delay = retry.delay_after(attempts, id);
      BOOST_REQUIRE((delay >= retry.first));
      BOOST_REQUIRE((delay <= retry.longest + retry.longest / 4));
      BOOST_REQUIRE((delay == retry.delay_after(attempts, id)));
    }
    spread = spread || retry.delay_after(5, id) != retry.delay_after(5, id + 1);
  }
  BOOST_TEST(spread);
  BOOST_TEST((retry.delay_after(2, 9) >= 2 * retry.first));
}

BOOST_DATA_TEST_CASE(what_is_behind_a_delivery_can_become_one_with_it, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Outbox outbox{*store};
  for (const std::int64_t id : {1, 2, 3, 4}) BOOST_REQUIRE(outbox.append(id, "events"));
  BOOST_REQUIRE(outbox.append(5, "others"));
  BOOST_REQUIRE(outbox.append(6, "events", "elsewhere"));
  BOOST_TEST(outbox.claim(start, 1) == std::vector<std::int64_t>{1},
             boost::test_tools::per_element());
  const OutboxItem first = outbox.find(1);
  const auto behind = [&](std::size_t max) {
    std::vector<std::int64_t> ids;
    BOOST_REQUIRE(outbox.run([&](const OutboxStore& box, Session& s) -> Status {
      ids.clear();
      const auto items = box.behind(s, first, max);
      if (!items) return items.error();
      for (const OutboxItem& item : *items) ids.push_back(item.id);
      return done;
    }));
    return ids;
  };
  BOOST_TEST(behind(9) == (std::vector<std::int64_t>{2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(behind(2) == (std::vector<std::int64_t>{2, 3}), boost::test_tools::per_element());
  const std::vector<OutboxItem> two{outbox.find(2), outbox.find(3)};
  const auto join = [&] {
    return outbox.run(
        [&](const OutboxStore& box, Session& s) { return box.join(s, first, "1-3", two); });
  };
  BOOST_REQUIRE(join());
  BOOST_TEST(outbox.find(1).payload == "1-3");
  BOOST_TEST(behind(9) == std::vector<std::int64_t>{4}, boost::test_tools::per_element());
  // They are gone: a second time nothing changes.
  const Status again = join();
  BOOST_REQUIRE(!again);
  BOOST_TEST((again.error().kind == ErrorKind::conflict));
  BOOST_REQUIRE(outbox.delivered(1));
  BOOST_TEST(behind(9) == std::vector<std::int64_t>{4}, boost::test_tools::per_element());
  BOOST_TEST(outbox.claim(start) == (std::vector<std::int64_t>{4, 5, 6}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
