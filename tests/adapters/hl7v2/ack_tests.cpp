#include "adapters/hl7v2/ack_writer.h"

#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/hl7v2/understanding.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::hl7v2;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(ack_tests)

namespace {

const AckStamp stamp{"GW000001", *parse_iso_time("2026-01-05T10:15:00Z"), "CPIS-GATEWAY"};

std::string msh_with(std::string_view msh_15, std::string_view msh_16) {
  return "MSH|^~\\&|ED|RXX01|CPIS|GW|20260105||ADT^A04|C1|P|2.4|||" + std::string{msh_15} + "|" +
         std::string{msh_16} + "\r";
}

struct CodeCase {
  Intake intake;
  std::string_view msh_15;
  std::string_view msh_16;
  AckMode mode;
  bool rejecting;
  std::string_view want;  // empty: no answer
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const CodeCase& c) { return out << c.why; }

using enum Intake;
constexpr auto automatic = AckMode::automatic;
constexpr auto enhanced = AckMode::enhanced;

constexpr CodeCase code_cases[] = {
    {stored, "", "", automatic, false, "AA", "original mode"},
    {stored, "AL", "NE", automatic, false, "AA", "engines say AL|NE and wait for AA"},
    {stored, "NE", "NE", automatic, false, "AA", "silence makes engines retry for ever"},
    {stored, "AL", "NE", AckMode::original, false, "AA", "original whatever is asked"},
    {duplicate, "", "", automatic, false, "AA", "a re-send is accepted again"},
    {control_id_reused, "", "", automatic, false, "AA", "simulators start again at 1"},
    {unsupported_event, "", "", automatic, false, "AA", "an AR would block an Ensemble queue"},
    {unsupported_event, "", "", automatic, true, "AR", "unless the feed asks for it"},
    {unsupported_type, "", "", automatic, true, "AR", "likewise for types"},
    {unsupported_version, "", "", automatic, true, "AR", "likewise for versions"},
    {no_header, "", "", automatic, false, "AE", "will never work"},
    {no_identifier, "", "", automatic, false, "AE", "nobody is named"},
    {segment_missing, "", "", automatic, true, "AE", "rejecting changes only what is unsupported"},
    {not_kept, "", "", automatic, false, "", "our own trouble is not answered"},
    {stopping, "", "", automatic, true, "", "nor when shutting down"},
    {too_large, "", "", automatic, false, "", "nor what was not read to its end"},
    {stored, "", "", enhanced, false, "AA", "strict, but neither field is there"},
    {stored, "AL", "NE", enhanced, false, "CA", "accept acknowledgement"},
    {stored, "AL", "AL", enhanced, false, "CA", "it is kept, which is what CA says"},
    {stored, "NE", "AL", enhanced, false, "AA", "the same as original mode"},
    {stored, "NE", "NE", enhanced, false, "", "none is asked for"},
    {stored, "ER", "NE", enhanced, false, "", "errors only"},
    {no_identifier, "ER", "NE", enhanced, false, "CE", "errors only, and this is one"},
    {no_identifier, "SU", "NE", enhanced, false, "", "success only"},
    {unsupported_event, "AL", "NE", enhanced, true, "CR", "reject in enhanced mode"},
};

std::string ack_for(std::string_view bytes, const FeedSettings& settings = {}) {
  const Understanding u = understand(bytes, settings);
  const auto code = ack_code(u.intake, u.header, settings.ack_mode, settings.reject_unsupported);
  BOOST_REQUIRE(code);
  return write_ack(u.header, *code, u.intake, u.findings, stamp);
}

}  // namespace

BOOST_DATA_TEST_CASE(the_decision_table_holds, data::make(code_cases), c) {
  const std::string msh = msh_with(c.msh_15, c.msh_16);
  const auto code = ack_code(c.intake, read_header(msh), c.mode, c.rejecting);
  BOOST_TEST(code.value_or("") == c.want, c.why);
}

BOOST_AUTO_TEST_CASE(an_accepted_message_gets_a_plain_acknowledgement) {
  BOOST_TEST(
      ack_for("MSH|^~\\&|ED|RXX01|CPIS|GW|20260105||ADT^A04^ADT_A01|C1|T|2.4|||AL|NE||8859/1\r"
              "PID|1||4001^^^RXX^MR\rPV1|1|E|ED||||||||||||||||V1\r") ==
      "MSH|^~\\&|CPIS|GW|ED|RXX01|20260105101500+0000||ACK^A04^ACK|GW000001|T|2.4||||||8859/1\r"
      "MSA|AA|C1\r");
}

