#include "conformance/runner/engine.h"

#include <boost/test/unit_test.hpp>

#include "conformance/runner/test_report.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "tests/conformance/runner/fake_fhir_server.h"

using namespace cpis;
using namespace cpis::conformance;
using cpis::test::FakeFhirServer;

namespace {

constexpr std::string_view patient = R"({"resourceType":"Patient","id":"pat-1","active":true,
  "name":[{"family":"Testing","given":["Ann","Bea"]}],"birthDate":"2019-03-01"})";

TestScript script_of(const std::string& json) {
  Body body{json};
  BOOST_REQUIRE(body.resource() != nullptr);
  fhir::Issues issues;
  auto script = read_test_script(body.resource()->root(), issues);
  BOOST_REQUIRE(script.has_value());
  return std::move(*script);
}

std::string action(std::string_view kind, std::string_view content) {
  return R"({")" + std::string{kind} + R"(":{)" + std::string{content} + "}}";
}
std::string op(std::string_view code, std::string_view more) {
  return action("operation", R"("type":{"code":")" + std::string{code} +
                                 R"("},"encodeRequestUrl":true)" + std::string{more});
}
std::string check(std::string_view content) { return action("assert", content); }

std::string list(std::initializer_list<std::string> items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return "[" + text + "]";
}

/// A script with fixture `p`, one test with these actions, and whatever else.
std::string with_test(std::initializer_list<std::string> actions, std::string_view more = {}) {
  return R"({"resourceType":"TestScript","name":"T","url":"http://t/1",)" + std::string{more} +
         R"("fixture":[{"id":"p","resource":{"reference":"p.json"}}],)" +
         R"("test":[{"name":"one","action":)" + list(actions) + "}]}";
}

struct Bench {
  FakeFhirServer server;
  EngineOptions options;

  Bench() {
    options.destinations.base_url = FakeFhirServer::base;
    options.fixture = [](const std::string& reference) -> std::optional<std::string> {
      if (reference == "p.json") return std::string{patient};
      return std::nullopt;
    };
  }
  ScriptReport run(const std::string& json) { return Engine{server, options}.run(script_of(json)); }
};

std::string outcomes(const std::vector<ActionReport>& actions) {
  std::string text;
  for (const ActionReport& one : actions) text += std::string{code_of(one.outcome)} + ' ';
  return text;
}

std::string first(const ScriptReport& report) { return outcomes(report.tests.at(0).actions); }

const std::string put = op("update", R"(,"sourceId":"p")");
const std::string get = op("read", R"(,"targetId":"p","responseId":"got")");

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_tests)

BOOST_AUTO_TEST_CASE(a_resource_is_written_and_read_back) {
  Bench bench;
  const auto report = bench.run(with_test(
      {put, check(R"("response":"created")"), get, check(R"("responseCode":"200")"),
       check(R"("contentType":"json")"), check(R"("resource":"Patient")"),
       check(R"("expression":"Patient.name.family = 'Testing'")"),
       check(R"("expression":"Patient.birthDate","value":"2019-03-01")"),
       check(R"("path":"Patient/name/given/@value","value":"Bea")"),
       check(R"("headerField":"ETag","operator":"contains","value":"1")"),
       check(R"("minimumId":"p")"),
       check(R"("compareToSourceId":"p","compareToSourceExpression":"Patient.name.family")")}));
  BOOST_TEST(first(report) == "pass pass pass pass pass pass pass pass pass pass pass pass ");
  BOOST_TEST(report.passed());
  BOOST_TEST(report.score() == 100.0);
  BOOST_TEST(bench.server.requests.at(0).url == "http://fake.example/fhir/Patient/pat-1");
  BOOST_TEST(bench.server.requests.at(0).method == "PUT");
}

BOOST_AUTO_TEST_CASE(a_test_ends_at_its_first_failure_and_the_next_one_runs) {
  Bench bench;
  const auto report =
      bench.run(R"({"resourceType":"TestScript","name":"T","test":[{"name":"a","action":)" +
                list({op("read", R"(,"resource":"Patient","params":"/1")"),
                      check(R"("response":"okay")"), check(R"("resource":"Patient")")}) +
                R"(},{"name":"b","action":)" +
                list({op("capabilities", ""), check(R"("response":"okay")")}) + "}]}");
  BOOST_TEST(outcomes(report.tests.at(0).actions) == "pass fail skip ");
  BOOST_TEST(outcomes(report.tests.at(1).actions) == "pass pass ");
  BOOST_TEST(!report.passed());
  BOOST_TEST(report.score() == 50.0);
}

