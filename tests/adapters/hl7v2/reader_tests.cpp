// Times, codes, the NHS-number finder and the rules that per-feed settings change.
#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/core/rules/visit_state.h"
#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/code_tables.h"
#include "adapters/hl7v2/explain.h"
#include "adapters/hl7v2/nhs_number_finder.h"
#include "adapters/hl7v2/time_reader.h"
#include "adapters/hl7v2/understanding.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(reader_tests)

namespace {

struct DateCase {
  std::string_view text;
  std::string_view want;  // empty: no date
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const DateCase& c) { return out << c.why; }

constexpr DateCase date_cases[] = {
    {"20190401", "2019-04-01", "eight digits"},
    {"201904011315", "2019-04-01", "with minutes"},
    {"20190401131559", "2019-04-01", "with seconds"},
    {"20190401000000+0100", "2019-04-01", "midnight in summer stays the same day"},
    {"20000101+^D", "", "the whole field is not a date; its first component is"},
    {"20000101+", "2000-01-01", "PIMS appends a plus sign"},
    {"2019-04-01", "2019-04-01", "with hyphens"},
    {"2019-04-01T10:00:00Z", "2019-04-01", "ISO with time"},
    {"20200229", "2020-02-29", "a leap day"},
    {"20190229", "", "a day that does not exist"},
    {"196513121515", "", "month 13"},
    {"196203520", "", "nine digits"},
    {"201904", "", "a month is not a day"},
    {"2019", "", "a year is not a day"},
    {"01/10/2019", "", "could be January or October"},
    {"1 April 2019", "", "words"},
    {"", "", "nothing"},
};

struct TimeCase {
  std::string_view text;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const TimeCase& c) { return out << c.why; }

constexpr TimeCase time_cases[] = {
    {"20260105101500", "2026-01-05T10:15:00.000Z", "winter: Greenwich"},
    {"20260705101500", "2026-07-05T09:15:00.000Z", "summer: an hour ahead"},
    {"202607051015", "2026-07-05T09:15:00.000Z", "minutes only"},
    {"2026070510", "2026-07-05T09:00:00.000Z", "hours only"},
    {"20260705", "2026-07-04T23:00:00.000Z", "a day begins at midnight in England"},
    {"20260705101500+0000", "2026-07-05T10:15:00.000Z", "a zone wins"},
    {"20260705101500.25-0130", "2026-07-05T11:45:00.250Z", "fraction and zone"},
    {"2026-05-05 23:23:32", "2026-05-05T22:23:32.000Z", "as one Welsh system writes it"},
    {"2026-05-05T23:23:32+01:00", "2026-05-05T22:23:32.000Z", "ISO"},
    {"20261025013000", "2026-10-25T00:30:00.000Z", "the hour that comes twice is the first"},
    {"20260329013000", "2026-03-29T01:30:00.000Z", "the hour that is skipped moves on"},
    {"20260105101560", "2026-01-05T10:15:59.000Z", "a leap second"},
    {"20260105240000", "", "there is no hour 24"},
    {"20260105106000", "", "there is no minute 60"},
    {"20260105101500+25", "", "half a zone"},
    {"eh", "", "words"},
};

struct NumberCase {
  std::string_view pid;
  std::string_view want;  // digits; empty: none
  bool ambiguous;
  std::string_view status;
  std::string_view path;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const NumberCase& c) { return out << c.why; }

constexpr NumberCase number_cases[] = {
    {"|||9991000003^^^NHS", "9991000003", false, "", "PID-3.1", "ITK"},
    {"|||9991000003^^^NHS^NH", "9991000003", false, "", "PID-3.1", "NWGMSA and Welsh MPI"},
    {"|||9991000003^^^^NH", "9991000003", false, "", "PID-3.1", "type without authority"},
    {"|||77^^^M^MR~9991000003^^^NHS^HN", "9991000003", false, "", "PID-3(2).1", "Epic"},
    {"|||0123456^^^NHS^HospitalNumber~9991000003^^^NHS^NhsNumber", "9991000003", false, "",
     "PID-3(2).1", "AgyleED: the authority says NHS for both"},
    {"|||9991000003^^^NHS^HospitalNumber", "", false, "", "", "a local type wins"},
    {"|||999 100 0003^NSTS01^^NHS^NHS", "9991000003", false, "01", "PID-3.1", "iPM"},
    {"||||999-100-0003^NSTS02^^NHS^NHS", "9991000003", false, "02", "PID-4.1", "iPM in PID-4"},
    {"|||9991000003^06^^^NI", "9991000003", false, "06", "PID-3.1", "PIMS"},
    {"|||9991000003^^^NHSNBR^NHSNMBR", "9991000003", false, "", "PID-3.1", "Cerner"},
    {"|||9991000003^^^NHSNMBR", "9991000003", false, "", "PID-3.1", "authority alone"},
    {"|||9991000003^^^X&https://fhir.nhs.uk/Id/nhs-number&URI", "9991000003", false, "", "PID-3.1",
     "the FHIR system as universal id"},
    {"||9991000003|77^^^M^MR", "9991000003", false, "", "PID-2.1", "PID-2 alone, unmarked"},
    {"|||||||||||||||||||9991000003", "9991000003", false, "", "PID-19.1", "the US slot"},
    {"||9991000003^^^^NH|9991000003^^^^NH", "9991000003", false, "", "PID-3.1", "sent twice"},
    {"|||9991000003^^^NHS~9991000070^^^NHS", "", true, "", "PID-3(2).1", "two different"},
    {"||9991000070^^^^NH|9991000003^^^NHS", "", true, "", "PID-2.1", "two fields that differ"},
    {"||9991000070|9991000003^^^NHS", "9991000003", false, "", "PID-3.1", "marked before unmarked"},
    {"|||9991000003^^^PAS^PI", "", false, "", "", "local although it passes the check"},
    {"|||9991000003^^^HOSP MRN", "", false, "", "", "an authority that says MRN"},
    {"|||9991000004^^^NHS", "", false, "", "", "wrong check digit"},
    {"|||9999999999^^^NHS", "", false, "", "", "a placeholder"},
    {"|||999100000^^^NHS", "", false, "", "", "nine digits"},
};

NhsNumberFound find_in(std::string_view pid, const FeedSettings& settings, Findings& findings) {
  static std::string text;
  text = "MSH|^~\\&|A|B\rPID" + std::string{pid} + "\r";
  const auto message = Message::parse(text, findings);
  BOOST_REQUIRE(message);
  constexpr std::array<std::size_t, 4> fields{3, 2, 4, 19};
  return find_nhs_number(*message->find("PID"), fields, settings, findings);
}

AdtEvent read(std::string_view segments, const FeedSettings& settings = {}) {
  static std::string text;
  text = "MSH|^~\\&|ED|LGI|||20260105101500||ADT^A04|C1|P|2.4\r" + std::string{segments};
  Understanding u = understand(text, settings);
  BOOST_REQUIRE(u.event);
  return *u.event;
}

}  // namespace

