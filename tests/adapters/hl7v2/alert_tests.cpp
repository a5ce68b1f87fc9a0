#include "adapters/hl7v2/alert_writer.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "adapters/hl7v2/path.h"
#include "adapters/hl7v2/understanding.h"

using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(alert_tests)

namespace {

const Time now = *parse_iso_time("2026-01-05T10:20:00Z");

Date day(std::string_view iso) { return *parse_iso_date(iso); }

AdtEvent attendance() {
  static const std::string text =
      "MSH|^~\\&|ED|RXX01|||20260105101500||ADT^A04|C1|P|2.4\r"
      "PID|1||4001^^^A\\T\\E^MR~9991000003^^^NHS^NH||OAK^FERN||20190401|F\r"
      "PV1|1|E|ED||||||||||||||||V1^^^ED_VISIT|||||||||||||||||||||||||20260105101000\r";
  const Understanding u = understand(text, {});
  BOOST_REQUIRE(u.event);
  return *u.event;
}

ProtectionRecord record() {
  const NhsNumber number = *NhsNumber::parse("9991000003");
  ProtectionRecord held{number, {}, {}};
  HeldPlan plan{{PlanType::cpp, {day("2025-03-01"), 0}, {}, {}},
                {"E08000016", "Mossdale & Fell Council", "01632 960100", "01632 960199"},
                {number, {}, {}, {"Fern", "Oak"}, day("2019-04-01"), false},
                {},
                {}};
  held.plans.push_back(plan);
  plan.plan = {PlanType::lac, {day("2024-01-01"), 0}, PlanDate{day("2025-12-01"), 0}, {}};
  held.plans.push_back(plan);
  return held;
}

}  // namespace

// Something that is held and could not be read must not vanish, even when nothing else is shown.
BOOST_AUTO_TEST_CASE(an_incomplete_record_says_that_there_is_more) {
  ProtectionRecord held = record();
  held.incomplete = true;
  const auto text = write_alert(attendance(), held, {}, "ALERT1", now);
  BOOST_REQUIRE(text);
  BOOST_TEST(text->find("More is held about this person") != std::string::npos);
  held.plans.clear();
  const auto bare = write_alert(attendance(), held, {}, "ALERT2", now);
  BOOST_REQUIRE(bare);
  BOOST_TEST(bare->find("More is held about this person") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_record_becomes_a_message_that_our_own_reader_reads) {
  const auto text = write_alert(attendance(), record(), {}, "ALERT1", now);
  BOOST_REQUIRE(text);
  Findings findings;
  const auto message = Message::parse(*text, findings);
  BOOST_REQUIRE(message);
  BOOST_TEST(findings.empty());
  const auto at = [&](std::string_view path) { return value(*message, *Path::parse(path)); };
  BOOST_TEST(at("MSH-9.2") == "A08");
  BOOST_TEST(at("MSH-10") == "ALERT1");
  BOOST_TEST(at("PID-3.1") == "9991000003");
  BOOST_TEST(at("PID-3(2).4") == "A&E");
  BOOST_TEST(at("PV1-2") == "E");
  BOOST_TEST(at("PV1-19.4") == "ED_VISIT");
  BOOST_TEST(message->count("OBX") == 2U);
  BOOST_TEST(at("OBX-5") ==
             "Subject to child protection plan (current). Mossdale & Fell Council: office hours "
             "01632 960100, out of hours 01632 960199.");
  BOOST_TEST(at("OBX(2)-5").starts_with("Looked after child (ended 2025-12-01)"));
  BOOST_TEST(at("ZCP-2.4") == "342191000000101");
  BOOST_TEST(at("ZCP-5.2") == "Mossdale & Fell Council");
  BOOST_TEST(at("ZCP(2)-4") == "20251201");
}

// Silence is not a message: there is nothing to say about a child of whom no record is held, and
// nothing that could be read as "safe".
BOOST_AUTO_TEST_CASE(no_record_is_no_message) {
  BOOST_TEST(!write_alert(attendance(), NoneHeld{*NhsNumber::parse("9991000003")}, {}, "A", now));
  ProtectionRecord without_plans = record();
  without_plans.plans.clear();
  BOOST_TEST(!write_alert(attendance(), without_plans, {}, "A", now));
}

BOOST_AUTO_TEST_CASE(no_answer_says_that_nothing_is_known) {
  const CouldNotAsk not_asked{{ErrorKind::timeout, "no answer in 8 s"}, true};
  const auto text = write_alert(attendance(), not_asked, {}, "A", now);
  BOOST_REQUIRE(text);
  BOOST_TEST(text->find("could not be checked. Nothing is known either way.") != std::string::npos);
  BOOST_TEST(text->find("ZCP") == std::string::npos);
  AlertMessageSettings silent;
  silent.not_asked_wording.clear();
  BOOST_TEST(!write_alert(attendance(), not_asked, silent, "A", now));
}

BOOST_AUTO_TEST_CASE(templates_are_the_site_s_own) {
  AlertMessageSettings site;
  site.trigger = "A31";
  site.structure = "ADT_A05";
  site.receiving_application = "EPR|1";
  site.with_name = false;
  site.segments = {"AL1|{n}|LA|{plan.code}^{wording}"};
  site.record_wording = "{plan.display} ^ {plan.start}";
  BOOST_TEST(check_templates(site).empty());
  const auto text = write_alert(attendance(), record(), site, "A", now);
  BOOST_REQUIRE(text);
  BOOST_TEST(text->find("|EPR\\F\\1|") != std::string::npos);
  BOOST_TEST(text->find("OAK") == std::string::npos);
  BOOST_TEST(text->find("AL1|1|LA|CPP^Subject to child protection plan \\S\\ 20250301\r") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(templates_that_cannot_work_are_told) {
  AlertMessageSettings wrong;
  wrong.segments = {"nonsense", "OBX|{n}|{plan.colour}", "OBX|1\rOBX|2"};
  wrong.record_wording = "{who}";
  const Findings findings = check_templates(wrong);
  BOOST_REQUIRE_EQUAL(findings.size(), 4U);
  BOOST_TEST(findings[0].rule == "HL7-ALERT-1");
  BOOST_TEST(findings[1].text == "{plan.colour} is not a name that is known");
  BOOST_TEST(check_templates({}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
