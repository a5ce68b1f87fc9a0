#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/understanding.h"

using namespace cpis;
using namespace cpis::hl7v2;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(receipt_tests)

namespace {

using enum Intake;

struct Case {
  std::string_view type;  // MSH-9
  std::string_view rest;
  Intake want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"ADT^A04", "PID|1||9991000003^^^NHS^NH\r", stored, "an NHS number"},
    {"ADT^A04", "PID|1||4001^^^RXX01^MR\r", stored, "a hospital number"},
    {"ADT^A04", "PID|1||4001\r", stored, "a bare number"},
    {"ADT^A04", "PID|1||9991000003^^^PAS^PI\r", stored, "local although it passes the check"},
    {"ADT^A04", "PID|1||^^^NHS^NH~4001^^^RXX01^MR\r", stored, "the second repetition names"},
    {"ADT^A04", "PID|1|4001^^^RXX01^MR|\r", stored, "PID-2 alone"},
    {"ADT^A04", "PID|1||||||||||||||||||9991000003\r", stored, "PID-19 alone"},
    {"ADT^A04", "PID|1||9991000003^^^NHS~9991000070^^^NHS\r", stored, "two people: ambiguous"},
    {"ADT^A04", "PID|1||9991000004^^^NHS^NH\r", no_identifier, "wrong check digit, marked"},
    {"ADT^A04", "PID|1||NULL^^^RXX01^MR\r", no_identifier, "the word NULL"},
    {"ADT^A04", "PID|1||null^^^RXX01^MR\r", no_identifier, "the word null"},
    {"ADT^A04", "PID|1||\"\"^^^RXX01^MR\r", no_identifier, "a value taken back"},
    {"ADT^A04", "PID|1\r", no_identifier, "nobody"},
    {"ADT^A04", "PID|1\rPV1|1|E|ED||||||||||||||||V1\r", stored, "a visit number alone"},
    {"ADT^A04", "PV1|1|E|ED\r", segment_missing, "no PID"},
    {"ADT^A04", "PID|1||4001\rMSH|^~\\&|A\r", undecodable, "two messages"},
    {"ADT^A40", "PID|1||4001^^^L^MR\rMRG|4002^^^L^MR\r", stored, "a merge"},
    {"ADT^A40", "PID|1||4001^^^L^MR\r", segment_missing, "a merge without MRG"},
    {"ADT^A40", "PID|1||4001^^^L^MR\rMRG|^^^L^MR\r", segment_missing, "a merge of nobody"},
    {"ADT^A45", "PID|1||4001^^^L^MR\rMRG|||||V1\r", stored, "a visit moved"},
    {"ADT", "EVN|A04\rPID|1||4001^^^L^MR\r", stored, "the event in EVN-1"},
    {"ADT", "PID|1||4001^^^L^MR\r", unsupported_event, "no event"},
    {"ADT^A99", "PID|1||4001^^^L^MR\r", unsupported_event, "an unknown event"},
    {"SIU^S12", "PID|1||4001^^^L^MR\r", unsupported_type, "no ADT"},
    {"ADT^A04", "PID|1||4001^^^L^MR||OAK^F\xC9RN\r", stored, "not UTF-8"},
};

// In a set whose bytes may look like delimiters.
constexpr std::string_view wide =
    "MSH|^~\\&|PAS|RXX|||20260105101500||ADT^A04^ADT_A01|C1|P|2.4||||||BIG-5\r"
    "PID|1||9991000003^^^NHS^NH||\xA4\x7C^\xA4\x7C\rPV1|1|E|ED\r";

std::string answer(const MessageHeader& header, Intake intake, const Findings& findings,
                   AckMode mode) {
  const auto code = ack_code(intake, header, mode, true);
  return code ? write_ack(header, *code, intake, findings, {"1", Time{}, "GW"}) : "none";
}

}  // namespace

// The answer leaves long before the message is understood: it must be the one that understanding
// would give, also in what it says of errors.
BOOST_DATA_TEST_CASE(a_receipt_gives_the_answer_that_understanding_gives, data::make(cases), c) {
  for (const std::string_view version : {"2.4", "2.5.1", "2.9"}) {
    FeedSettings feed;
    feed.versions = {"2.4", "2.5.1"};
    const std::string bytes = "MSH|^~\\&|ED|RXX01|GW|RXX|20260105101500||" + std::string{c.type} +
                              "|C\\T\\1|P|" + std::string{version} + "|||ER|AL\r" +
                              std::string{c.rest};
    const Understanding u = understand(bytes, feed);
    const Receipt receipt = read_receipt(bytes, feed);
    BOOST_TEST((receipt.intake == u.intake));
    if (version == "2.4") BOOST_TEST((receipt.intake == c.want));
    BOOST_TEST(receipt.header.sending_application == u.header.sending_application);
    BOOST_TEST(receipt.header.sending_facility == u.header.sending_facility);
    BOOST_TEST(receipt.header.control_id == u.header.control_id);
    for (const AckMode mode : {AckMode::original, AckMode::enhanced}) {
      BOOST_TEST(answer(receipt.header, receipt.intake, receipt.findings, mode) ==
                 answer(u.header, u.intake, u.findings, mode));
    }
  }
}

