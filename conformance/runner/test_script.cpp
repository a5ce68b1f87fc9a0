#include "conformance/runner/test_script.h"

#include <charconv>

#include "fhir/definitions/definitions.h"
#include "fhir/json/writer.h"

namespace cpis::conformance {

namespace {

using fhir::Element;

std::string text(const Element& parent, std::string_view name) {
  return std::string{parent.value_of(name)};
}

bool yes(const Element& parent, std::string_view name, bool otherwise) {
  const Element* const found = parent.first(name);
  return found == nullptr ? otherwise : found->value() == "true";
}

void complain(fhir::Issues& issues, const Element& at, std::string_view what) {
  fhir::Issue issue;
  issue.code = fhir::IssueCode::structure;
  issue.path = path_of(at);
  issue.line = at.line();
  issue.column = at.column();
  issue.rule = "test-script";
  issue.diagnostics = std::string{what};
  issues.add(std::move(issue));
}

Operation read_operation(const Element& from) {
  Operation operation;
  if (const Element* const type = from.first("type")) operation.code = text(*type, "code");
  operation.resource = text(from, "resource");
  operation.description = text(from, "description");
  operation.accept = text(from, "accept");
  operation.content_type = text(from, "contentType");
  const std::string_view destination = from.value_of("destination");
  std::from_chars(destination.data(), destination.data() + destination.size(),
                  operation.destination);
  operation.encode_url = yes(from, "encodeRequestUrl", true);
  operation.method = text(from, "method");
  operation.params = text(from, "params");
  for (const Element& header : from.children("requestHeader")) {
    operation.headers.push_back({text(header, "field"), text(header, "value")});
  }
  operation.request_id = text(from, "requestId");
  operation.response_id = text(from, "responseId");
  operation.source_id = text(from, "sourceId");
  operation.target_id = text(from, "targetId");
  operation.url = text(from, "url");
  return operation;
}

Assertion read_assertion(const Element& from) {
  Assertion assertion;
  assertion.description = text(from, "description");
  if (assertion.description.empty()) assertion.description = text(from, "label");
  assertion.direction = text(from, "direction");
  assertion.compare_source_id = text(from, "compareToSourceId");
  assertion.compare_expression = text(from, "compareToSourceExpression");
  assertion.compare_path = text(from, "compareToSourcePath");
  assertion.content_type = text(from, "contentType");
  assertion.expression = text(from, "expression");
  assertion.header_field = text(from, "headerField");
  assertion.minimum_id = text(from, "minimumId");
  if (from.first("navigationLinks") != nullptr) {
    assertion.navigation_links = yes(from, "navigationLinks", false);
  }
  assertion.op = text(from, "operator");
  assertion.path = text(from, "path");
  assertion.request_method = text(from, "requestMethod");
  assertion.request_url = text(from, "requestURL");
  assertion.resource = text(from, "resource");
  assertion.response = text(from, "response");
  assertion.response_code = text(from, "responseCode");
  assertion.source_id = text(from, "sourceId");
  assertion.validate_profile_id = text(from, "validateProfileId");
  if (from.first("value") != nullptr) assertion.value = text(from, "value");
  assertion.warning_only = yes(from, "warningOnly", false);
  return assertion;
}

std::vector<Action> read_actions(const Element* parent, fhir::Issues& issues) {
  std::vector<Action> actions;
  if (parent == nullptr) return actions;
  for (const Element& action : parent->children("action")) {
    const Element* const operation = action.first("operation");
    const Element* const assertion = action.first("assert");
    if (operation != nullptr) {
      actions.emplace_back(read_operation(*operation));
    } else if (assertion != nullptr) {
      actions.emplace_back(read_assertion(*assertion));
    } else {
      complain(issues, action, "an action is an operation or an assert; this is neither");
    }
  }
  return actions;
}

Fixture read_fixture(const Element& from) {
  Fixture fixture;
  fixture.id = text(from, "id");
  fixture.autocreate = yes(from, "autocreate", false);
  fixture.autodelete = yes(from, "autodelete", false);
  if (const Element* const resource = from.first("resource")) {
    fixture.reference = text(*resource, "reference");
  }
  return fixture;
}

Variable read_variable(const Element& from) {
  Variable variable;
  variable.name = text(from, "name");
  if (from.first("defaultValue") != nullptr) variable.default_value = text(from, "defaultValue");
  variable.expression = text(from, "expression");
  variable.header_field = text(from, "headerField");
  variable.path = text(from, "path");
  variable.source_id = text(from, "sourceId");
  return variable;
}

}  // namespace

std::optional<TestScript> read_test_script(const Element& resource, fhir::Issues& issues) {
  if (resource.resource_type() != "TestScript") {
    complain(issues, resource, "not a TestScript");
    return std::nullopt;
  }
  const std::size_t errors_before = issues.errors();
  TestScript script;
  script.id = text(resource, "id");
  script.url = text(resource, "url");
  script.name = text(resource, "name");
  script.title = text(resource, "title");
  for (const Element& one : resource.children("fixture")) {
    script.fixtures.push_back(read_fixture(one));
  }
  for (const Element& one : resource.children("variable")) {
    script.variables.push_back(read_variable(one));
  }
  for (const Element& one : resource.children("profile")) {
    script.profiles.emplace(text(one, "id"), text(one, "reference"));
  }
  const fhir::json::WriteOptions written{false, &fhir::Definitions::r4().types()};
  for (const Element& one : resource.children("contained")) {
    script.contained.emplace(text(one, "id"), fhir::json::write(one, written));
  }
  script.setup = read_actions(resource.first("setup"), issues);
  for (const Element& one : resource.children("test")) {
    script.tests.push_back(
        {text(one, "name"), text(one, "description"), read_actions(&one, issues)});
  }
  script.teardown = read_actions(resource.first("teardown"), issues);
  if (issues.errors() > errors_before) return std::nullopt;
  return script;
}

}  // namespace cpis::conformance
