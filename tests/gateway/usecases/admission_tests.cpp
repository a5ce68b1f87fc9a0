#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/usecases/admission_changes.h"

using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(admission_tests)

namespace {

int next_id = 0;
std::string made_id(Time) { return "id" + std::to_string(++next_id); }
std::string made_uuid(Time) { return "UUID-" + std::to_string(++next_id); }

const NhsNumber child = *NhsNumber::parse("9990123454");
const NhsNumber other_child = *NhsNumber::parse("9990000026");
const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");

AdtEvent arrival(std::string visit = "ED-1") {
  AdtEvent event;
  event.action = AdtAction::arrive;
  event.trigger = "A04";
  event.sender = "ED|RXX01";
  event.occurred = nine;
  event.patient.nhs_number = child;
  event.patient.local_ids = {{"RXX01", "H1", "MR"}};
  event.details.birth_date = parse_iso_date("2018-04-12");
  event.visit.emplace();
  event.visit->number = std::move(visit);
  event.visit->patient_class = PatientClass::emergency;
  event.visit->state = VisitState::in_progress;
  return event;
}

AdtEvent discharge_at(Time when) {
  AdtEvent event = arrival();
  event.action = AdtAction::discharge;
  event.occurred = when;
  event.visit->state = VisitState::finished;
  return event;
}

struct Fixture {
  AdmissionChanges take(const AdtEvent& event) {
    AdmissionPlanner planner{book, context, made_id, made_uuid};
    AdmissionChanges changes = planner.plan(event);
    for (const auto& patient : changes.patients) book.put(patient);
    for (const auto& [identity, id] : changes.links) book.link(identity, id);
    for (const auto& attendance : changes.attendances) book.put(attendance);
    return changes;
  }
  AttendanceBook book;
  AdmissionContext context{"ed", "RXX01", true, {}, nine + 8h};
};

std::string body_of(const AdmissionChanges& changes, std::string_view type, std::string_view id) {
  for (const ResourceBody& body : changes.resources) {
    if (body.type == type && body.id == id) return body.body;
  }
  return "";
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_arriving_child_is_checked_once, Fixture) {
  const auto first = take(arrival());
  BOOST_REQUIRE(first.check.has_value());
  BOOST_TEST((first.check->person == child));
  BOOST_REQUIRE_EQUAL(first.attendances.size(), 1U);
  BOOST_TEST((first.attendances[0].check == CheckState::asked));
  // The patient's id is the NHS number, and the arrival is in progress whatever the event was.
  BOOST_TEST(!body_of(first, "Patient", "9990123454").empty());
  const std::string encounter = body_of(first, "Encounter", first.attendances[0].id);
  BOOST_TEST(encounter.find("\"in-progress\"") != std::string::npos);
}

// A re-sent message, an update or a merge starts no second check for the same attendance.
BOOST_FIXTURE_TEST_CASE(nothing_checks_the_same_attendance_again, Fixture) {
  take(arrival());
  BOOST_TEST(!take(arrival()).check.has_value());
  AdtEvent update = arrival();
  update.action = AdtAction::update_visit;
  update.occurred = nine + 5min;
  BOOST_TEST(!take(update).check.has_value());
  AdtEvent merge = arrival();
  merge.action = AdtAction::merge;
  merge.merged_away = {PatientIdentity{}};
  merge.merged_away[0].local_ids = {{"RXX01", "H1", "MR"}};
  BOOST_TEST(!take(merge).check.has_value());
  BOOST_TEST(take(arrival("ED-2")).check.has_value());
}

BOOST_FIXTURE_TEST_CASE(an_adult_is_kept_and_not_checked, Fixture) {
  AdtEvent event = arrival();
  event.details.birth_date = parse_iso_date("1980-04-12");
  const auto changes = take(event);
  BOOST_TEST(!changes.check.has_value());
  BOOST_TEST(changes.attendances.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_child_without_a_number_is_for_a_person_to_look_at_once, Fixture) {
  AdtEvent event = arrival();
  event.patient.nhs_number.reset();
  const auto first = take(event);
  BOOST_TEST(!first.check.has_value());
  BOOST_TEST(first.review.has_value());
  BOOST_TEST(!take(event).review.has_value());
  // The number is found later: now the child is checked, and its record moves to the number.
  AdtEvent known = arrival();
  known.action = AdtAction::update_visit;
  known.occurred = nine + 10min;
  const auto second = take(known);
  BOOST_TEST(second.check.has_value());
  BOOST_TEST(body_of(second, "Patient", first.patients[0].id).find("replaced-by") !=
             std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_update_that_first_shows_the_emergency_class_checks, Fixture) {
  AdtEvent planned = arrival();
  planned.action = AdtAction::preadmit;
  planned.visit->patient_class = PatientClass::preadmit;
  planned.visit->state = VisitState::planned;
  BOOST_TEST(!take(planned).check.has_value());
  AdtEvent update = arrival();
  update.action = AdtAction::update_visit;
  update.occurred = nine + 5min;
  BOOST_TEST(take(update).check.has_value());
}

// When it was told is not when it began: a period must not be made up.
BOOST_FIXTURE_TEST_CASE(a_visit_begins_when_it_says_or_when_somebody_arrives, Fixture) {
  AdtEvent planned = arrival("P-1");
  planned.action = AdtAction::preadmit;
  planned.visit->patient_class = PatientClass::preadmit;
  planned.visit->state = VisitState::planned;
  BOOST_TEST(!take(planned).attendances.at(0).started.has_value());
  AdtEvent arrived = arrival("P-1");
  arrived.occurred = nine + 3h;
  BOOST_TEST((take(arrived).attendances.at(0).started == nine + 3h));

  AdtEvent update = arrival("U-1");
  update.action = AdtAction::update_visit;
  const auto changes = take(update);
  BOOST_TEST(!changes.attendances.at(0).started.has_value());
  BOOST_TEST(body_of(changes, "Encounter", changes.encounter_id).find("period") ==
             std::string::npos);
  update.visit->started = nine - 2h;
  update.occurred = nine + 1h;
  BOOST_TEST((take(update).attendances.at(0).started == nine - 2h));
  AdtEvent end = discharge_at(nine);
  end.visit->number = "D-1";
  BOOST_TEST(!take(end).attendances.at(0).started.has_value());
}

// A plan's own time is the plan's, and not when somebody came.
BOOST_FIXTURE_TEST_CASE(an_arrival_that_was_planned_begins_when_it_happens, Fixture) {
  AdtEvent planned = arrival("P-2");
  planned.action = AdtAction::preadmit;
  planned.visit->state = VisitState::planned;
  planned.visit->started = nine + 1h;
  take(planned);
  AdtEvent arrived = arrival("P-2");
  arrived.occurred = nine + 2h;
  BOOST_TEST((take(arrived).attendances.at(0).started == nine + 2h));
}

BOOST_FIXTURE_TEST_CASE(a_late_update_does_not_turn_back_the_attendance, Fixture) {
  take(arrival());
  AdtEvent discharge = discharge_at(nine + 2h);
  take(discharge);
  AdtEvent late = arrival();
  late.action = AdtAction::update_visit;
  late.occurred = nine + 1h;
  BOOST_TEST(take(late).attendances.empty());
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-1")->state == VisitState::finished));
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_arrival_is_cancelled_and_not_checked_again, Fixture) {
  take(arrival());
  AdtEvent cancel = arrival();
  cancel.action = AdtAction::cancel_arrival;
  cancel.occurred = nine + 5min;
  cancel.visit->state = VisitState::cancelled;
  const auto changes = take(cancel);
  BOOST_REQUIRE_EQUAL(changes.attendances.size(), 1U);
  BOOST_TEST((changes.attendances[0].state == VisitState::cancelled));
  BOOST_TEST(!changes.check.has_value());
}

// Senders put the time of what is cancelled there, or the time of the cancelling.
BOOST_FIXTURE_TEST_CASE(a_cancellation_is_late_only_when_it_was_recorded_late, Fixture) {
  take(arrival());
  AdtEvent update = arrival();
  update.occurred = nine + 30min;
  take(update);
  AdtEvent cancel = arrival();
  cancel.action = AdtAction::cancel_arrival;
  cancel.takes_back = true;
  cancel.occurred = nine;
  cancel.recorded = nine + 20min;
  cancel.visit->state = VisitState::cancelled;
  take(cancel);
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-1")->state != VisitState::cancelled));
  cancel.recorded = nine + 40min;
  take(cancel);
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-1")->state == VisitState::cancelled));
  // Recorded at eleven, cancelled at ten: what happened after that is not late.
  AdtEvent again = arrival();
  again.visit->number = "ED-2";
  take(again);
  cancel = again;
  cancel.action = AdtAction::cancel_arrival;
  cancel.takes_back = true;
  cancel.occurred = nine + 60min;
  cancel.recorded = nine + 120min;
  cancel.visit->state = VisitState::cancelled;
  take(cancel);
  again.occurred = nine + 61min;
  take(again);
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-2")->last_event == nine + 61min));
}

BOOST_FIXTURE_TEST_CASE(attendances_follow_the_survivor_of_a_merge, Fixture) {
  AdtEvent unknown = arrival();
  unknown.patient.nhs_number.reset();
  unknown.patient.local_ids = {{"RXX01", "H2", "MR"}};
  const auto first = take(unknown);
  AdtEvent merge = arrival();
  merge.action = AdtAction::merge;
  merge.visit.reset();
  merge.merged_away = {PatientIdentity{}};
  merge.merged_away[0].local_ids = {{"RXX01", "H2", "MR"}};
  const auto changes = take(merge);
  BOOST_REQUIRE_EQUAL(changes.attendances.size(), 1U);
  BOOST_TEST(changes.attendances[0].patient_id == "9990123454");
  BOOST_TEST(book.find("RXX01|H2")->id == "9990123454");
  BOOST_TEST(book.attendances_of(first.patients[0].id).empty());
}

// A50: the attendance that was asked about goes on under another number.
BOOST_FIXTURE_TEST_CASE(a_visit_that_is_renumbered_is_not_checked_again, Fixture) {
  const auto first = take(arrival());
  AdtEvent renumbered = arrival();
  renumbered.action = AdtAction::move_visit;
  renumbered.trigger = "A50";
  renumbered.occurred = nine + 10min;
  renumbered.visit->number = "ED-77";
  renumbered.previous_visit_number = "ED-1";
  const auto third = take(renumbered);
  BOOST_REQUIRE_EQUAL(third.attendances.size(), 1U);
  BOOST_TEST(third.attendances[0].id == first.attendances[0].id);
  BOOST_TEST(!third.check.has_value());
  BOOST_TEST(book.attendance("visit|ED|RXX01|ED-1") == nullptr);
  BOOST_TEST(book.attendances_of("9990123454").size() == 1U);
  // What comes under the new number is the same attendance.
  AdtEvent update = renumbered;
  update.action = AdtAction::update_visit;
  update.previous_visit_number.clear();
  update.occurred = nine + 15min;
  BOOST_TEST(!take(update).check.has_value());
  BOOST_TEST(book.attendances() == 1U);
}

// A45: the visit was registered on the wrong child, a brother or sister. It stays one attendance,
// and the child who is there has not been asked about yet.
BOOST_FIXTURE_TEST_CASE(a_visit_that_is_moved_to_another_child_is_checked_for_that_child, Fixture) {
  const auto first = take(arrival());
  AdtEvent moved = arrival();
  moved.action = AdtAction::move_visit;
  moved.trigger = "A45";
  moved.occurred = nine + 5min;
  moved.patient = {};
  moved.patient.nhs_number = other_child;
  moved.merged_away = {arrival().patient};
  const auto second = take(moved);
  BOOST_REQUIRE_EQUAL(second.attendances.size(), 1U);
  BOOST_TEST(second.attendances[0].id == first.attendances[0].id);
  BOOST_TEST(second.attendances[0].patient_id == "9990000026");
  BOOST_REQUIRE(second.check.has_value());
  BOOST_TEST((second.check->person == other_child));
  moved.occurred = nine + 10min;
  BOOST_TEST(!take(moved).check.has_value());
}

// The same by an A08 that names somebody else without a merge.
BOOST_FIXTURE_TEST_CASE(a_visit_whose_person_is_corrected_is_checked_for_that_person, Fixture) {
  take(arrival());
  AdtEvent corrected = arrival();
  corrected.action = AdtAction::update_visit;
  corrected.occurred = nine + 5min;
  corrected.patient = {};
  corrected.patient.nhs_number = other_child;
  const auto changes = take(corrected);
  BOOST_REQUIRE(changes.check.has_value());
  BOOST_TEST((changes.check->person == other_child));
  // Somebody without a number is for a person to look at, and not taken for checked.
  AdtEvent unknown = corrected;
  unknown.occurred = nine + 10min;
  unknown.patient = {};
  unknown.patient.local_ids = {{"RXX01", "H9", "MR"}};
  BOOST_TEST(take(unknown).review.has_value());
}

// After a merge the surviving number is asked about, also by a sender that does not know of it.
BOOST_FIXTURE_TEST_CASE(a_number_that_was_merged_away_asks_about_the_survivor, Fixture) {
  AdtEvent merge = arrival();
  merge.action = AdtAction::merge;
  merge.visit.reset();
  merge.merged_away = {PatientIdentity{}};
  merge.merged_away[0].nhs_number = other_child;
  take(merge);  // nobody had come with the number that goes
  AdtEvent late = arrival();
  late.patient = {};
  late.patient.nhs_number = other_child;
  late.occurred = nine + 5min;
  const auto changes = take(late);
  BOOST_REQUIRE(changes.check.has_value());
  BOOST_TEST((changes.check->person == child));
  BOOST_TEST(changes.patient_id == "9990123454");
  BOOST_TEST(book.patient("9990000026") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_long_chain_of_merges_still_leads_to_the_survivor, Fixture) {
  const auto known_as = [](int n) {
    PatientIdentity identity;
    identity.local_ids = {{"RXX01", "H" + std::to_string(n), "MR"}};
    return identity;
  };
  constexpr int merges = 40;
  for (int n = 0; n <= merges; ++n) {
    AdtEvent event = arrival();
    event.visit.reset();
    event.patient = known_as(n);
    event.action = n == 0 ? AdtAction::update_person : AdtAction::merge;
    if (n > 0) event.merged_away = {known_as(n - 1)};
    take(event);
  }
  BOOST_REQUIRE(book.find("RXX01|H0") != nullptr);
  BOOST_TEST(book.find("RXX01|H0")->id == book.find("RXX01|H40")->id);
}

// The discharge overtook the arrival: the child was there, and nobody has asked yet.
BOOST_FIXTURE_TEST_CASE(an_arrival_that_is_told_after_the_discharge_is_checked_once, Fixture) {
  context.now = nine + 3h;
  AdtEvent discharge = discharge_at(nine + 2h);
  BOOST_TEST(!take(discharge).check.has_value());
  BOOST_TEST(take(arrival()).check.has_value());
  BOOST_TEST((book.attendance("visit|ED|RXX01|ED-1")->state == VisitState::finished));
  BOOST_TEST(!take(arrival()).check.has_value());
  // Messages that are taken again much later ask nobody.
  AdtEvent old = discharge;
  old.visit->number = "ED-2";
  take(old);
  context.now = nine + 24h * 3;
  BOOST_TEST(!take(arrival("ED-2")).check.has_value());
}

// `""` in PID-7 takes the date back: age is then unknown, and the person is checked.
BOOST_FIXTURE_TEST_CASE(a_birth_date_that_is_taken_back_is_unknown_again, Fixture) {
  AdtEvent adult = arrival();
  adult.details.birth_date = parse_iso_date("1980-04-12");
  BOOST_TEST(!take(adult).check.has_value());
  AdtEvent silent = arrival();
  silent.action = AdtAction::update_visit;
  silent.details.birth_date.reset();
  silent.occurred = nine + 5min;
  BOOST_TEST(!take(silent).check.has_value());
  AdtEvent cleared = silent;
  cleared.cleared = {"PID-7"};
  cleared.occurred = nine + 10min;
  BOOST_TEST(take(cleared).check.has_value());
}

// 25 October 2026: an update at 01:50 by the clock on the wall, and half an hour later, when the
// clock shows 01:20, the end of the visit.
BOOST_FIXTURE_TEST_CASE(a_visit_ends_in_the_hour_that_is_shown_twice, Fixture) {
  context.now = *parse_iso_time("2026-10-25T02:00:00Z");
  AdtEvent update = arrival();
  update.occurred = *parse_iso_time("2026-10-25T00:50:00Z");
  take(update);
  AdtEvent end = arrival();
  end.action = AdtAction::discharge;
  end.occurred = *parse_iso_time("2026-10-25T00:20:00Z");
  end.visit->state = VisitState::finished;
  end.visit->started = *parse_iso_time("2026-10-25T00:40:00Z");
  end.visit->ended = end.occurred;
  const auto changes = take(end);
  BOOST_REQUIRE_EQUAL(changes.attendances.size(), 1U);
  BOOST_TEST((changes.attendances[0].state == VisitState::finished));
  // The stay lasted 40 minutes, and its period does not end before it began.
  const std::string encounter = body_of(changes, "Encounter", changes.attendances[0].id);
  BOOST_TEST(encounter.find("2026-10-25T01:20:00") != std::string::npos, encounter);
}

// The same hour told by a sender that says the zone: half past one comes after ten past one, and a
// message of summer time's ten past that comes later is late.
BOOST_FIXTURE_TEST_CASE(a_zone_tells_the_two_hours_apart, Fixture) {
  context.now = *parse_iso_time("2026-10-25T02:00:00Z");
  AdtEvent end = arrival();
  end.action = AdtAction::discharge;
  end.occurred = end.recorded = *parse_iso_time("2026-10-25T00:50:00Z");
  end.occurred_is_exact = end.recorded_is_exact = true;
  end.visit->state = VisitState::finished;
  end.details.birth_date = parse_iso_date("2018-04-13");
  take(end);
  AdtEvent late = arrival();
  late.action = AdtAction::cancel_discharge;
  late.occurred = late.recorded = *parse_iso_time("2026-10-25T00:20:00Z");
  late.occurred_is_exact = late.recorded_is_exact = true;
  const auto changes = take(late);
  BOOST_TEST(changes.attendances.empty());
  BOOST_TEST(body_of(changes, "Patient", "9990123454").empty());
  BOOST_TEST((book.patient("9990123454")->birth_date == parse_iso_date("2018-04-13")));
}

// Messages that come late, or are taken again after a change of the mapping.
BOOST_FIXTURE_TEST_CASE(an_older_message_does_not_describe_the_person_again, Fixture) {
  context.now = nine + 2h;
  AdtEvent newer = arrival();
  newer.recorded = nine + 1h;
  newer.details.birth_date = parse_iso_date("2018-04-13");
  BOOST_TEST(!body_of(take(newer), "Patient", "9990123454").empty());
  AdtEvent older = arrival();
  older.recorded = nine;
  older.details.shielded = older.details.shielding_stated = true;
  const auto late = take(older);
  BOOST_TEST(body_of(late, "Patient", "9990123454").empty());
  BOOST_TEST((book.patient("9990123454")->birth_date == parse_iso_date("2018-04-13")));
  BOOST_TEST(!book.patient("9990123454")->shielded);
  // The same minute is not older: senders leave seconds out.
  BOOST_TEST(!body_of(take(newer), "Patient", "9990123454").empty());
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_ahead_keeps_no_later_message_out, Fixture) {
  context.now = nine;
  AdtEvent ahead = arrival();
  ahead.recorded = nine + 24h * 365;
  take(ahead);
  context.now = nine + 1min;
  AdtEvent next = arrival();
  next.recorded = nine + 1min;
  BOOST_TEST(!body_of(take(next), "Patient", "9990123454").empty());
}

// The same of a visit: an A05 of a day to come, or a clock that is ahead.
BOOST_FIXTURE_TEST_CASE(a_visit_in_the_future_keeps_no_arrival_out, Fixture) {
  AdtEvent planned = arrival();
  planned.action = AdtAction::preadmit;
  planned.visit->patient_class = PatientClass::preadmit;
  planned.visit->state = VisitState::planned;
  planned.occurred = nine + 24h * 30;
  take(planned);
  context.now = nine + 9h;
  AdtEvent comes = arrival();
  comes.occurred = nine + 9h;
  BOOST_TEST(take(comes).check.has_value());
}

// Some senders use a visit number again, or have one for each person.
BOOST_FIXTURE_TEST_CASE(who_comes_again_under_the_same_number_is_checked_again, Fixture) {
  take(arrival());
  AdtEvent discharge = discharge_at(nine + 2h);
  take(discharge);
  AdtEvent soon = arrival();
  soon.occurred = nine + 3h;
  BOOST_TEST(!take(soon).check.has_value());  // registered again, the same day
  discharge.occurred = nine + 4h;
  take(discharge);
  context.now = nine + 24h * 20;
  AdtEvent again = arrival();
  again.occurred = again.visit->started = context.now;
  BOOST_TEST(take(again).check.has_value());
  BOOST_TEST(!take(again).check.has_value());
  // Nobody ended that visit.
  context.now = nine + 24h * 40;
  AdtEvent third = arrival();
  third.occurred = third.visit->started = context.now;
  BOOST_TEST(take(third).check.has_value());
  // An admission to a ward goes on from the emergency department, however long that took.
  context.now = nine + 24h * 42;
  AdtEvent ward = arrival();
  ward.occurred = ward.visit->started = context.now;
  ward.visit->patient_class = PatientClass::inpatient;
  ward.visit->admission_method = "21";
  BOOST_TEST(!take(ward).check.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_shielded_person_shows_no_place, Fixture) {
  AdtEvent event = arrival();
  event.details.shielded = true;
  event.details.addresses = {{{"1 Hidden Road"}, "", "", "ZZ99 3WZ", "", "home"}};
  event.visit->location = "ED majors 3";
  const auto changes = take(event);
  const std::string patient = body_of(changes, "Patient", "9990123454");
  const std::string encounter = body_of(changes, "Encounter", changes.attendances[0].id);
  BOOST_TEST(patient.find("Hidden") == std::string::npos);
  BOOST_TEST(encounter.find("majors") == std::string::npos);
  BOOST_TEST(patient.find("\"R\"") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_feed_that_is_not_checked_keeps_and_asks_nothing, Fixture) {
  context.check = false;
  const auto changes = take(arrival());
  BOOST_TEST(!changes.check.has_value());
  BOOST_TEST(changes.attendances.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
