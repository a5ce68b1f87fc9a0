// Which attendance a message is about: senders leave numbers and authorities out, and use those of
// others.
#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/usecases/admission_changes.h"

using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(attendance_match_tests)

namespace {

int next_id = 0;
std::string made_id(Time) { return "id" + std::to_string(++next_id); }
std::string made_uuid(Time) { return "UUID-" + std::to_string(++next_id); }

const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");

AdtEvent event(AdtAction action, Time at, std::string number = "") {
  AdtEvent event;
  event.action = action;
  event.sender = "ED|RXX01";
  event.occurred = at;
  event.patient.nhs_number = NhsNumber::parse("9990123454");
  event.details.birth_date = parse_iso_date("2018-04-12");
  event.visit.emplace();
  event.visit->number = std::move(number);
  event.visit->patient_class = PatientClass::emergency;
  event.visit->state = action == AdtAction::arrive      ? VisitState::in_progress
                       : action == AdtAction::discharge ? VisitState::finished
                                                        : VisitState::unknown;
  return event;
}

struct Fixture {
  AdmissionChanges take(const AdtEvent& event) {
    context.now = event.occurred.value_or(nine) + 1min;
    AdmissionPlanner planner{book, context, made_id, made_uuid};
    AdmissionChanges changes = planner.plan(event);
    for (const auto& patient : changes.patients) book.put(patient);
    for (const auto& [identity, id] : changes.links) book.link(identity, id);
    for (const auto& attendance : changes.attendances) book.put(attendance);
    return changes;
  }
  AttendanceBook book;
  AdmissionContext context{"ed", "RXX01", true, {}, nine};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(without_a_number_a_visit_is_the_one_that_is_open, Fixture) {
  AdtEvent arrival = event(AdtAction::arrive, nine);
  arrival.visit->started = nine - 5min;
  BOOST_TEST(take(arrival).check.has_value());
  BOOST_TEST(!take(event(AdtAction::update_visit, nine + 10min)).check.has_value());
  BOOST_TEST(!take(event(AdtAction::arrive, nine + 12min)).check.has_value());
  AdtEvent corrected = event(AdtAction::update_visit, nine + 20min);
  corrected.visit->started = nine - 7min;
  BOOST_TEST(!take(corrected).check.has_value());
  take(event(AdtAction::discharge, nine + 1h));
  BOOST_TEST(book.attendances() == 1U);
  // Coding after the visit tells of the visit that was.
  BOOST_TEST(!take(event(AdtAction::update_visit, nine + 48h)).check.has_value());
  BOOST_TEST(book.attendances() == 1U);
  BOOST_TEST((book.attendances_of("9990123454")[0].state == VisitState::finished));
}

BOOST_FIXTURE_TEST_CASE(who_comes_again_without_a_number_is_checked_again, Fixture) {
  BOOST_TEST(take(event(AdtAction::arrive, nine)).check.has_value());
  take(event(AdtAction::discharge, nine + 1h));
  BOOST_TEST(take(event(AdtAction::arrive, nine + 5h)).check.has_value());
  // The same messages once more, after a change of the mapping.
  BOOST_TEST(!take(event(AdtAction::arrive, nine)).check.has_value());
  BOOST_TEST(!take(event(AdtAction::arrive, nine + 5h)).check.has_value());
  BOOST_TEST(book.attendances() == 2U);
  // Nobody ended that visit; two days later the child is there again.
  BOOST_TEST(take(event(AdtAction::arrive, nine + 53h)).check.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_visit_that_gets_its_number_later_is_the_same, Fixture) {
  BOOST_TEST(take(event(AdtAction::arrive, nine)).check.has_value());
  BOOST_TEST(!take(event(AdtAction::update_visit, nine + 5min, "ED-1")).check.has_value());
  BOOST_TEST(!take(event(AdtAction::update_visit, nine + 10min)).check.has_value());
  BOOST_TEST(book.attendances() == 1U);
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-1") != nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_number_with_and_without_its_authority_is_one_visit, Fixture) {
  BOOST_TEST(take(event(AdtAction::arrive, nine, "ED-1")).check.has_value());
  AdtEvent update = event(AdtAction::update_visit, nine + 5min, "ED-1");
  update.visit->number_authority = "RXX01";
  BOOST_TEST(!take(update).check.has_value());
  BOOST_TEST(!take(event(AdtAction::update_visit, nine + 10min, "ED-1")).check.has_value());
  BOOST_TEST(book.attendances() == 1U);
}

BOOST_FIXTURE_TEST_CASE(another_hospitals_visit_of_the_same_number_is_another, Fixture) {
  AdtEvent here = event(AdtAction::arrive, nine, "1234");
  here.visit->number_authority = "PAS";
  BOOST_TEST(take(here).check.has_value());
  AdtEvent there = here;
  there.patient.nhs_number = NhsNumber::parse("9990000026");
  context.feed = "other";
  BOOST_TEST(take(there).check.has_value());
  there.occurred = nine + 5min;
  BOOST_TEST(!take(there).check.has_value());
  BOOST_TEST(book.attendances_of("9990123454").size() == 1U);
  BOOST_TEST(book.attendances_of("9990000026").size() == 1U);
  // The same person in two systems of one trust: one visit.
  AdtEvent both = here;
  both.occurred = nine + 10min;
  BOOST_TEST(!take(both).check.has_value());
  BOOST_TEST(book.attendances() == 2U);
}

// Known by a hospital number, then by the NHS number: the visit follows.
BOOST_FIXTURE_TEST_CASE(a_visit_without_a_number_follows_a_person_who_gets_one, Fixture) {
  AdtEvent unknown = event(AdtAction::arrive, nine);
  unknown.patient = {};
  unknown.patient.local_ids = {{"RXX01", "H1", "MR"}};
  BOOST_TEST(take(unknown).review.has_value());
  AdtEvent known = event(AdtAction::update_visit, nine + 5min);
  known.patient.local_ids = unknown.patient.local_ids;
  BOOST_TEST(take(known).check.has_value());
  BOOST_TEST(book.attendances() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_visit_that_is_planned_is_not_the_one_that_is_open, Fixture) {
  take(event(AdtAction::arrive, nine));
  AdtEvent planned = event(AdtAction::preadmit, nine + 5min);
  planned.visit->patient_class = PatientClass::preadmit;
  planned.visit->state = VisitState::planned;
  take(planned);
  BOOST_TEST(book.attendances() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
