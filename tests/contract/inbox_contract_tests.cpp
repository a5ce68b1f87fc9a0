#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/store/inbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/sha256.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr Duration minute = std::chrono::minutes{1};
constexpr Duration day = std::chrono::hours{24};

// An inbox with short calls: each is a work of its own.
class Inbox {
 public:
  explicit Inbox(Database& database, const InboxStore::Settings& settings = {})
      : database_{database}, inbox_{settings} {}

  Result<Kept> keep(std::int64_t id, std::string_view control_id, std::string_view body,
                    std::optional<std::string_view> patient = {}, Time at = start) {
    const Sha256 hash = sha256(body);
    return in_work<Kept>([&](Session& session) {
      return inbox_.keep(session, {id, "adt", "PAS|TRUST", control_id, bytes_of(hash), at, body,
                                   patient, std::nullopt});
    });
  }
  std::vector<std::int64_t> claim(Time now, std::size_t max = 100,
                                  std::string_view gateway = "one") {
    const auto items = in_work<std::vector<InboxItem>>(
        [&](Session& session) { return inbox_.claim(session, gateway, now, max); });
    BOOST_REQUIRE_MESSAGE(items, (items ? "" : items.error().message));
    std::vector<std::int64_t> ids;
    for (const InboxItem& item : *items) ids.push_back(item.id);
    return ids;
  }
  InboxItem find(std::int64_t id) {
    const auto item = in_work<std::optional<InboxItem>>(
        [&](Session& session) { return inbox_.find(session, id); });
    BOOST_REQUIRE(item);
    BOOST_REQUIRE(item->has_value());
    return **item;
  }
  Status run(const std::function<Status(const InboxStore&, Session&)>& work) {
    return database_.write([&](Session& session) { return work(inbox_, session); });
  }
  Status finish(std::int64_t id) {
    return run([id](const InboxStore& inbox, Session& s) { return inbox.finish(s, id, start); });
  }
  InboxSummary summary() {
    const auto summary =
        in_work<InboxSummary>([&](Session& session) { return inbox_.summary(session); });
    BOOST_REQUIRE(summary);
    return *summary;
  }

  template <class T>
  Result<T> in_work(const std::function<Result<T>(Session&)>& work) {
    std::optional<T> value;
    const Status status = database_.write([&](Session& session) -> Status {
      auto result = work(session);
      if (!result) return result.error();
      value = *std::move(result);
      return done;
    });
    if (!status) return status.error();
    return *std::move(value);
  }

 private:
  Database& database_;
  InboxStore inbox_;
};

using Ids = std::vector<std::int64_t>;

BOOST_AUTO_TEST_SUITE(inbox_contract_tests)

BOOST_DATA_TEST_CASE(a_message_is_kept_whole, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  const std::string body{"MSH|^~\\&|\r\0\xE9 not UTF-8", 23};
  const auto kept = inbox.keep(7, "C1", body, "patient-1");
  BOOST_REQUIRE(kept);
  BOOST_TEST(!kept->duplicate);
  BOOST_TEST(kept->id == 7);
  store.reopen();
  const InboxItem item = Inbox{*store}.find(7);
  BOOST_TEST((item.body == body));
  BOOST_TEST(item.feed == "adt");
  BOOST_TEST(item.sender == "PAS|TRUST");
  BOOST_TEST(item.control_id == "C1");
  BOOST_TEST((item.received_at == start));
  BOOST_TEST((item.state == InboxState::waiting));
  BOOST_TEST(item.patient_key.value() == "patient-1");
  BOOST_TEST(!item.event_at.has_value());
}

// Hospital engines resend after a lost acknowledgement; the second copy must cause nothing.
BOOST_DATA_TEST_CASE(a_resent_message_is_a_duplicate_of_the_first, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "C1", "body"));
  const auto again = inbox.keep(2, "C1", "body", {}, start + minute);
  BOOST_REQUIRE(again);
  BOOST_TEST(again->duplicate);
  BOOST_TEST(again->id == 1);
  BOOST_TEST((again->state == InboxState::waiting));
  BOOST_TEST((inbox.claim(start + day) == Ids{1}));
  BOOST_REQUIRE(inbox.finish(1));
  const auto later = inbox.keep(3, "C1", "body", {}, start + 6 * day);
  BOOST_REQUIRE(later);
  BOOST_TEST(later->duplicate);
  BOOST_TEST((later->state == InboxState::finished));
}

