#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

#include "adapters/core/rules/access_history.h"
#include "adapters/core/rules/office_hours.h"
#include "adapters/core/rules/visibility.h"
#include "adapters/core/rules/who_is_checked.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(rules_tests)

namespace {

Date day(std::string_view text) { return *parse_iso_date(text); }
NhsNumber child() { return *NhsNumber::parse("9990123454"); }

struct VisibleCase {
  PlanType type;
  std::string_view end;  // empty: open
  std::string_view birth;
  std::string_view today;
  bool visible;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const VisibleCase& c) { return out << c.why; }

constexpr VisibleCase visible_cases[] = {
    {PlanType::cpp, "", "2015-01-01", "2026-01-01", true, "an open plan"},
    {PlanType::cpp, "2025-01-10", "2015-01-01", "2026-01-10", true, "365 days after the end"},
    {PlanType::cpp, "2025-01-10", "2015-01-01", "2026-01-11", false, "366 days after the end"},
    {PlanType::lac, "2025-01-10", "2015-01-01", "2026-01-11", false, "looked after: the same"},
    {PlanType::ucp, "2026-01-01", "1990-01-01", "2026-01-29", true, "28 days after the due date"},
    {PlanType::ucp, "2026-01-01", "1990-01-01", "2026-01-30", false, "29 days after the due date"},
    {PlanType::cpp, "", "2008-01-02", "2026-01-01", true, "the day before the 18th birthday"},
    {PlanType::cpp, "", "2008-01-01", "2026-01-01", false, "the 18th birthday"},
    {PlanType::ucp, "2026-03-01", "1990-01-01", "2026-01-01", true, "a mother is an adult"},
    {PlanType::lac, "", "", "2026-01-01", true, "an unknown age hides nothing"},
};

struct CheckCase {
  PatientClass patient_class;
  VisitState state;
  std::string_view birth;
  std::string_view status;
  bool number;
  bool mother;
  rules::CheckDecision want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const CheckCase& c) { return out << c.why; }

using enum rules::CheckDecision;
constexpr auto emergency = PatientClass::emergency;
constexpr auto present = VisitState::in_progress;
constexpr CheckCase check_cases[] = {
    {emergency, present, "2015-05-05", "01", true, false, check_child, "a child in the ED"},
    {emergency, present, "2015-05-05", "", true, false, check_child, "no status was sent"},
    {emergency, present, "1980-05-05", "01", true, false, skip_adult, "an adult in the ED"},
    {emergency, present, "", "01", true, false, check_age_unknown, "no birth date"},
    {emergency, present, "1995-05-05", "01", true, true, check_expectant_mother, "expecting"},
    {emergency, present, "2010-05-05", "01", true, true, check_child, "expecting, and a child"},
    {PatientClass::obstetrics, present, "1995-05-05", "", true, true, check_expectant_mother,
     "in maternity"},
    {PatientClass::outpatient, present, "2015-05-05", "01", true, false, skip_not_unscheduled,
     "an outpatient clinic is planned care"},
    {emergency, VisitState::planned, "2015-05-05", "01", true, false, skip_not_present,
     "not there yet"},
    {emergency, VisitState::cancelled, "2015-05-05", "01", true, false, skip_not_present,
     "registered in error"},
    {emergency, present, "2015-05-05", "", false, false, review_no_nhs_number, "no number"},
    {emergency, present, "2015-05-05", "02", true, false, review_unverified, "not traced"},
    {emergency, present, "1980-05-05", "", false, false, skip_adult, "an adult without a number"},
};

AccessEvent access(std::string_view user, Time at) {
  Caller by;
  by.organisation_code = "RXX01";
  by.user_id = user;
  return {std::string{user} + std::to_string(to_micros(at)), at, child(), by};
}

}  // namespace

BOOST_DATA_TEST_CASE(plans_age_off, data::make(visible_cases), c) {
  Plan plan{c.type, {day("2024-01-01"), 0}, {}, {}};
  if (!c.end.empty()) plan.end = PlanDate{day(c.end), 0};
  const auto birth = parse_iso_date(c.birth);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(rules::is_visible(plan, birth, day(c.today), {}) == c.visible);
  }
}

BOOST_AUTO_TEST_CASE(a_deleted_plan_is_never_shown) {
  const Plan plan{PlanType::cpp, {day("2026-01-01"), 0}, {}, PlanDate{day("2026-01-02"), 0}};
  BOOST_TEST(!rules::is_visible(plan, {}, day("2026-01-03"), {}));
}

