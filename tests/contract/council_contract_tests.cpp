#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/usecases/council_book.h"
#include "tests/support/store_under_test.h"

using namespace cpis;
using namespace cpis::usecases;
using test::store_engines;
using test::StoreUnderTest;
namespace data = boost::unit_test::data;
namespace sc = cpis::social_care;

BOOST_AUTO_TEST_SUITE(council_contract_tests)

namespace {

Date day(std::string_view text) { return *parse_iso_date(text); }

template <class Value, class Read>
Value value_of(StoreUnderTest& store, Read read) {
  Value value{};
  BOOST_REQUIRE(store->read([&](store::Session& session) -> Status {
    auto found = read(session);
    if (!found) return found.error();
    value = *std::move(found);
    return done;
  }));
  return value;
}

}  // namespace

BOOST_DATA_TEST_CASE(what_a_council_was_told_survives_a_restart, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  sc::KnownRecord one;
  one.key = {"C1 ", PlanType::lac, day("2026-01-05")};
  one.life = sc::Life::sent;
  one.since = day("2026-02-01");
  one.sequence = 7;
  one.attempted = sc::Content{*NhsNumber::parse("9990123454"), day("2026-03-01"), {}, false, 99};
  sc::KnownRecord other = one;
  other.key.person_key = "C1";  // a blank at the end makes another key
  const sc::ExtractIdentity extract{std::string(64, 'a'), day("2026-02-01"), {3, 2, 1}};
  const auto keep = [&](store::Session& session) -> Status {
    for (const sc::KnownRecord* record : {&one, &other}) {
      if (const Status put = put_known(session, "E10", *record); !put) return put;
    }
    return put_extract(session, "E10", extract, Time{});
  };
  BOOST_REQUIRE(store->write(keep));
  BOOST_REQUIRE(store->write(keep));  // a work may run again
  one = after_outcome(one, 7, RecordOutcome::cpr06, day("2026-02-02"));
  BOOST_REQUIRE(store->write(keep));
  store.reopen();
  const auto known = value_of<std::vector<sc::KnownRecord>>(
      store, [](store::Session& session) { return known_records(session, "E10"); });
  BOOST_REQUIRE_EQUAL(known.size(), 2U);
  BOOST_TEST((known[0].key == other.key && known[0].attempted == other.attempted));
  BOOST_TEST((known[1].key == one.key && known[1].accepted == one.accepted));
  BOOST_TEST((known[1].life == sc::Life::ended));
  const auto last = value_of<std::optional<sc::ExtractIdentity>>(
      store, [](store::Session& session) { return last_extract(session, "E10"); });
  BOOST_REQUIRE(last);
  BOOST_TEST(last->digest == extract.digest);
  BOOST_TEST((last->made == extract.made && last->open_by_type == extract.open_by_type));
}

BOOST_DATA_TEST_CASE(loaded_plans_are_accepted_for_a_range_of_people, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  sc::KnownRecord sent;
  sent.life = sc::Life::sent;
  sent.since = day("2026-02-01");
  sent.sequence = 7;
  sent.attempted = sc::Content{*NhsNumber::parse("9990123454"), {}, {}, true, 99};
  const auto keep = [&](store::Session& session) -> Status {
    for (const std::string person : {"C1", "C2", "C3", "C4"}) {
      sent.key = {person, PlanType::cpp, day("2026-01-05")};
      sent.sequence = person == "C3" ? 8 : 7;  // C3 is in another upload
      if (const Status put = put_known(session, "E10", sent); !put) return put;
    }
    return done;
  };
  BOOST_REQUIRE(store->write(keep));
  const auto accept = [&](store::Session& session) {
    return accept_sent(session, "E10", {"C1", "C3"}, 7, day("2026-02-02"));
  };
  BOOST_REQUIRE(store->write(accept));
  BOOST_REQUIRE(store->write(accept));  // a work may run again
  const auto known = value_of<std::vector<sc::KnownRecord>>(
      store, [](store::Session& session) { return known_records(session, "E10"); });
  BOOST_REQUIRE_EQUAL(known.size(), 4U);
  for (const std::size_t untouched : {0U, 2U, 3U}) {
    BOOST_TEST((known[untouched].life == sc::Life::sent && !known[untouched].accepted));
  }
  sc::KnownRecord want = sent;
  want.key.person_key = "C2";
  want.sequence = 7;
  want = after_outcome(want, 7, RecordOutcome::cpr06, day("2026-02-02"));
  BOOST_TEST((known[1].life == want.life && known[1].since == want.since));
  BOOST_TEST((known[1].accepted == want.accepted && !known[1].attempted));
  BOOST_TEST((known[1].outcome == RecordOutcome::cpr06));
}

BOOST_DATA_TEST_CASE(work_is_kept_changed_and_forgotten, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  sc::WorkItem item;
  item.kind = sc::WorkKind::held;
  item.person_key = std::string(300, 'x');  // too long for CP-IS, which is why it is held
  item.subject = "CPP 2026-01-05";
  item.reason = "P01";
  item.age = 4;
  const auto opened = sc::update({}, std::vector{item}, day("2026-01-10"));
  const auto resolved = sc::update(opened, {}, day("2026-01-11"));
  const auto listed = [&](bool all) {
    return value_of<std::vector<sc::WorkEntry>>(
        store, [all](store::Session& session) { return work_list(session, "E10", all); });
  };
  const auto put = [&](const auto& before, const auto& after) {
    BOOST_REQUIRE(store->write(
        [&](store::Session& session) { return put_work_list(session, "E10", before, after); }));
  };
  put(std::vector<sc::WorkEntry>{}, opened);
  BOOST_REQUIRE_EQUAL(listed(false).size(), 1U);
  BOOST_TEST(listed(false)[0].item.id() == item.id());
  BOOST_TEST((listed(false)[0].item.age == 4 && !listed(false)[0].item.days_on_plan));
  put(opened, resolved);
  BOOST_TEST(listed(false).empty());
  BOOST_TEST(listed(true).size() == 1U);
  put(resolved, std::vector<sc::WorkEntry>{});
  BOOST_TEST(listed(true).empty());
}

BOOST_AUTO_TEST_SUITE_END()
