#include "conformance/runner/v2_suite.h"

#include <array>
#include <utility>
#include <vector>

namespace cpis::conformance {
namespace {

enum class Wanted { accepted, refused };

/// One exchange. In the message `{id}` stands for the control id; `id` is its number in the run, so
/// that a message can be sent twice.
struct Exchange {
  std::string_view test;
  std::string_view description;
  std::string_view id;
  std::string_view message;
  Wanted wanted = Wanted::accepted;
};

constexpr std::string_view arrival =
    "MSH|^~\\&|SUITE|RXX99|GATEWAY|RXX01|20260105101500||ADT^A04^ADT_A01|{id}|P|2.5.1\r"
    "EVN|A04|20260105101500\r"
    "PID|1||9990000042^^^NHS^NH~SUITE1^^^RXX99^MR||SAMPLE^ALEX||20180412|U\r"
    "PV1|1|E|ED^^^RXX99||||||||||||||||SUITEV1|||||||||||||||||||||||||20260105101000\r";

constexpr std::array exchanges{
    Exchange{"arrival", "An arrival is kept and acknowledged", "1", arrival},
    Exchange{"sent-again", "The same message sent again is acknowledged again", "1", arrival},
    Exchange{"update", "An update of the visit is acknowledged", "2",
             "MSH|^~\\&|SUITE|RXX99|GATEWAY|RXX01|20260105102000||ADT^A08^ADT_A01|{id}|P|2.4\r"
             "EVN|A08|20260105102000\r"
             "PID|1||9990000042^^^NHS^NH~SUITE1^^^RXX99^MR||SAMPLE^ALEX||20180412|U\r"
             "PV1|1|E|ED^^^RXX99||||||||||||||||SUITEV1\r"},
    Exchange{
        "names-in-utf-8", "Names outside ASCII are taken", "3",
        "MSH|^~\\&|SUITE|RXX99|GATEWAY|RXX01|20260105102500||ADT^A08^ADT_A01|{id}|P|2.5.1||||||"
        "UNICODE UTF-8\r"
        "EVN|A08|20260105102500\r"
        "PID|1||9990000042^^^NHS^NH~SUITE1^^^RXX99^MR||S\xC3\x81MPLE^ZO\xC3\x8B||20180412|U\r"
        "PV1|1|E|ED^^^RXX99||||||||||||||||SUITEV1\r"},
    Exchange{"unknown-segments", "Segments nobody knows do no harm", "4",
             "MSH|^~\\&|SUITE|RXX99|GATEWAY|RXX01|20260105103000||ADT^A08^ADT_A01|{id}|P|2.5.1\r"
             "EVN|A08|20260105103000\r"
             "PID|1||9990000042^^^NHS^NH~SUITE1^^^RXX99^MR||SAMPLE^ALEX||20180412|U\r"
             "PV1|1|E|ED^^^RXX99||||||||||||||||SUITEV1\r"
             "ZXX|1|anything\r"},
    Exchange{"nobody", "A message about nobody is not accepted", "5",
             "MSH|^~\\&|SUITE|RXX99|GATEWAY|RXX01|20260105103500||ADT^A04^ADT_A01|{id}|P|2.5.1\r"
             "EVN|A04|20260105103500\r",
             Wanted::refused},
    Exchange{"no-header", "What has no MSH segment is not accepted", "6",
             "PID|1||9990000042^^^NHS^NH||SAMPLE^ALEX||20180412|U\r", Wanted::refused},
};

/// The field of the first segment of that name; MSH-1 is the separator itself.
std::string_view field(std::string_view message, std::string_view segment, std::size_t number) {
  while (!message.empty()) {
    const std::size_t end = message.find('\r');
    std::string_view line = message.substr(0, end);
    message.remove_prefix(end == message.npos ? message.size() : end + 1);
    if (!line.starts_with(segment)) continue;
    for (std::size_t skip = segment == "MSH" ? number - 1 : number; skip > 0; --skip) {
      const std::size_t bar = line.find('|');
      if (bar == line.npos) return {};
      line.remove_prefix(bar + 1);
    }
    return line.substr(0, line.find('|'));
  }
  return {};
}

std::string with_id(std::string_view message, std::string_view id) {
  std::string text{message};
  if (const std::size_t at = text.find("{id}"); at != text.npos) text.replace(at, 4, id);
  return text;
}

ActionReport check(std::string what, std::string_view found, std::string_view wanted) {
  ActionReport report;
  report.assertion = true;
  report.what = std::move(what);
  const bool same = found.substr(0, found.find('^')) == wanted;
  report.outcome = same ? Outcome::pass : Outcome::fail;
  report.message = same
                       ? std::string{found}
                       : "found '" + std::string{found} + "', wanted '" + std::string{wanted} + "'";
  return report;
}

void judge_accepted(const std::string& sent, const std::string& answer, TestCaseReport& report) {
  report.actions.push_back(check("MSA-1 accepts", field(answer, "MSA", 1), "AA"));
  report.actions.push_back(
      check("MSA-2 is the control id", field(answer, "MSA", 2), field(sent, "MSH", 10)));
  report.actions.push_back(check("MSH-9 is an ACK", field(answer, "MSH", 9), "ACK"));
  report.actions.push_back(
      check("MSH-5 is the sender", field(answer, "MSH", 5), field(sent, "MSH", 3)));
  report.actions.push_back(
      check("MSH-6 is its facility", field(answer, "MSH", 6), field(sent, "MSH", 4)));
}

/// Refused is AE, AR, CE, CR or no answer; what matters is that nobody takes it for accepted.
void judge_refused(const Result<std::string>& answer, TestCaseReport& report) {
  ActionReport action;
  action.assertion = true;
  action.what = "MSA-1 does not accept";
  const std::string_view code = answer ? field(*answer, "MSA", 1) : std::string_view{};
  action.outcome = code == "AA" || code == "CA" ? Outcome::fail : Outcome::pass;
  action.message = answer ? std::string{code} : "no answer: " + answer.error().message;
  report.actions.push_back(std::move(action));
}

TestCaseReport run_one(const Exchange& exchange, const SendMessage& send, std::string_view run_id) {
  TestCaseReport report;
  report.name = exchange.test;
  report.description = exchange.description;
  const std::string sent =
      with_id(exchange.message, std::string{run_id} + '-' + std::string{exchange.id});
  const Result<std::string> answer = send(sent);
  if (exchange.wanted == Wanted::refused) {
    judge_refused(answer, report);
    return report;
  }
  ActionReport operation;
  operation.what = "send the message";
  operation.outcome = answer ? Outcome::pass : Outcome::error;
  if (!answer) operation.message = answer.error().message;
  report.actions.push_back(std::move(operation));
  if (answer) judge_accepted(sent, *answer, report);
  return report;
}

}  // namespace

ScriptReport run_v2_suite(const SendMessage& send, std::string_view run_id) {
  ScriptReport report;
  report.name = "HL7 v2 admission feed";
  report.script = "https://cpis-gateway.example/fhir/TestScript/hl7-v2-feed";
  for (const Exchange& exchange : exchanges) {
    report.tests.push_back(run_one(exchange, send, run_id));
  }
  return report;
}

}  // namespace cpis::conformance