// Whether a message can be read at all is a matter of its declared set, too.
BOOST_AUTO_TEST_CASE(a_declared_character_set_counts_for_a_receipt_too) {
  for (const std::string_view set : {"", "UNICODE UTF-8", "8859/1", "BIG-5", "ISO IR87", "odd"}) {
    for (const std::string_view name : {"OAK", "O\xC3\x84K", "O\xC4K", "O\x1B$K"}) {
      const std::string bytes = "MSH|^~\\&|ED|RXX01|GW|RXX|20260105101500||ADT^A04|C1|P|2.4||||||" +
                                std::string{set} + "\rPID|1||4001||" + std::string{name} + "\r";
      const Understanding u = understand(bytes, {});
      const Receipt receipt = read_receipt(bytes, {});
      BOOST_TEST((receipt.intake == u.intake));
      BOOST_TEST(answer(receipt.header, receipt.intake, receipt.findings, AckMode::original) ==
                 answer(u.header, u.intake, u.findings, AckMode::original));
    }
  }
}

// A message over a limit is refused at once, and not when it is understood.
BOOST_AUTO_TEST_CASE(limits_hold_for_a_receipt_too) {
  const std::string bytes =
      "MSH|^~\\&|ED|RXX01|GW|RXX|20260105101500||ADT^A04|C1|P|2.4\rPID|1||4001\rPV1|1|E|ED\r";
  const auto intake_with = [&](const MessageLimits& limits) {
    FeedSettings feed;
    feed.limits = limits;
    BOOST_TEST((read_receipt(bytes, feed).intake == understand(bytes, feed).intake));
    return read_receipt(bytes, feed).intake;
  };
  BOOST_TEST((intake_with({bytes.size(), 3, 17}) == stored));
  BOOST_TEST((intake_with({bytes.size() - 1, 3, 17}) == too_large));
  BOOST_TEST((intake_with({bytes.size(), 2, 17}) == too_many_parts));
  BOOST_TEST((intake_with({bytes.size(), 3, 16}) == too_many_parts));
}

// They would be shown in FHIR, where they are not allowed.
BOOST_AUTO_TEST_CASE(control_characters_of_the_envelope_are_dropped) {
  using namespace std::string_view_literals;
  const std::string bytes{
      "MSH|^~\\&|E\x01\0D|RX\x02X\\T\\1|GW|RXX|20260105101500||ADT^A04|C\x03\x7F"
      "1|P|2.4\r"
      "PID|1||4001^^^RXX01^MR\r"sv};
  const Understanding u = understand(bytes, {});
  BOOST_REQUIRE(u.event);
  BOOST_TEST(u.event->sender == "ED|RXX\\T\\1");
  BOOST_TEST(u.event->control_id == "C1");
}

BOOST_AUTO_TEST_CASE(bytes_without_a_header_get_the_answer_that_understanding_gives) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {""sv, "\r"sv, "hello"sv, "MSHa"sv, "MSH|abc|"sv, "BHS|^~\\&|A\r"sv, "M\0S\0H\0"sv,
        "\0\0\0MSH|^~\\&|||||||ADT^A04|1\rPID|||4001\r"sv}) {
    const Understanding u = understand(bytes, {});
    const Receipt receipt = read_receipt(bytes, {});
    BOOST_TEST((receipt.intake == u.intake));
    BOOST_TEST((receipt.intake != Intake::stored));
    BOOST_TEST(answer(receipt.header, receipt.intake, receipt.findings, AckMode::automatic) ==
               answer(u.header, u.intake, u.findings, AckMode::automatic));
  }
}

// A message that cannot be read must be put aside, and never count as one that asks for nothing.
BOOST_AUTO_TEST_CASE(letters_that_cannot_be_read_put_a_message_aside) {
  const FeedSettings feed;
  const Understanding read = understand(wide, feed);
  BOOST_TEST(!read.event.has_value());
  BOOST_TEST((read.intake == undecodable));
  BOOST_TEST((rule_for(read.intake).verdict != Verdict::accept));
  BOOST_TEST((read_receipt(wide, feed).intake == undecodable));
}

BOOST_AUTO_TEST_CASE(a_fatal_finding_that_is_not_listed_refuses_too) {
  BOOST_TEST((intake_of({{Severity::fatal, "HL7-NEW-1", {}, 0, {}, "new"}}) == undecodable));
  BOOST_TEST((intake_of({{Severity::error, "HL7-NEW-1", {}, 0, {}, "new"}}) == stored));
}

BOOST_AUTO_TEST_SUITE_END()