BOOST_AUTO_TEST_CASE(a_failed_setup_skips_the_tests_and_teardown_runs_all_the_same) {
  Bench bench;
  const auto report = bench.run(with_test(
      {get}, R"("setup":{"action":)" + list({get, check(R"("response":"okay")")}) +
                 R"(},"teardown":{"action":)" +
                 list({op("delete", R"(,"resource":"Patient","params":"/pat-1")")}) + "},"));
  BOOST_TEST(outcomes(report.setup) == "pass fail ");
  BOOST_TEST(first(report) == "skip ");
  BOOST_TEST(outcomes(report.teardown) == "pass ");
  BOOST_TEST(report.tests_passed() == 0U);
}

BOOST_AUTO_TEST_CASE(a_warning_does_not_fail_a_test) {
  Bench bench;
  const auto report = bench.run(with_test(
      {put, check(R"("response":"okay","warningOnly":true)"), check(R"("response":"created")")}));
  BOOST_TEST(first(report) == "pass warning pass ");
  BOOST_TEST(report.passed());
}

// A server that is away must not look like one that was tested.
BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_is_an_error) {
  Bench bench;
  bench.server.away = true;
  const auto report = bench.run(with_test({put, check(R"("response":"created")")}));
  BOOST_TEST(first(report) == "error skip ");
  BOOST_TEST(!report.passed());
}

BOOST_AUTO_TEST_CASE(a_wrong_answer_is_noticed) {
  Bench bench;
  bench.server.lies = true;
  const auto report = bench.run(with_test({put, get, check(R"("minimumId":"p")")}));
  BOOST_TEST(first(report) == "pass pass fail ");
}

