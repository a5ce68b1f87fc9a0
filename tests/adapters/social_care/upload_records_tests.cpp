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

}  // namespace

BOOST_AUTO_TEST_SUITE(upload_records_tests)

BOOST_AUTO_TEST_CASE(a_child_with_two_kinds_of_plan_is_one_record) {
  const std::vector<sc::CanonicalRecord> records{record("9990000018", PlanType::cpp, "2026-01-01"),
                                                 record("9990000026", PlanType::cpp, "2026-01-01"),
                                                 record("9990000018", PlanType::lac, "2025-01-01")};
  const auto groups = sc::to_upload_records(records);
  BOOST_REQUIRE_EQUAL(groups.size(), 2U);
  BOOST_TEST(groups[0].record.plans.size() == 2U);
  BOOST_TEST((groups[0].members == std::vector<std::size_t>{0, 2}));
  BOOST_TEST((groups[1].members == std::vector<std::size_t>{1}));
}

BOOST_AUTO_TEST_CASE(a_second_plan_of_one_type_needs_a_second_record) {
  const std::vector<sc::CanonicalRecord> records{record("9990000018", PlanType::lac, "2025-01-01"),
                                                 record("9990000018", PlanType::lac, "2026-01-01"),
                                                 record("9990000018", PlanType::lac, "2026-01-01")};
  const auto groups = sc::to_upload_records(records);
  BOOST_TEST(groups.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_pregnant_child_is_apart_as_mother) {
  const std::vector<sc::CanonicalRecord> records{
      record("9990000018", PlanType::cpp, "2026-01-01"),
      record("9990000018", PlanType::ucp, "2026-02-01", true)};
  const auto groups = sc::to_upload_records(records);
  BOOST_REQUIRE_EQUAL(groups.size(), 2U);
  BOOST_TEST(!groups[0].record.subject.is_mother);
  BOOST_TEST(groups[1].record.subject.is_mother);
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
  BOOST_TEST(sc::to_upload_records(std::vector{held, skipped, nobody}).empty());
  BOOST_TEST(sc::to_upload_records(std::vector{asked}).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
