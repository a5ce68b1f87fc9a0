#include "adapters/social_care/upload_records.h"

#include <boost/test/unit_test.hpp>

namespace sc = cpis::social_care;
using cpis::PlanType;

namespace {

sc::CanonicalRecord record(std::string_view number, PlanType type, std::string_view start,
                           bool mother = false) {
  sc::CanonicalRecord out;
  out.person_key = number;
  out.type = type;
  out.start = *cpis::parse_iso_date(start);
  out.subject = cpis::PlanSubject{*cpis::NhsNumber::parse(number),     "L",   "X99:T", {"A", "B"},
                                  *cpis::parse_iso_date("2010-01-01"), mother};
  return out;
}

sc::UploadDraft draft_of(const std::vector<sc::CanonicalRecord>& records) {
  sc::UploadBuilder builder;
  for (sc::CanonicalRecord record : records) builder.add(std::move(record));
  return builder.take();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upload_records_tests)

BOOST_AUTO_TEST_CASE(a_child_with_two_kinds_of_plan_is_one_record) {
  const std::vector<sc::CanonicalRecord> records{record("9990000018", PlanType::cpp, "2026-01-01"),
                                                 record("9990000026", PlanType::cpp, "2026-01-01"),
                                                 record("9990000018", PlanType::lac, "2025-01-01")};
  const auto draft = draft_of(records);
  BOOST_REQUIRE_EQUAL(draft.records.size(), 2U);
  BOOST_TEST(draft.records[0].plans.size() == 2U);
  BOOST_REQUIRE_EQUAL(draft.plans.size(), 3U);
  BOOST_TEST(draft.plans[1].record == 1U);
  BOOST_TEST(draft.plans[2].record == 0U);
  BOOST_TEST(draft.plans[2].plan == 1U);
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST((draft.content(draft.plans[i]) == content_of(records[i])));
    BOOST_TEST((draft.plans[i].key == key_of(records[i])));
  }
}

BOOST_AUTO_TEST_CASE(a_second_plan_of_one_type_needs_a_second_record) {
  const std::vector<sc::CanonicalRecord> records{record("9990000018", PlanType::lac, "2025-01-01"),
                                                 record("9990000018", PlanType::lac, "2026-01-01"),
                                                 record("9990000018", PlanType::lac, "2026-01-01")};
  const auto draft = draft_of(records);
  BOOST_TEST(draft.records.size() == 2U);
  BOOST_TEST(draft.plans.size() == 2U);  // the repeat is left out
}

BOOST_AUTO_TEST_CASE(a_pregnant_child_is_apart_as_mother) {
  const std::vector<sc::CanonicalRecord> records{
      record("9990000018", PlanType::cpp, "2026-01-01"),
      record("9990000018", PlanType::ucp, "2026-02-01", true)};
  const auto draft = draft_of(records);
  BOOST_REQUIRE_EQUAL(draft.records.size(), 2U);
  BOOST_TEST(!draft.records[0].subject.is_mother);
  BOOST_TEST(draft.records[1].subject.is_mother);
}

BOOST_AUTO_TEST_CASE(what_is_held_or_has_no_number_is_not_sent) {
  auto held = record("9990000018", PlanType::cpp, "2026-01-01");
  held.state = sc::RecordState::held;
  auto skipped = record("9990000018", PlanType::cpp, "2026-01-01");
  skipped.state = sc::RecordState::skipped;
  auto nobody = record("9990000018", PlanType::cpp, "2026-01-01");
  nobody.subject.reset();
  auto asked = record("9990000018", PlanType::cpp, "2026-01-01");
  asked.state = sc::RecordState::queried;
  BOOST_TEST(draft_of({held, skipped, nobody}).records.empty());
  BOOST_TEST(draft_of({asked}).records.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