BOOST_AUTO_TEST_CASE(a_script_that_names_what_is_not_there_is_an_error) {
  Bench bench;
  const auto lone = [&](const std::string& what) {
    return first(bench.run(with_test({put, what})));
  };
  BOOST_TEST(lone(check(R"("sourceId":"nothing","resource":"Patient")")) == "pass error ");
  BOOST_TEST(lone(check(R"("validateProfileId":"nothing")")) == "pass error ");
  BOOST_TEST(lone(check(R"("minimumId":"nothing")")) == "pass error ");
  BOOST_TEST(lone(check(R"("expression":"Patient.(")")) == "pass error ");
  BOOST_TEST(lone(check(R"("response":"fine")")) == "pass error ");
  BOOST_TEST(lone(check(R"("responseCode":"200","operator":"about")")) == "pass error ");
  BOOST_TEST(lone(check(R"("description":"asks nothing")")) == "pass error ");
  BOOST_TEST(lone(op("read", R"(,"targetId":"nothing")")) == "pass error ");
  BOOST_TEST(lone(op("read", R"(,"resource":"Patient","params":"/${nobody}")")) == "pass error ");
}

BOOST_AUTO_TEST_CASE(variables_come_from_answers_fixtures_defaults_and_the_caller) {
  Bench bench;
  bench.options.variables.emplace("given", "Ann");
  const auto report = bench.run(with_test(
      {put, get, check(R"("expression":"Patient.id","value":"${by_path}")"),
       check(R"("expression":"Patient.birthDate","value":"${by_expression}")"),
       check(R"("headerField":"ETag","value":"${by_header}")"),
       check(R"("expression":"Patient.name.family","value":"${by_default}")"),
       check(R"("expression":"Patient.name.given[0]","value":"${given}")"),
       op("read", R"(,"url":"${base}/Patient/${by_path}")"), check(R"("response":"okay")")},
      R"("variable":[{"name":"by_path","path":"Patient/id","sourceId":"p"},
        {"name":"by_expression","expression":"Patient.birthDate","sourceId":"got"},
        {"name":"by_header","headerField":"ETag","sourceId":"got"},
        {"name":"by_default","defaultValue":"Testing"},
        {"name":"base","defaultValue":"http://fake.example/fhir"},
        {"name":"given","defaultValue":"nobody"}],)"));
  BOOST_TEST(first(report) == "pass pass pass pass pass pass pass pass pass ");
}

BOOST_AUTO_TEST_CASE(operations_become_requests) {
  Bench bench;
  bench.run(with_test(
      {op("create", R"(,"resource":"Patient","sourceId":"p","contentType":"xml","responseId":"c")"),
       op("vread", R"(,"targetId":"c")"), op("history", R"(,"targetId":"c")"),
       op("history", R"(,"resource":"Patient","params":"/7")"),
       op("search", R"(,"resource":"Patient","params":"?name=A B|c","accept":"xml")"),
       op("deleteCondSingle", R"(,"resource":"Patient","params":"?_id=1")"),
       op("everything", R"(,"targetId":"c")"),
       op("validate-code", R"(,"resource":"ValueSet","params":"?url=http://v&code=a")"),
       op("transaction", R"(,"sourceId":"p")"),
       action("operation", R"("method":"options","url":"/metadata","encodeRequestUrl":true)"),
       op("patch", R"(,"targetId":"c","sourceId":"p")")}));
  const auto line = [&](std::size_t index) {
    const HttpRequest& request = bench.server.requests.at(index);
    return request.method + ' ' + request.url.substr(FakeFhirServer::base.size());
  };
  BOOST_TEST(line(0) == "POST /Patient");
  BOOST_TEST(bench.server.requests[0].body.starts_with("<Patient"));
  BOOST_TEST(header_value(bench.server.requests[0].headers, "content-type") ==
             "application/fhir+xml");
  BOOST_TEST(line(1) == "GET /Patient/new-1/_history/1");
  BOOST_TEST(line(2) == "GET /Patient/new-1/_history");
  BOOST_TEST(line(3) == "GET /Patient/7/_history");
  BOOST_TEST(line(4) == "GET /Patient?name=A%20B%7Cc");
  BOOST_TEST(header_value(bench.server.requests[4].headers, "Accept") == "application/fhir+xml");
  BOOST_TEST(line(5) == "DELETE /Patient?_id=1");
  BOOST_TEST(line(6) == "GET /Patient/new-1/$everything");
  BOOST_TEST(line(7) == "GET /ValueSet/$validate-code?url=http://v&code=a");
  BOOST_TEST(line(8) == "POST ");
  BOOST_TEST(line(9) == "OPTIONS /metadata");
  BOOST_TEST(line(10) == "PATCH /Patient/new-1");
  BOOST_TEST(header_value(bench.server.requests[10].headers, "Content-Type") ==
             "application/json-patch+json");
}

BOOST_AUTO_TEST_CASE(headers_of_the_script_and_of_the_caller_are_sent) {
  Bench bench;
  bench.options.headers.push_back({"Authorization", "Bearer x"});
  bench.run(with_test({op("read", R"(,"resource":"Patient","params":"/1",
    "requestHeader":[{"field":"TraceID","value":"${t}"},{"field":"accept","value":"text/x"}])")},
                      R"("variable":[{"name":"t","defaultValue":"42"}],)"));
  const auto& headers = bench.server.requests.at(0).headers;
  BOOST_TEST(header_value(headers, "authorization") == "Bearer x");
  BOOST_TEST(header_value(headers, "TraceID") == "42");
  BOOST_TEST(header_value(headers, "Accept") == "text/x");
}

BOOST_AUTO_TEST_CASE(fixtures_can_be_created_and_deleted_by_themselves) {
  Bench bench;
  const auto report = bench.run(
      R"({"resourceType":"TestScript","name":"T","fixture":[{"id":"p","autocreate":true,
        "autodelete":true,"resource":{"reference":"#c"}}],"contained":[{"resourceType":"Patient",
        "id":"c","active":false}],"test":[{"name":"one","action":)" +
      list({op("read", R"(,"targetId":"p")"), check(R"("response":"okay")")}) + "}]}");
  BOOST_TEST(report.passed());
  BOOST_TEST(bench.server.requests.at(0).method == "POST");
  BOOST_TEST(bench.server.requests.at(1).url.ends_with("/Patient/new-1"));
  BOOST_TEST(bench.server.requests.at(2).method == "DELETE");
}

BOOST_AUTO_TEST_CASE(a_fixture_that_is_not_there_stops_the_script) {
  Bench bench;
  bench.options.fixture = nullptr;
  const auto report = bench.run(with_test({put}));
  BOOST_TEST(outcomes(report.setup) == "error ");
  BOOST_TEST(first(report) == "skip ");
  BOOST_TEST(bench.server.requests.empty());
}

BOOST_AUTO_TEST_CASE(requests_and_links_can_be_judged) {
  Bench bench;
  const auto report = bench.run(with_test(
      {op("search", R"(,"resource":"Patient","params":"?family=Testing","requestId":"asked")"),
       check(R"("requestMethod":"get")"), check(R"("requestURL":"family","operator":"contains")"),
       check(
           R"("direction":"request","headerField":"Accept","operator":"contains","value":"json")"),
       check(R"("sourceId":"asked","headerField":"Accept","operator":"notEmpty")"),
       check(R"("navigationLinks":true)")}));
  BOOST_TEST(first(report) == "pass pass pass pass pass pass ");
}

BOOST_AUTO_TEST_CASE(a_search_is_judged_by_what_is_in_it) {
  Bench bench;
  const auto report = bench.run(with_test(
      {put, action("operation", R"("resource":"Patient","params":"?family=Testing",
         "accept":"none","responseId":"found")"),
       check(R"("minimumId":"p")"), check(R"("path":"Patient/id","value":"pat-1")"),
       check(R"("path":"/Bundle/total","value":"1")"),
       op("delete", R"(,"resource":"Patient","params":"?family=${name}")")},
      R"("variable":[{"name":"name","path":"Patient/name/family","sourceId":"found"}],)"));
  BOOST_TEST(first(report) == "pass pass pass pass pass pass ");
  BOOST_TEST(bench.server.requests.at(1).method == "GET");
  BOOST_TEST(header_value(bench.server.requests.at(1).headers, "Accept").empty());
  BOOST_TEST(bench.server.requests.at(2).url.ends_with("/Patient?family=Testing"));
}

BOOST_AUTO_TEST_CASE(profiles_are_checked_by_a_validator_when_there_is_one) {
  Bench bench;
  const std::string_view profile =
      R"("profile":[{"id":"patient",
        "reference":"http://hl7.org/fhir/StructureDefinition/Patient"}],)";
  const auto actions = {put, get, check(R"("validateProfileId":"patient")")};
  BOOST_TEST(first(bench.run(with_test(actions, profile))) == "pass pass skip ");
  bool valid = true;
  bench.options.profile_check = [&](fhir::Document&, const std::string&) {
    return ProfileVerdict{true, valid, "no"};
  };
  BOOST_TEST(first(bench.run(with_test(actions, profile))) == "pass pass pass ");
  valid = false;
  BOOST_TEST(first(bench.run(with_test(actions, profile))) == "pass pass fail ");
}

