#include "conformance/runner/test_report.h"

#include <array>
#include <charconv>

namespace cpis::conformance {

namespace {

using fhir::Document;
using fhir::Element;

std::string score_text(double score) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), score, std::chars_format::fixed, 1);
  return {text.data(), end.ptr};
}

void add_text(Document& document, Element& parent, std::string_view name, std::string_view value) {
  if (!value.empty()) document.append(parent, name, value);
}

void add_actions(Document& document, Element& parent, const std::vector<ActionReport>& actions,
                 bool only_operations) {
  for (const ActionReport& one : actions) {
    if (only_operations && one.assertion) continue;
    Element& action = document.append_item(parent, "action");
    Element& made = document.append(action, one.assertion ? "assert" : "operation");
    document.append(made, "result", code_of(one.outcome));
    const std::string message =
        one.what.empty() ? one.message : one.what + (one.message.empty() ? "" : ": ") + one.message;
    add_text(document, made, "message", message);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

void add_lines(std::string& text, const std::vector<ActionReport>& actions, bool every_action) {
  for (const ActionReport& one : actions) {
    if (!every_action && one.outcome == Outcome::pass) continue;
    if (!every_action && one.outcome == Outcome::skip && one.message == "not reached") continue;
    text += "      " + std::string{code_of(one.outcome)} + "  ";
    text += one.what.empty() ? one.message : one.what + ": " + one.message;
    text += '\n';
  }
}

std::string first_problem(const std::vector<ActionReport>& actions) {
  for (const ActionReport& one : actions) {
    if (one.outcome == Outcome::fail || one.outcome == Outcome::error) {
      return one.what.empty() ? one.message : one.what + ": " + one.message;
    }
  }
  return {};
}

}  // namespace

void write_test_report(const ScriptReport& report, const ReportContext& context,
                       Document& document) {
  Element& root = document.set_root("TestReport");
  add_text(document, root, "name", report.name);
  document.append(root, "status", "completed");
  Element& script = document.append(root, "testScript");
  add_text(document, script, "reference", report.script);
  document.append(root, "result", report.passed() ? "pass" : "fail");
  document.append(root, "score", score_text(report.score()), fhir::Kind::number);
  document.append(root, "tester", "cpis-conformance");
  add_text(document, root, "issued", context.issued);
  Element& engine = document.append_item(root, "participant");
  document.append(engine, "type", "test-engine");
  document.append(engine, "uri", "urn:cpis-gateway:cpis-conformance");
  document.append(engine, "display", "cpis-conformance " CPIS_VERSION);
  if (!context.server.empty()) {
    Element& server = document.append_item(root, "participant");
    document.append(server, "type", "server");
    document.append(server, "uri", context.server);
  }
  if (!report.setup.empty()) {
    add_actions(document, document.append(root, "setup"), report.setup, false);
  }
  for (const TestCaseReport& one : report.tests) {
    if (one.actions.empty()) continue;
    Element& test = document.append_item(root, "test");
    add_text(document, test, "name", one.name);
    add_text(document, test, "description", one.description);
    add_actions(document, test, one.actions, false);
  }
  bool operations = false;
  for (const ActionReport& one : report.teardown) operations = operations || !one.assertion;
  if (operations) {
    add_actions(document, document.append(root, "teardown"), report.teardown, true);
  }
}

std::string readable(const ScriptReport& report, bool every_action) {
  std::string text = (report.passed() ? "pass  " : "FAIL  ") + report.name + "  " +
                     std::to_string(report.tests_passed()) + '/' +
                     std::to_string(report.tests.size()) + '\n';
  if (!report.setup_passed() || every_action) {
    text += "    setup\n";
    add_lines(text, report.setup, every_action);
  }
  for (const TestCaseReport& one : report.tests) {
    const bool passed = one.passed() && report.setup_passed();
    text += "    " + std::string{passed ? "pass" : "FAIL"} + "  " + one.name + '\n';
    add_lines(text, one.actions, every_action);
  }
  add_lines(text, report.teardown, every_action);
  return text;
}

std::string junit(const std::vector<ScriptReport>& reports) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const ScriptReport& report : reports) {
    const std::size_t failed = report.tests.size() - report.tests_passed();
    text += "  <testsuite name=\"" + escaped(report.name) + "\" tests=\"" +
            std::to_string(report.tests.size()) + "\" failures=\"" + std::to_string(failed) +
            "\">\n";
    for (const TestCaseReport& one : report.tests) {
      text += "    <testcase classname=\"" + escaped(report.name) + "\" name=\"" +
              escaped(one.name) + "\"";
      const bool passed = one.passed() && report.setup_passed();
      const std::string why =
          report.setup_passed() ? first_problem(one.actions) : first_problem(report.setup);
      text += passed ? "/>\n" : "><failure message=\"" + escaped(why) + "\"/></testcase>\n";
    }
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace cpis::conformance