// Engines compare MSA-2 with what they sent, byte for byte; long ids and escapes included.
BOOST_AUTO_TEST_CASE(the_control_id_comes_back_byte_for_byte) {
  const std::string id = "0f8fad5b-d9cb\\T\\469f-a165 ~\xE9 70867728950e";
  const std::string ack = ack_for("MSH|^~\\&|ED|RXX01|||20260105||ADT^A04|" + id +
                                  "|P|2.5\rPID|1||4001^^^RXX^MR\rPV1|1|E|ED\r");
  BOOST_TEST(ack.find("\rMSA|AA|" + id + "\r") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_control_id_of_a_long_header_comes_back_whole) {
  const std::string much(9'000, 'X');
  for (const auto& [app, security, id, last] :
       {std::array{much, ""s, "C1"s, ""s}, std::array{""s, much, "C1"s, ""s},
        std::array{""s, ""s, much, ""s}, std::array{""s, ""s, "C1"s, much}}) {
    const std::string ack =
        ack_for("MSH|^~\\&|" + app + "|RXX01|||20260105|" + security + "|ADT^A04|" + id +
                "|P|2.4||||||" + last + "|X\rPID|1||4001^^^RXX^MR\rPV1|1|E|ED\r");
    BOOST_TEST(ack.find("||ACK^A04^ACK|GW000001|P|2.4") != std::string::npos);
    BOOST_TEST(ack.find("|" + app + "|RXX01|") != std::string::npos);
    BOOST_TEST(ack.ends_with("\rMSA|AA|" + id + "\r"));
  }
}

BOOST_AUTO_TEST_CASE(delimiters_are_the_sender_s) {
  BOOST_TEST(ack_for("MSH$%~\\&$ED$RXX01$$$20260105$$ADT%A04$C1$P$2.4\r"
                     "PID$1$$4001%%%RXX%MR\rPV1$1$E$ED\r") ==
             "MSH$%~\\&$CPIS-GATEWAY$$ED$RXX01$20260105101500+0000$$ACK%A04%ACK$GW000001$P$2.4\r"
             "MSA$AA$C1\r");
}

BOOST_AUTO_TEST_CASE(before_2_4_the_type_is_ack_alone) {
  const std::string ack = ack_for(
      "MSH|^~\\&|ED|RXX01|||20260105||ADT^A04|C1|P|2.3.1\rPID|1||4001^^^RXX^MR\rPV1|1|E|ED\r");
  BOOST_TEST(ack.find("||ACK|GW000001|P|2.3.1\r") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(before_2_5_the_reason_is_in_msa_6_and_err_1) {
  BOOST_TEST(ack_for("MSH|^~\\&|ED|RXX01|||20260105||ADT^A04|C1|P|2.4\rPID|1||\rPV1|1|E\r") ==
             "MSH|^~\\&|CPIS-GATEWAY||ED|RXX01|20260105101500+0000||ACK^A04^ACK|GW000001|P|2.4\r"
             "MSA|AE|C1|no patient identifier|||101^no patient identifier^HL70357\r"
             "ERR|PID^1^3^101&no patient identifier&HL70357\r");
}

BOOST_AUTO_TEST_CASE(from_2_5_on_the_reason_is_in_err) {
  BOOST_TEST(ack_for("MSH|^~\\&|ED|RXX01|||20260105||ADT^A04|C1|P|2.5.1\rPID|1||\rPV1|1|E\r") ==
             "MSH|^~\\&|CPIS-GATEWAY||ED|RXX01|20260105101500+0000||ACK^A04^ACK|GW000001|P|2.5.1\r"
             "MSA|AE|C1|no patient identifier\r"
             "ERR||PID^1^3^1^1|101^no patient identifier^HL70357|E|||HL7-PID-3|no usable "
             "identifier; the message names nobody\r");
}

BOOST_AUTO_TEST_CASE(even_noise_gets_an_answer_that_can_be_read) {
  BOOST_TEST(ack_for("hello") ==
             "MSH|^~\\&|CPIS-GATEWAY||||20260105101500+0000||ACK|GW000001|P|2.4\r"
             "MSA|AE||no usable MSH segment|||100^no usable MSH segment^HL70357\r"
             "ERR|^^^100&no usable MSH segment&HL70357\r");
  BOOST_TEST(ack_for("MSH|0000|ED|RXX|||||ADT^A01|C9|P|2.4\r").find("MSA|AE|C9|") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_batch_is_answered_by_a_batch) {
  const MessageHeader envelope = read_header("BHS|^~\\&|ED|RXX01|CPIS|GW|20260105\r");
  BOOST_TEST(write_batch_ack(envelope, {"MSH|1\r", "MSH|2\r"}, stamp) ==
             "BHS|^~\\&|CPIS|GW|ED|RXX01|20260105101500+0000||||GW000001\rMSH|1\rMSH|2\rBTS|2\r");
}

BOOST_AUTO_TEST_SUITE_END()
