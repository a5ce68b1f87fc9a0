#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fhir/issues.h"
#include "fhir/tree/element.h"

/// FHIR R4 TestScript (testscript.html) as plain values.
namespace cpis::conformance {

struct Fixture {
  std::string id;
  bool autocreate = false;
  bool autodelete = false;
  std::string reference;  ///< `fixtures/a.json`, `#contained`, `Patient/example`
};

/// One of expression, header_field, path says where the value comes from; else the default counts.
struct Variable {
  std::string name;
  std::optional<std::string> default_value;
  std::string expression;
  std::string header_field;
  std::string path;
  std::string source_id;  ///< empty: the last response
};

struct RequestHeader {
  std::string field;
  std::string value;
};

struct Operation {
  std::string code;  ///< testscript-operation-codes; empty when `method` says all
  std::string resource;
  std::string description;
  std::string accept;
  std::string content_type;
  int destination = 0;  ///< 0: the only one
  bool encode_url = true;
  std::string method;
  std::string params;
  std::vector<RequestHeader> headers;
  std::string request_id;
  std::string response_id;
  std::string source_id;
  std::string target_id;
  std::string url;
};

struct Assertion {
  std::string description;
  std::string direction;  ///< `request`, otherwise the response
  std::string compare_source_id;
  std::string compare_expression;
  std::string compare_path;
  std::string content_type;
  std::string expression;
  std::string header_field;
  std::string minimum_id;
  std::optional<bool> navigation_links;
  std::string op;  ///< empty: equals
  std::string path;
  std::string request_method;
  std::string request_url;
  std::string resource;
  std::string response;
  std::string response_code;
  std::string source_id;
  std::string validate_profile_id;
  std::optional<std::string> value;
  bool warning_only = false;
};

using Action = std::variant<Operation, Assertion>;

struct TestCase {
  std::string name;
  std::string description;
  std::vector<Action> actions;
};

struct TestScript {
  std::string id;
  std::string url;
  std::string name;
  std::string title;
  std::vector<Fixture> fixtures;
  std::vector<Variable> variables;
  std::map<std::string, std::string, std::less<>> profiles;   ///< id -> canonical
  std::map<std::string, std::string, std::less<>> contained;  ///< id -> JSON
  std::vector<Action> setup;
  std::vector<TestCase> tests;
  std::vector<Action> teardown;
};

/// From a tree, JSON or XML, also in the element order of STU3. None, with an error, when the
/// resource is no TestScript or holds an action that is neither operation nor assert.
std::optional<TestScript> read_test_script(const fhir::Element& resource, fhir::Issues& issues);

}  // namespace cpis::conformance