BOOST_DATA_TEST_CASE(other_content_or_an_old_control_id_is_a_new_message, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "C1", "body"));
  const auto changed = inbox.keep(2, "C1", "another body");
  BOOST_REQUIRE(changed);
  BOOST_TEST(!changed->duplicate);
  const auto reused = inbox.keep(3, "C1", "body", {}, start + 8 * day);
  BOOST_REQUIRE(reused);
  BOOST_TEST(!reused->duplicate);
  const auto resent = inbox.keep(4, "C1", "body", {}, start + 8 * day + minute);
  BOOST_REQUIRE(resent);
  BOOST_TEST(resent->duplicate);
  BOOST_TEST(resent->id == 3);
}

// After a commit whose answer was lost the work runs again, with the id it had.
BOOST_DATA_TEST_CASE(keeping_the_same_row_again_is_no_duplicate, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "C1", "body"));
  const auto again = inbox.keep(1, "C1", "body");
  BOOST_REQUIRE(again);
  BOOST_TEST(!again->duplicate);
  BOOST_TEST(inbox.summary().waiting == 1);
  const auto clash = inbox.keep(1, "C2", "another");
  BOOST_REQUIRE(!clash);
  BOOST_TEST((clash.error().kind == ErrorKind::conflict));
}

BOOST_DATA_TEST_CASE(foreign_text_never_stops_a_message, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  const std::string long_id(5000, 'x');
  BOOST_REQUIRE(inbox.keep(1, long_id, "a"));
  BOOST_REQUIRE(inbox.keep(2, "\xFF\xFE\xC3", "b"));
  BOOST_TEST(inbox.find(1).control_id.size() == 199U);
  BOOST_TEST(inbox.find(2).control_id == "\uFFFD\uFFFD\uFFFD");
}

BOOST_DATA_TEST_CASE(messages_of_a_patient_are_worked_on_in_order, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "1", "admitted", "anna"));
  BOOST_REQUIRE(inbox.keep(2, "2", "transferred", "anna"));
  BOOST_REQUIRE(inbox.keep(3, "3", "admitted", "ben"));
  BOOST_REQUIRE(inbox.keep(4, "4", "no patient"));
  BOOST_REQUIRE(inbox.keep(5, "5", "no patient either"));
  BOOST_TEST((inbox.claim(start) == Ids{1, 3, 4, 5}));
  BOOST_TEST(inbox.claim(start).empty());
  BOOST_REQUIRE(inbox.finish(3));
  BOOST_TEST(inbox.claim(start).empty());
  BOOST_REQUIRE(inbox.finish(1));
  BOOST_TEST((inbox.claim(start) == Ids{2}));
  BOOST_TEST(inbox.find(2).attempts == 1);
}

BOOST_DATA_TEST_CASE(a_message_put_off_holds_up_only_its_own_patient, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "1", "a", "anna"));
  BOOST_REQUIRE(inbox.keep(2, "2", "b", "anna"));
  BOOST_REQUIRE(inbox.keep(3, "3", "c", "ben"));
  BOOST_TEST((inbox.claim(start, 1) == Ids{1}));
  BOOST_REQUIRE(inbox.run([](const InboxStore& store_, Session& s) {
    return store_.retry_at(s, 1, start + minute, "the register is away");
  }));
  BOOST_TEST((inbox.claim(start) == Ids{3}));
  BOOST_TEST((inbox.claim(start + minute) == Ids{1}));
  BOOST_TEST(inbox.find(1).attempts == 2);
  BOOST_TEST(inbox.find(1).reason == "the register is away");
}