BOOST_AUTO_TEST_CASE(operators_compare_as_their_names_say) {
  const auto holds = [](std::string_view op_code, std::vector<std::string> found,
                        std::string_view wanted) {
    return compare(op_code, found, wanted).value();
  };
  BOOST_TEST(holds("equals", {"a", "b"}, "b"));
  BOOST_TEST(!holds("equals", {}, ""));
  BOOST_TEST(holds("notEquals", {"a"}, "b"));
  BOOST_TEST(!holds("notEquals", {"a", "b"}, "b"));
  BOOST_TEST(holds("in", {"204"}, "200, 204"));
  BOOST_TEST(!holds("in", {"20"}, "200,204"));
  BOOST_TEST(holds("notIn", {"404"}, "200,204"));
  BOOST_TEST(holds("greaterThan", {"10"}, "9"));
  BOOST_TEST(holds("lessThan", {"2019-12-31"}, "2020-01-01"));
  BOOST_TEST(holds("empty", {""}, ""));
  BOOST_TEST(holds("notEmpty", {"x"}, ""));
  BOOST_TEST(!holds("notEmpty", {}, ""));
  BOOST_TEST(holds("contains", {"abc"}, "b"));
  BOOST_TEST(holds("notContains", {"abc"}, "x"));
  BOOST_TEST(holds("eval", {"true"}, ""));
  BOOST_TEST(!compare("about", {"a"}, "a").has_value());
}

BOOST_AUTO_TEST_CASE(the_test_report_is_valid_fhir) {
  Bench bench;
  const auto report = bench.run(with_test(
      {put, check(R"("response":"okay","warningOnly":true)"), check(R"("response":"gone")")},
      R"("teardown":{"action":)" + list({op("delete", R"(,"targetId":"p")")}) + "},"));
  fhir::Document document;
  write_test_report(report, {FakeFhirServer::base, "2026-01-05T09:00:00Z"}, document);
  const fhir::Terminology codes{fhir::Definitions::r4()};
  fhir::Validator validator{fhir::Definitions::r4(), &codes};
  fhir::Issues issues;
  validator.validate(document, issues);
  for (const fhir::Issue& issue : issues) {
    BOOST_TEST((issue.severity > fhir::Severity::error), issue.path << ": " << issue.diagnostics);
  }
  BOOST_TEST(document.root().value_of("result") == "fail");
  BOOST_TEST(document.root().value_of("score") == "0.0");
  BOOST_TEST(readable(report, false).find("FAIL  one") != std::string::npos);
  BOOST_TEST(junit({report}).find("failures=\"1\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_action_that_is_nothing_is_refused) {
  Body body{R"({"resourceType":"TestScript","test":[{"action":[{"description":"x"}]}]})"};
  fhir::Issues issues;
  BOOST_TEST(!read_test_script(body.resource()->root(), issues).has_value());
  BOOST_TEST(issues.size() == 1U);
  Body other{R"({"resourceType":"Patient"})"};
  BOOST_TEST(!read_test_script(other.resource()->root(), issues).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
