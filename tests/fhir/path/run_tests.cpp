#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/path/checker.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/evaluator.h"
#include "fhir/path/run.h"

using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(run_tests)

namespace {

constexpr std::string_view as_json =
    R"({"resourceType":"Flag","status":"active","code":{"text":"x"},"subject":{"display":"y"}})";
constexpr std::string_view as_xml =
    R"(<Flag xmlns="http://hl7.org/fhir"><status value="active"/></Flag>)";

}  // namespace

BOOST_AUTO_TEST_CASE(json_and_xml_give_the_same_items_with_addresses) {
  for (const auto bytes : {as_json, as_xml}) {
    const auto result = path::run("Flag.status", bytes);
    BOOST_REQUIRE(result.ok());
    BOOST_REQUIRE_EQUAL(result.items.size(), 1U);
    BOOST_TEST(result.items[0].type == "FHIR.code");
    BOOST_TEST(result.items[0].path == "Flag.status");
    BOOST_TEST(result.items[0].text == "active");
  }
}

BOOST_AUTO_TEST_CASE(elements_with_children_are_shown_as_json) {
  const auto result = path::run("code", as_json);
  BOOST_REQUIRE_EQUAL(result.items.size(), 1U);
  BOOST_TEST(result.items[0].text == R"({"text":"x"})");
}

BOOST_AUTO_TEST_CASE(a_long_path_goes_all_its_steps) {
  constexpr int depth = 20;
  std::string text = R"({"resourceType":"Basic")";
  std::string expression = "Basic";
  for (int i = 0; i < depth; ++i) {
    text += R"(,"extension":[{"url":"http://example.org/)" + std::to_string(i) + R"("},{"id":"x")";
    expression += ".extension";
  }
  for (int i = 0; i < depth; ++i) text += "}]";
  const auto result = path::run(expression + ".url", text + "}");
  BOOST_REQUIRE(result.ok());
  BOOST_REQUIRE_EQUAL(result.items.size(), 1U);
  BOOST_TEST(result.items[0].text == "http://example.org/19");
  BOOST_TEST(path::run(expression + ".extension.url", text + "}").items.empty());
}

BOOST_AUTO_TEST_CASE(more_items_than_the_limit_are_an_error_and_not_a_part) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read(std::string{as_json}, document, issues));
  path::Environment environment;
  path::Evaluator evaluator{environment};
  const auto gives = [&](std::string_view text, std::size_t limit) {
    environment.limits.items_max = limit;
    path::Error error;
    const auto expression = path::Expression::compile(text, error);
    const auto items = evaluator.evaluate(*expression, {&document.root(), nullptr, nullptr});
    BOOST_TEST((items || evaluator.error().kind == path::Error::Kind::limit));
    return items ? static_cast<int>(items->size()) : -1;
  };
  // What it starts from counts, too.
  for (const std::string_view text : {"children()", "status.combine(code).combine(subject)"}) {
    BOOST_TEST(gives(text, 3) == -1);
    BOOST_TEST(gives(text, 1000) == 3);
    BOOST_TEST(gives(text, 3) == -1);
  }
  BOOST_TEST(gives("children()", 4) == 3);
  BOOST_TEST(gives("status", 0) == -1);
}

BOOST_AUTO_TEST_CASE(a_mistake_in_the_expression_has_a_position) {
  const auto result = path::run("status = ", as_json);
  BOOST_REQUIRE(result.error.has_value());
  BOOST_TEST((result.error->kind == path::Error::Kind::syntax));
  BOOST_TEST(result.error->position == 9U);
}

BOOST_AUTO_TEST_CASE(strict_mode_finds_names_that_lead_nowhere) {
  BOOST_TEST(path::run("Flag.state", as_json).ok());
  path::RunOptions options;
  options.strict = true;
  const auto result = path::run("Flag.state", as_json, options);
  BOOST_REQUIRE(result.error.has_value());
  BOOST_TEST((result.error->kind == path::Error::Kind::semantic));
}

BOOST_AUTO_TEST_CASE(what_is_no_resource_is_reported_and_not_evaluated) {
  const auto result = path::run("true", "{");
  BOOST_TEST(!result.ok());
  BOOST_TEST(result.items.empty());
}

BOOST_AUTO_TEST_CASE(trace_is_shown_beside_the_result) {
  const auto result = path::run("status.trace('seen').exists()", as_json);
  BOOST_REQUIRE_EQUAL(result.traced.size(), 1U);
  BOOST_TEST(result.traced[0] == "seen: active");
}

// Without a clock of the caller there is no now(), rather than a wrong one.
BOOST_AUTO_TEST_CASE(there_is_no_hidden_clock) {
  BOOST_TEST(path::run("now()", {}).error.has_value());
}

BOOST_AUTO_TEST_CASE(static_types_are_known_without_data) {
  const auto& model = path::DefinitionsModel::r4();
  path::Error error;
  path::CheckOptions options;
  options.context = model.find("Observation");
  const auto types_of = [&](std::string_view text) {
    const auto expression = path::Expression::compile(text, error);
    BOOST_REQUIRE(expression.has_value());
    std::string all;
    for (const auto& type : path::check(*expression, model, options).types) all += type + ' ';
    return all;
  };
  BOOST_TEST(types_of("Observation.status") == "FHIR.code ");
  BOOST_TEST(types_of("value.ofType(Quantity).value") == "FHIR.decimal ");
  BOOST_TEST(types_of("component.code.coding.exists()") == "System.Boolean ");
  BOOST_TEST(types_of("effective as Period") == "FHIR.Period ");
  BOOST_TEST(types_of("status | 1") == "FHIR.code System.Integer ");
}

BOOST_AUTO_TEST_SUITE_END()