BOOST_DATA_TEST_CASE(a_quarantined_message_waits_for_a_person_and_blocks_nobody,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "1", "a", "anna"));
  BOOST_REQUIRE(inbox.keep(2, "2", "b", "anna"));
  BOOST_TEST((inbox.claim(start) == Ids{1}));
  BOOST_REQUIRE(inbox.run([](const InboxStore& store_, Session& s) {
    return store_.quarantine(s, 1, "PV1 is missing", start);
  }));
  BOOST_TEST((inbox.claim(start) == Ids{2}));
  const auto list = inbox.in_work<std::vector<InboxItem>>(
      [](Session& s) { return InboxStore{}.quarantined(s, 0, 10); });
  BOOST_REQUIRE(list);
  BOOST_REQUIRE_EQUAL(list->size(), 1U);
  BOOST_TEST(list->front().reason == "PV1 is missing");
  BOOST_TEST(inbox.summary().quarantined == 1);
  BOOST_REQUIRE(inbox.finish(2));
  BOOST_REQUIRE(
      inbox.run([](const InboxStore& store_, Session& s) { return store_.requeue(s, 1); }));
  BOOST_TEST((inbox.claim(start) == Ids{1}));
  BOOST_TEST(!inbox.run([](const InboxStore& store_, Session& s) { return store_.requeue(s, 1); }));
}

BOOST_DATA_TEST_CASE(claims_end_with_their_time_or_a_new_lead, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_REQUIRE(inbox.keep(1, "1", "a"));
  BOOST_REQUIRE(inbox.keep(2, "2", "b"));
  BOOST_TEST((inbox.claim(start, 1, "one") == Ids{1}));
  BOOST_TEST((inbox.claim(start, 1, "two") == Ids{2}));
  BOOST_REQUIRE(
      inbox.run([](const InboxStore& store_, Session& s) { return store_.release_claims(s); }));
  BOOST_TEST((inbox.claim(start, 9, "three") == Ids{1, 2}));
  BOOST_TEST(inbox.claim(start + 4 * minute, 9, "one").empty());
  BOOST_TEST((inbox.claim(start + 5 * minute, 9, "one") == Ids{1, 2}));
  BOOST_REQUIRE(inbox.finish(2));
  const Status twice = inbox.finish(2);
  BOOST_REQUIRE(!twice);
  BOOST_TEST((twice.error().kind == ErrorKind::conflict));
}

BOOST_DATA_TEST_CASE(the_summary_tells_the_age_of_the_oldest_open_message,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  BOOST_TEST(!inbox.summary().oldest_open.has_value());
  BOOST_REQUIRE(inbox.keep(1, "1", "a", {}, start));
  BOOST_REQUIRE(inbox.keep(2, "2", "b", {}, start + minute));
  inbox.claim(start + minute, 1);
  const InboxSummary summary = inbox.summary();
  BOOST_TEST(summary.waiting == 1);
  BOOST_TEST(summary.working == 1);
  BOOST_TEST((summary.oldest_open.value() == start));
}

BOOST_DATA_TEST_CASE(purging_takes_settled_messages_only, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  RowIds ids{0};
  const std::int64_t first = ids.next(start);
  const std::int64_t second = ids.next(start);
  const std::int64_t third = ids.next(start + day);
  BOOST_REQUIRE(inbox.keep(first, "1", "a", {}, start));
  BOOST_REQUIRE(inbox.keep(second, "2", "b", {}, start));
  BOOST_REQUIRE(inbox.keep(third, "3", "c", {}, start + day));
  inbox.claim(start + day);
  BOOST_REQUIRE(inbox.finish(first));
  BOOST_REQUIRE(inbox.finish(third));
  const auto purge = [&](std::size_t max) {
    const auto gone = inbox.in_work<std::int64_t>(
        [&](Session& s) { return InboxStore{}.purge(s, start + day, max); });
    BOOST_REQUIRE_MESSAGE(gone, (gone ? "" : gone.error().message));
    return *gone;
  };
  BOOST_TEST(purge(10) == 1);
  BOOST_TEST((inbox.find(second).state == InboxState::working));
  BOOST_TEST((inbox.find(third).state == InboxState::finished));
  BOOST_TEST(purge(10) == 0);
}