BOOST_DATA_TEST_CASE(the_right_people_are_checked, data::make(check_cases), c) {
  PatientIdentity patient;
  if (c.number) patient.nhs_number = child();
  patient.nhs_number_status = c.status;
  PatientDetails details;
  details.birth_date = parse_iso_date(c.birth);
  VisitDetails visit;
  visit.patient_class = c.patient_class;
  visit.expectant_mother = c.mother;
  const auto got = rules::who_is_checked(patient, details, visit, c.state, day("2026-01-05"), {});
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(rules::words_of(got) == rules::words_of(c.want)); }
}

BOOST_AUTO_TEST_CASE(two_different_numbers_stop_the_check_and_ask_a_person) {
  PatientIdentity patient;
  patient.nhs_number_ambiguous = true;
  VisitDetails visit;
  visit.patient_class = emergency;
  const auto got = rules::who_is_checked(patient, {}, visit, present, day("2026-01-05"), {});
  BOOST_TEST((got == review_ambiguous));
  BOOST_TEST(rules::needs_review(got));
}

BOOST_AUTO_TEST_CASE(the_same_author_within_a_day_is_listed_once_by_the_first_look) {
  const Time noon = *parse_iso_time("2026-01-05T12:00:00Z");
  const auto got = rules::listed({access("nurse", noon + 2h), access("nurse", noon),
                                  access("doctor", noon + 1h), access("nurse", noon + 24h)});
  BOOST_REQUIRE_EQUAL(got.size(), 3U);
  BOOST_TEST((got[0].at == noon + 24h));
  BOOST_TEST(got[1].by.user_id == "doctor");
  BOOST_TEST((got[2].at == noon));
}

BOOST_AUTO_TEST_CASE(only_the_25_most_recent_looks_are_listed) {
  std::vector<AccessEvent> all;
  const Time start = *parse_iso_time("2026-01-05T12:00:00Z");
  for (int i = 0; i < 40; ++i) all.push_back(access("user" + std::to_string(i), start + 1min * i));
  const auto got = rules::listed(all);
  BOOST_REQUIRE_EQUAL(got.size(), rules::accesses_listed_max);
  BOOST_TEST(got.front().by.user_id == "user39");
  BOOST_TEST(got.back().by.user_id == "user15");
}

namespace {

struct OpenCase {
  std::string_view time;
  bool open;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const OpenCase& c) { return out << c.why; }

constexpr OpenCase open_cases[] = {
    {"2026-06-15T07:59:00Z", false, "08:59 on a Monday in summer"},
    {"2026-06-15T08:00:00Z", true, "09:00 on a Monday in summer"},
    {"2026-06-15T16:00:00Z", false, "17:00: closed"},
    {"2026-06-19T15:29:00Z", true, "16:29 on a Friday"},
    {"2026-06-19T15:30:00Z", false, "16:30 on a Friday: it closes early"},
    {"2026-06-20T10:00:00Z", false, "a Saturday"},
    {"2026-01-12T09:00:00Z", true, "09:00 in winter is 09:00 UTC"},
    {"2026-12-25T10:00:00Z", false, "a bank holiday"},
};

}  // namespace

BOOST_DATA_TEST_CASE(an_office_is_open_by_englands_clocks, data::make(open_cases), c) {
  const auto hours =
      rules::OfficeHours::parse("Mon-Thu 09:00-17:00, Fri 09:00-16:30", "2026-12-25 2026-12-28");
  BOOST_REQUIRE(hours);
  BOOST_TEST(hours->open_at(*parse_iso_time(c.time)) == c.open);
}

BOOST_AUTO_TEST_CASE(office_hours_that_cannot_be_read_are_refused) {
  for (const std::string_view wrong :
       {"Mon", "Mon-Fri", "Mon-Fri 9-17", "Monday 09:00-17:00", "Mon-Fri 17:00-09:00",
        "Mon-Fri 09:00-24:01", "Mon,Tue 09:00-17:00", "Mon-Xyz 09:00-17:00"}) {
    BOOST_TEST_CONTEXT(wrong) { BOOST_TEST(!rules::OfficeHours::parse(wrong, "")); }
  }
  BOOST_TEST(!rules::OfficeHours::parse("", "25/12/2026"));
  BOOST_TEST(rules::OfficeHours::parse("", "")->open_at(*parse_iso_time("2026-06-20T03:00:00Z")));
  BOOST_TEST(rules::OfficeHours::parse("Sat-Mon 00:00-24:00", "")
                 ->open_at(*parse_iso_time("2026-06-21T22:59:00Z")));
}

BOOST_AUTO_TEST_SUITE_END()
