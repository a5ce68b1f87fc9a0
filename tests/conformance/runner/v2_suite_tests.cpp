// The HL7 v2 suite tells a receiver that does its work from those that do not.
#include "conformance/runner/v2_suite.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace cpis;
using namespace cpis::conformance;

namespace {

std::string_view field_of_header(std::string_view message, std::size_t number) {
  for (std::size_t skip = number - 1; skip > 0; --skip) {
    const std::size_t bar = message.find('|');
    if (bar == message.npos) return {};
    message.remove_prefix(bar + 1);
  }
  return message.substr(0, message.find('|'));
}

std::string acknowledge(std::string_view message, std::string_view code) {
  return "MSH|^~\\&|GATEWAY|RXX01|" + std::string{field_of_header(message, 3)} + '|' +
         std::string{field_of_header(message, 4)} + "|20260105||ACK^A04^ACK|x|P|2.5.1\rMSA|" +
         std::string{code} + '|' + std::string{field_of_header(message, 10)} + '\r';
}

bool has_passed(const ScriptReport& report, std::string_view test) {
  const auto found = std::ranges::find(report.tests, test, &TestCaseReport::name);
  BOOST_REQUIRE(found != report.tests.end());
  return found->passed();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(v2_suite_tests)

BOOST_AUTO_TEST_CASE(a_receiver_that_does_its_work_passes) {
  const auto report = run_v2_suite(
      [](std::string_view message) -> Result<std::string> {
        if (!message.starts_with("MSH")) return Error{ErrorKind::unavailable, "closed"};
        const bool somebody = message.find("\rPID|") != message.npos;
        return acknowledge(message, somebody ? "AA" : "AE");
      },
      "1");
  BOOST_TEST(report.tests.size() == 7U);
  BOOST_TEST(report.passed());
  BOOST_TEST(report.score() == 100.0);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_accepts_everything_does_not) {
  const auto report = run_v2_suite(
      [](std::string_view message) -> Result<std::string> { return acknowledge(message, "AA"); },
      "1");
  BOOST_TEST(has_passed(report, "arrival"));
  BOOST_TEST(!has_passed(report, "nobody"));
  BOOST_TEST(!has_passed(report, "no-header"));
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_for_another_message_is_none) {
  const auto report = run_v2_suite(
      [](std::string_view) -> Result<std::string> {
        return std::string{"MSH|^~\\&|G|R|SUITE|RXX99|2026||ACK|x|P|2.5.1\rMSA|AA|other\r"};
      },
      "1");
  BOOST_TEST(!has_passed(report, "arrival"));
}

BOOST_AUTO_TEST_CASE(silence_is_an_error_and_not_a_refusal_of_an_arrival) {
  const auto report = run_v2_suite(
      [](std::string_view) -> Result<std::string> {
        return Error{ErrorKind::timeout, "none"};
      },
      "1");
  BOOST_TEST(!has_passed(report, "arrival"));
  BOOST_TEST(has_passed(report, "nobody"));
  BOOST_TEST(!report.passed());
}

BOOST_AUTO_TEST_SUITE_END()