BOOST_DATA_TEST_CASE(messages_are_listed_and_worked_on_again, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store};
  for (std::int64_t id = 11; id <= 14; ++id) {
    BOOST_REQUIRE(inbox.keep(id, "C" + std::to_string(id), "body " + std::to_string(id)));
  }
  BOOST_REQUIRE_EQUAL(inbox.claim(start).size(), 4U);
  for (const std::int64_t id : {11, 12, 13}) BOOST_REQUIRE(inbox.finish(id));
  BOOST_REQUIRE(inbox.run([](const InboxStore& box, Session& session) {
    return box.quarantine(session, 14, "not usable", start);
  }));
  const auto listed = [&](const InboxWanted& wanted, std::size_t max = 100) {
    const auto items = inbox.in_work<std::vector<InboxItem>>(
        [&](Session& session) { return InboxStore{}.list(session, wanted, max); });
    BOOST_REQUIRE(items);
    std::vector<std::int64_t> ids;
    for (const InboxItem& item : *items) {
      BOOST_TEST(item.body.empty());
      ids.push_back(item.id);
    }
    return ids;
  };
  using Ids = std::vector<std::int64_t>;
  BOOST_TEST((listed({}) == Ids{11, 12, 13, 14}));
  BOOST_TEST((listed({}, 2) == Ids{11, 12}));
  BOOST_TEST((listed({.after = 12}) == Ids{13, 14}));
  BOOST_TEST((listed({.state = InboxState::quarantined}) == Ids{14}));
  BOOST_TEST((listed({.feed = "another"}).empty()));

  const auto again = inbox.in_work<std::int64_t>([](Session& session) {
    return InboxStore{}.replay(session, {.after = 11, .last = 14}, 100);
  });
  BOOST_REQUIRE(again);
  BOOST_TEST(*again == 3);
  const auto backlog = inbox.in_work<std::vector<FeedBacklog>>(
      [](Session& session) { return InboxStore{}.backlog(session); });
  BOOST_REQUIRE(backlog);
  BOOST_REQUIRE_EQUAL(backlog->size(), 1U);
  BOOST_TEST(backlog->front().feed == "adt");
  BOOST_TEST(backlog->front().open == 3);
  BOOST_TEST(backlog->front().quarantined == 0);
  BOOST_TEST((inbox.claim(start) == Ids{12, 13, 14}));
  BOOST_TEST(inbox.find(14).reason.empty());
}

// A store of one gateway: nothing is marked, what is open is given until it is settled.
BOOST_DATA_TEST_CASE(without_marks_a_message_is_open_until_it_is_settled, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Inbox inbox{*store, {.marks_claims = false}};
  for (std::int64_t id = 1; id <= 4; ++id) {
    BOOST_REQUIRE(inbox.keep(id, std::to_string(id), "m" + std::to_string(id)));
  }
  BOOST_TEST((inbox.claim(start, 2) == std::vector<std::int64_t>{1, 2}));
  BOOST_TEST((inbox.claim(start, 2) == std::vector<std::int64_t>{1, 2}));
  BOOST_TEST(inbox.summary().waiting == 4);
  BOOST_REQUIRE(inbox.finish(1));
  BOOST_TEST((inbox.finish(1).error().kind == ErrorKind::conflict));
  BOOST_REQUIRE(inbox.run([](const InboxStore& all, Session& session) {
    return all.quarantine(session, 2, "unreadable", start);
  }));
  BOOST_REQUIRE(inbox.run([](const InboxStore& all, Session& session) {
    return all.retry_at(session, 3, start + minute, "away");
  }));
  BOOST_TEST((inbox.claim(start) == std::vector<std::int64_t>{4}));
  BOOST_TEST((inbox.claim(start + minute) == std::vector<std::int64_t>{3, 4}));
  BOOST_TEST(inbox.find(1).attempts == 1);
  BOOST_TEST(inbox.find(2).attempts == 1);
  BOOST_TEST(inbox.find(3).attempts == 1);
  BOOST_TEST((inbox.find(1).state == InboxState::finished));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
