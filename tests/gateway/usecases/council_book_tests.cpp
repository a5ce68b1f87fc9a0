#include "gateway/usecases/council_book.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/store/open.h"
#include "gateway/usecases/extract_digest.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::usecases;
namespace sc = cpis::social_care;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(council_book_tests)

namespace {

Date day(std::string_view text) { return *parse_iso_date(text); }

struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + folder.file("book.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
  }
  std::vector<sc::KnownRecord> known(std::string_view council) {
    std::vector<sc::KnownRecord> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto read = known_records(session, council);
      if (!read) return read.error();
      found = *std::move(read);
      return done;
    }));
    return found;
  }
  test::ScratchFolder folder;
  std::unique_ptr<store::Database> database;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_record_comes_back_as_it_was_kept, Fixture) {
  sc::KnownRecord one;
  one.key = {"C 1", PlanType::lac, day("2026-01-05")};
  one.life = sc::Life::rejected;
  one.since = day("2026-02-01");
  one.sequence = 7;
  one.outcome = RecordOutcome::cpr03;
  one.accepted = sc::Content{*NhsNumber::parse("9990123454"), {}, {}, true, 0xFFFFFFFFFFFFFFFFU};
  one.attempted =
      sc::Content{*NhsNumber::parse("9990000018"), day("1969-12-31"), day("2026-03-01"), false, 0};
  BOOST_REQUIRE(
      database->write([&](store::Session& session) { return put_known(session, "E10", one); }));
  const auto found = known("E10");
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST((found[0].key == one.key));
  BOOST_TEST((found[0].life == one.life && found[0].outcome == one.outcome));
  BOOST_TEST((found[0].since == one.since && found[0].sequence == one.sequence));
  BOOST_TEST((found[0].accepted == one.accepted));
  BOOST_TEST((found[0].attempted == one.attempted));
  BOOST_TEST(known("E11").empty());
}

// More than one page, with persons who have several plans at the borders of pages.
BOOST_FIXTURE_TEST_CASE(every_record_is_read_once_whatever_the_number_of_pages, Fixture) {
  constexpr int people = 7000;
  BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
    for (int i = 0; i < people; ++i) {
      for (const PlanTypeWords& words : plan_type_words) {
        for (const char* start : {"2025-01-01", "2026-01-01"}) {
          sc::KnownRecord one;
          one.key = {"P" + std::to_string(i), words.type, day(start)};
          one.since = day("2026-02-01");
          if (const Status put = put_known(session, "E10", one); !put) return put;
        }
      }
    }
    return done;
  }));
  const auto found = known("E10");
  BOOST_TEST(found.size() == static_cast<std::size_t>(people) * 6U);
  const auto repeat = std::adjacent_find(found.begin(), found.end(),
                                         [](auto& one, auto& next) { return one.key == next.key; });
  BOOST_TEST((repeat == found.end()));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_memory_is_told_and_not_used, Fixture) {
  BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
    const auto put = session.execute(
        "INSERT INTO council_record (council, person_key, plan_type, start_day, life, since_day, "
        "sequence, outcome, accepted, attempted) VALUES ('E10', 'C1', 0, 1, 3, 1, 1, 5, "
        "'9990123455 - - 1 5 ', '')");
    return put ? done : Status{put.error()};
  }));
  const Status read = database->read([&](store::Session& session) -> Status {
    const auto found = known_records(session, "E10");
    return found ? done : Status{found.error()};
  });
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().kind == ErrorKind::fault));
}

BOOST_FIXTURE_TEST_CASE(the_work_list_keeps_owner_and_history_and_forgets_what_is_old, Fixture) {
  sc::WorkItem item;
  item.kind = sc::WorkKind::rejected;
  item.person_key = "C1";
  item.subject = "CPP 2026-01-05";
  item.reason = "CPR03";
  item.days_on_plan = 12;
  auto entries = sc::update({}, std::vector{item}, day("2026-01-10"));
  BOOST_REQUIRE(sc::take(entries, item.id(), "Olu Owner", day("2026-01-11")));
  std::vector<sc::WorkEntry> found;
  const auto keep = [&](const std::vector<sc::WorkEntry>& before,
                        const std::vector<sc::WorkEntry>& after, bool all) {
    BOOST_REQUIRE(database->write(
        [&](store::Session& session) { return put_work_list(session, "E10", before, after); }));
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto read = work_list(session, "E10", all);
      if (!read) return read.error();
      found = *std::move(read);
      return done;
    }));
  };
  keep({}, entries, false);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].owner == "Olu Owner");
  BOOST_TEST(found[0].item.id() == item.id());
  BOOST_TEST((found[0].item.days_on_plan == 12 && !found[0].item.age));
  BOOST_REQUIRE_EQUAL(found[0].history.size(), 2U);
  BOOST_TEST(found[0].history[1].who == "Olu Owner");
  const auto before = found;
  const auto resolved = sc::update(before, {}, day("2026-01-12"));
  keep(before, resolved, false);
  BOOST_TEST(found.empty());
  keep(resolved, resolved, true);
  BOOST_TEST(found.size() == 1U);
  keep(resolved, sc::update(resolved, {}, day("2027-06-01")), true);
  BOOST_TEST(found.empty());
}

namespace {
struct NamedDay {
  const char* name;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const NamedDay& one) { return out << one.name; }
const NamedDay named_days[] = {
    {"cohort.csv", ""},
    {"cohort_20260105.csv", "2026-01-05"},
    {"2026-01-05-cohort.csv", "2026-01-05"},
    {"cohort_2026-01-05T0200.csv", "2026-01-05"},
    {"cohort_120260105.csv", ""},
    {"cohort_20261305.csv", ""},
    {"SSDA903_2025_2026_episodes.csv", ""},
    {"a_20250101_b_20260101.csv", "2026-01-01"},
};
}  // namespace

BOOST_DATA_TEST_CASE(the_day_in_a_file_name_is_when_it_was_made, data::make(named_days), one) {
  const auto found = day_in_name(one.name);
  BOOST_TEST((found ? to_iso(*found) : std::string{}) == one.want);
}

BOOST_AUTO_TEST_SUITE_END()