BOOST_DATA_TEST_CASE(dates_are_right_or_absent, data::make(date_cases), c) {
  const auto date = read_date(c.text);
  BOOST_TEST((date ? to_iso(*date) : std::string{}) == c.want, c.why);
}

BOOST_AUTO_TEST_CASE(a_feed_may_say_that_its_days_come_first) {
  BOOST_TEST(to_iso(read_date("01/10/2019", true).value()) == "2019-10-01");
  BOOST_TEST(!read_date("01/13/2019", true));
  BOOST_TEST(to_iso(read_date("20191001", true).value()) == "2019-10-01");
}

BOOST_DATA_TEST_CASE(times_are_england_s_or_absent, data::make(time_cases), c) {
  const auto time = read_time(c.text);
  BOOST_TEST((time ? to_iso(*time) : std::string{}) == c.want, c.why);
}

BOOST_AUTO_TEST_CASE(a_feed_on_utc_is_read_so) {
  BOOST_TEST(to_iso(read_time("20260705101500", Clocks::utc).value()) ==
             "2026-07-05T10:15:00.000Z");
}

BOOST_DATA_TEST_CASE(the_nhs_number_is_found_or_left_alone, data::make(number_cases), c) {
  Findings findings;
  const NhsNumberFound found = find_in(c.pid, {}, findings);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST((found.number ? found.number->digits() : std::string_view{}) == c.want);
    BOOST_TEST(found.ambiguous == c.ambiguous);
    BOOST_TEST(found.status == c.status);
    BOOST_TEST(found.path == c.path);
    for (const Finding& finding : findings) {
      BOOST_TEST(finding.text.find("999") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_feed_may_name_its_own_authority_and_local_types) {
  FeedSettings feed;
  feed.nhs_authorities = {"NATIONAL"};
  feed.local_types = {"ZLOCAL"};
  Findings findings;
  BOOST_TEST(find_in("|||9991000003^^^National^XYZ", feed, findings).number.has_value());
  BOOST_TEST(!find_in("|||9991000003^^^NHS^zlocal", feed, findings).number);
  BOOST_TEST(!find_in("|||9991000003^^^National^XYZ", {}, findings).number);
}

BOOST_AUTO_TEST_CASE(feed_tables_translate_local_codes) {
  FeedSettings feed;
  feed.sex_codes = {{"G", "female"}};
  feed.class_codes = {{"UTC", "E"}};
  feed.site_codes = {{"PAEDS ED", "RXX07"}};
  feed.organisation_codes = {{"LGI", "RXX"}};
  const std::string segments =
      "PID|1||77^^^L^MR||OAK^FERN||20190401|G\rPV1|1|UTC|PAEDS ED^^^NOWHERE\r";
  const AdtEvent with = read(segments, feed);
  BOOST_TEST((with.details.sex == Sex::female));
  BOOST_TEST((with.visit->patient_class == PatientClass::emergency));
  BOOST_TEST(with.visit->site_ods == "RXX07");
  BOOST_TEST(with.organisation_ods == "RXX");
  const AdtEvent without = read(segments);
  BOOST_TEST((without.details.sex == Sex::unknown));
  BOOST_TEST((without.visit->patient_class == PatientClass::unknown));
  BOOST_TEST(without.visit->site_ods == "");
  BOOST_TEST(without.organisation_ods == "");
}

BOOST_AUTO_TEST_CASE(a_location_can_tell_the_class_when_pv1_2_does_not) {
  FeedSettings feed;
  feed.class_by_location = {{"ED", "E"}};
  const std::string pid = "PID|1||77^^^L^MR||OAK^FERN||20190401|F\r";
  BOOST_TEST(
      (read(pid + "PV1|1||ED^MAJORS\r", feed).visit->patient_class == PatientClass::emergency));
  BOOST_TEST((read(pid + "PV1|1|U|ED\r", feed).visit->patient_class == PatientClass::emergency));
  BOOST_TEST((read(pid + "PV1|1|O|ED\r", feed).visit->patient_class == PatientClass::outpatient));
}

BOOST_AUTO_TEST_CASE(a_man_or_a_newborn_is_no_expectant_mother) {
  const std::string ward = "PV1|1|I|DELIVERY||||||||||||B6||||V1\r";
  BOOST_TEST(read("PID|1||77^^^L^MR||OAK^F||19950401|F\r" + ward).visit->expectant_mother);
  BOOST_TEST(!read("PID|1||77^^^L^MR||OAK^M||19950401|M\r" + ward).visit->expectant_mother);
  BOOST_TEST(!read("PID|1||77^^^L^MR||OAK^M||20260104|F\r"
                   "PV1|1|NEWBORN|DELIVERY||||||||||||||||V1\rZU6|1\r")
                  .visit->expectant_mother);
}

BOOST_AUTO_TEST_CASE(hints_of_an_expectant_mother_are_each_enough) {
  const std::string pid = "PID|1||77^^^L^MR||OAK^F||19950401|F\r";
  for (const std::string_view rest :
       {"PV1|1|B|X\r", "PV1|1|I|X|31\r", "PV1|1|I|X|32\r", "PV1|1|I|X|||||||501\r",
        "PV1|1|E|ED\rZU6|1|20250701\r", "PV1|1|E|ED\rDG1|1||O46.9^Bleeding^I10\r"}) {
    BOOST_TEST(read(pid + std::string{rest}).visit->expectant_mother, rest);
  }
  BOOST_TEST(!read(pid + "PV1|1|E|ED|21\rDG1|1||OTITIS\r").visit->expectant_mother);
}

BOOST_AUTO_TEST_CASE(events_versions_and_types_outside_the_feed_are_told_apart) {
  FeedSettings feed;
  feed.events = {"A01"};
  feed.versions = {"2.4"};
  const std::string pid = "PID|1||77^^^L^MR\rPV1|1|E|ED\r";
  const auto intake = [&](std::string_view msh) {
    return understand(std::string{msh} + pid, feed).intake;
  };
  BOOST_TEST((intake("MSH|^~\\&|A|B|||1||ADT^A01|C|P|2.4\r") == Intake::stored));
  BOOST_TEST((intake("MSH|^~\\&|A|B|||1||ADT^A04|C|P|2.4\r") == Intake::unsupported_event));
  BOOST_TEST((intake("MSH|^~\\&|A|B|||1||ADT^A99|C|P|2.4\r") == Intake::unsupported_event));
  BOOST_TEST((intake("MSH|^~\\&|A|B|||1||ADT^A01|C|P|2.7\r") == Intake::unsupported_version));
  BOOST_TEST((intake("MSH|^~\\&|A|B|||1||SIU^S12|C|P|2.4\r") == Intake::unsupported_type));
}

BOOST_AUTO_TEST_CASE(an_event_is_utf_8_while_the_answer_keeps_the_sender_s_bytes) {
  const Understanding event =
      understand("MSH|^~\\&|ED\xC9|S\xD8|||||ADT^A04|C\xE9|P|2.4\rPID|1||77^^^L^MR\r", {});
  BOOST_REQUIRE(event.event);
  BOOST_TEST(event.header.control_id == "C\xE9");
  BOOST_TEST(event.event->control_id == "C\xC3\xA9");
  BOOST_TEST(event.event->sender == "ED\xC3\x89|S\xC3\x98");
}

BOOST_AUTO_TEST_CASE(ods_codes_are_told_from_abbreviations) {
  for (const std::string_view code : {"RXX", "RXX01", "R0D02", "7A4", "NT213", "RRV03"}) {
    BOOST_TEST(looks_like_ods(code), code);
  }
  for (const std::string_view code :
       {"ED", "LGI", "UCLH", "WARD", "rxx", "RXX-01", "", "RESUS1X"}) {
    BOOST_TEST(!looks_like_ods(code), code);
  }
}

namespace {

AdtEvent event_of(AdtAction action, VisitState state) {
  AdtEvent event;
  event.action = action;
  event.visit.emplace();
  event.visit->state = state;
  event.visit->patient_class = PatientClass::emergency;
  return event;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_update_neither_reopens_nor_cancels_a_visit) {
  using rules::state_after;
  const AdtEvent update = event_of(AdtAction::update_visit, VisitState::unknown);
  BOOST_TEST((state_after(VisitState::unknown, update) == VisitState::in_progress));
  BOOST_TEST((state_after(VisitState::finished, update) == VisitState::finished));
  BOOST_TEST((state_after(VisitState::cancelled, update) == VisitState::cancelled));
  AdtEvent ended = update;
  ended.visit->ended = from_micros(0);
  BOOST_TEST((state_after(VisitState::in_progress, ended) == VisitState::finished));
  BOOST_TEST((state_after(VisitState::unknown, ended) == VisitState::finished));
}

BOOST_AUTO_TEST_CASE(a_planned_visit_begins_with_its_start_and_class) {
  AdtEvent update = event_of(AdtAction::update_visit, VisitState::unknown);
  // Nobody plans an emergency: that class alone says that somebody is here.
  BOOST_TEST((rules::state_after(VisitState::planned, update) == VisitState::in_progress));
  update.visit->patient_class = PatientClass::inpatient;
  BOOST_TEST((rules::state_after(VisitState::planned, update) == VisitState::planned));
  update.visit->started = from_micros(0);
  BOOST_TEST((rules::state_after(VisitState::planned, update) == VisitState::in_progress));
  update.visit->patient_class = PatientClass::preadmit;
  BOOST_TEST((rules::state_after(VisitState::planned, update) == VisitState::planned));
}

BOOST_AUTO_TEST_CASE(what_a_person_s_update_says_changes_no_visit) {
  const AdtEvent person = event_of(AdtAction::update_person, VisitState::unknown);
  BOOST_TEST((rules::state_after(VisitState::in_progress, person) == VisitState::in_progress));
  const AdtEvent discharge = event_of(AdtAction::discharge, VisitState::finished);
  BOOST_TEST((rules::state_after(VisitState::in_progress, discharge) == VisitState::finished));
  const AdtEvent again = event_of(AdtAction::cancel_discharge, VisitState::in_progress);
  BOOST_TEST((rules::state_after(VisitState::finished, again) == VisitState::in_progress));
}

// A17 swaps the beds of two patients: each of them has moved.
BOOST_AUTO_TEST_CASE(the_second_patient_of_a_swap_is_read_for_itself) {
  const std::string text =
      "MSH|^~\\&|PAS|RXX|||20260105101500||ADT^A17^ADT_A17|C1|P|2.4\r"
      "EVN|A17|20260105101500\r"
      "PID|1||9990123454^^^NHS^NH\rPV1|1|E|ED^BAY1||||||||||||||||V1\r"
      "PID|2||9990000018^^^NHS^NH\rPV1|2|E|ED^BAY2||||||||||||||||V2\r";
  const Understanding first = understand(text, {});
  BOOST_REQUIRE(first.event);
  BOOST_TEST(first.event->patient.nhs_number->digits() == "9990123454");
  BOOST_TEST(first.event->visit->number == "V1");
  const auto others = further_parts(*first.message);
  BOOST_REQUIRE_EQUAL(others.size(), 1U);
  const Understanding second = understand(others[0], {});
  BOOST_REQUIRE(second.event);
  BOOST_TEST(second.event->patient.nhs_number->digits() == "9990000018");
  BOOST_TEST(second.event->visit->number == "V2");
  BOOST_TEST(further_parts(*second.message).empty());
}

// A45 moves any number of visits: a pair of MRG and PV1 each.
BOOST_AUTO_TEST_CASE(each_visit_of_an_a45_is_read_for_itself) {
  const std::string text =
      "MSH|^~\\&|PAS|RXX|||20260105101500||ADT^A45^ADT_A45|C1|P|2.4\r"
      "EVN|A45|20260105101500\r"
      "PID|1||9990123454^^^NHS^NH\r"
      "MRG|9990000018^^^NHS^NH||||V1\rPV1|1|E|ED||||||||||||||||V1\r"
      "MRG|9990000018^^^NHS^NH||||V2\rPV1|2|E|ED||||||||||||||||V7\rPV2|||cough\r"
      "MRG|9990000018^^^NHS^NH||||V3\rPV1|3|E|ED||||||||||||||||V3\r";
  const Understanding first = understand(text, {});
  BOOST_REQUIRE(first.event);
  BOOST_TEST(first.event->visit->number == "V1");
  const auto others = further_parts(*first.message);
  BOOST_REQUIRE_EQUAL(others.size(), 2U);
  const Understanding second = understand(others[0], {});
  BOOST_REQUIRE(second.event);
  BOOST_TEST(second.event->patient.nhs_number->digits() == "9990123454");
  BOOST_TEST(second.event->previous_visit_number == "V2");
  BOOST_TEST(second.event->visit->number == "V7");
  BOOST_TEST(second.event->visit->reason == "cough");
  const Understanding third = understand(others[1], {});
  BOOST_REQUIRE(third.event);
  BOOST_TEST(third.event->visit->number == "V3");
  BOOST_TEST(third.event->visit->reason.empty());
}

// HL7 v2.5, 3.4.1.6: of a cancellation EVN-6 is when the cancelled event had happened; others send
// there when it was cancelled. Both are read, and that it may be either.
BOOST_AUTO_TEST_CASE(what_takes_something_back_says_so_and_when_it_was_recorded) {
  const auto read_at = [](std::string_view trigger, std::string_view evn_2, std::string_view evn_6,
                          std::string_view sent = "20260105113000") {
    std::string text = "MSH|^~\\&|PAS|RXX|||";
    text.append(sent).append("||ADT^").append(trigger).append("|C1|P|2.4\rEVN||");
    text.append(evn_2).append("||||").append(evn_6);
    text += "\rPID|1||9990123454^^^NHS^NH\rPV1|1|E|ED||||||||||||||||V1\r";
    Understanding read = understand(text, {});
    BOOST_REQUIRE(read.event && read.event->occurred && read.event->recorded);
    return *std::move(read.event);
  };
  const auto at = [&](auto... times) { return to_iso(*read_at(times...).occurred); };
  for (const char* trigger : {"A11", "A12", "A13", "A23", "A38"}) {
    BOOST_TEST_CONTEXT(trigger) {
      const AdtEvent told = read_at(trigger, "20260105110000", "20260105100000");
      BOOST_TEST(told.takes_back);
      BOOST_TEST(to_iso(*told.occurred) == "2026-01-05T10:00:00.000Z");
      BOOST_TEST(to_iso(*told.recorded) == "2026-01-05T11:00:00.000Z");
      const AdtEvent sent = read_at(trigger, "", "20260105100000");
      BOOST_TEST(to_iso(*sent.recorded) == "2026-01-05T11:30:00.000Z");
    }
  }
  BOOST_TEST(!read_at("A02", "20260105110000", "20260105100000").takes_back);
  BOOST_TEST(at("A02", "20260105110000", "20260105100000") == "2026-01-05T10:00:00.000Z");
  // A day alone orders nothing within it.
  BOOST_TEST(at("A08", "20260105110000", "20260105") == "2026-01-05T11:00:00.000Z");
  BOOST_TEST(at("A08", "20260105", "20260105", "20260105") == "2026-01-05T00:00:00.000Z");
}

// Only a zone tells which of the two hours is meant when the clocks go back.
BOOST_AUTO_TEST_CASE(a_time_with_a_zone_is_exact) {
  const auto exact = [](std::string_view evn_2, Clocks clocks) {
    FeedSettings feed;
    feed.clocks = clocks;
    const std::string text = "MSH|^~\\&|PAS|RXX|||20261025013000||ADT^A08|C1|P|2.4\rEVN||" +
                             std::string{evn_2} + "\rPID|1||9990123454^^^NHS^NH\r";
    const Understanding read = understand(text, feed);
    BOOST_REQUIRE(read.event);
    BOOST_TEST(read.event->occurred_is_exact == read.event->recorded_is_exact);
    return read.event->occurred_is_exact;
  };
  BOOST_TEST(exact("20261025012000+0100", Clocks::london));
  BOOST_TEST(exact("20261025012000Z", Clocks::london));
  BOOST_TEST(!exact("20261025012000", Clocks::london));
  BOOST_TEST(exact("20261025012000", Clocks::utc));
  BOOST_TEST(!exact("", Clocks::london));
}

// From 2.7 on a value may say that it was cut off. Half a number is nobody's number.
BOOST_AUTO_TEST_CASE(an_identifier_that_was_cut_off_identifies_nobody) {
  const std::string text =
      "MSH|^~\\&#|PAS|RXX|||20260105101500||ADT^A08|C1|P|2.7\rEVN||20260105101500\r"
      "PID|1||1234567#^^^RXX^MR~H9^^^RXX^MR\r";
  const Understanding read = understand(text, {});
  BOOST_REQUIRE(read.event);
  BOOST_REQUIRE_EQUAL(read.event->patient.local_ids.size(), 1U);
  BOOST_TEST(read.event->patient.local_ids[0].value == "H9");
  std::string nobody = text;
  nobody.resize(nobody.find("~H9"));
  BOOST_TEST((understand(nobody, {}).intake == Intake::no_identifier));
  BOOST_TEST((read_receipt(nobody, {}).intake == Intake::no_identifier));
}

// A field of separators is read in one pass, and not further than anybody's numbers go.
BOOST_AUTO_TEST_CASE(thousands_of_repetitions_are_read_up_to_a_limit) {
  std::string numbers = "9990123454^^^NHS^NH";
  for (int n = 0; n < 300'000; ++n) numbers += "~" + std::to_string(n) + "^^^RXX^MR";
  const std::string text =
      "MSH|^~\\&|PAS|RXX|||20260105101500||ADT^A08|C1|P|2.4\rEVN||20260105101500\rPID|1||" +
      numbers + "\r";
  FeedSettings feed;
  feed.limits.bytes_max = text.size();
  const Understanding read = understand(text, feed);
  BOOST_REQUIRE(read.event);
  BOOST_TEST(read.event->patient.nhs_number.has_value());
  BOOST_TEST(read.event->patient.local_ids.size() == Repetitions::read_max - 1);
  const bool told = std::any_of(read.findings.begin(), read.findings.end(), [](const Finding& one) {
    return one.rule == "HL7-PID-4" && one.field == "PID-3";
  });
  BOOST_TEST(told);
}

// Where a child is must not show because a code is not known.
BOOST_AUTO_TEST_CASE(a_hiding_code_that_is_not_known_hides) {
  const FeedSettings feed;
  const std::string text = "PID|1||9991000003^^^NHS||OAK^FERN||20190401|2|||1 LANE^X\rZU8||||";
  for (const std::string_view code : {"1", "2", "3", "Y", "y", "S"}) {
    BOOST_TEST(read(text + std::string{code} + '\r', feed).details.shielded, code);
  }
  for (const std::string_view code : {"0", "N", "no"}) {
    const AdtEvent event = read(text + std::string{code} + '\r', feed);
    BOOST_TEST(!event.details.shielded, code);
    BOOST_TEST(event.details.shielding_stated, code);
  }
  for (const std::string_view code : {"", "\"\""}) {
    const AdtEvent event = read(text + std::string{code} + '\r', feed);
    BOOST_TEST(!event.details.shielded, code);
    BOOST_TEST(!event.details.shielding_stated, code);
  }
}

// `explain` is for people who must not read where a shielded child is.
BOOST_AUTO_TEST_CASE(where_a_shielded_child_is_does_not_show_in_an_explanation) {
  const std::string text =
      "MSH|^~\\&|PAS|RXX|||20260105101500||ADT^A04|C1|P|2.4\rEVN||20260105101500\r"
      "PID|1||9990123454^^^NHS^NH\rPV1|1|E|HIDDENWARD^^^RXX07||||||||||||||||V1\r";
  BOOST_TEST(explain(text, {}).find("HIDDENWARD") != std::string::npos);
  const std::string hidden = explain(text + "ZU8||||2\r", {});
  BOOST_TEST(hidden.find("HIDDENWARD") == std::string::npos);
  BOOST_TEST(hidden.find("RXX07") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(small_letters_and_blanks_do_not_hide_an_arrival) {
  const std::string text =
      "MSH|^~\\&|PAS|RXX|||20260105101500||adt^a04 |C1|P|2.4\rEVN||20260105101500\r"
      "PID|1||9990123454^^^NHS^NH\rPV1|1|E|ED||||||||||||||||V1\r";
  const Understanding read = understand(text, {});
  BOOST_REQUIRE(read.event);
  BOOST_TEST(read.event->trigger == "A04");
  BOOST_TEST((read.event->action == AdtAction::arrive));
}

BOOST_AUTO_TEST_SUITE_END()
