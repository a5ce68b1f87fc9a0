#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/runner/assertions.h"
#include "conformance/runner/http_exchange.h"
#include "conformance/runner/request_builder.h"
#include "conformance/runner/test_script.h"

namespace cpis::conformance {

struct TestCaseReport {
  std::string name;
  std::string description;
  std::vector<ActionReport> actions;
  /// No action failed or could not be done; warnings and skipped asserts do not count.
  bool passed() const;
};

struct ScriptReport {
  std::string name;
  std::string script;  ///< canonical, else the id
  std::vector<ActionReport> setup;
  std::vector<TestCaseReport> tests;
  std::vector<ActionReport> teardown;

  std::size_t tests_passed() const;
  bool setup_passed() const;
  /// Every test passed, and there was a setup to build on.
  bool passed() const { return setup_passed() && tests_passed() == tests.size(); }
  /// Per cent of the tests that passed.
  double score() const;
};

struct EngineOptions {
  Destinations destinations;
  std::map<std::string, std::string, std::less<>> variables;  ///< win over those of the script
  std::vector<RequestHeader> headers;  ///< sent with every request, for instance Authorization
  /// The text of a fixture by its reference; none when it is not to be had.
  std::function<std::optional<std::string>(const std::string& reference)> fixture;
  ProfileCheck profile_check;
};

/// Runs TestScripts (FHIR R4 testscript.html). Setup first; when one of its actions fails the tests
/// are skipped. A test ends at its first action that fails. Teardown runs always. One script at a
/// time; the server's state is what scripts leave behind.
class Engine {
 public:
  Engine(HttpExchange& http, EngineOptions options) : http_{http}, options_{std::move(options)} {}

  ScriptReport run(const TestScript& script);

 private:
  struct Run;
  HttpExchange& http_;
  EngineOptions options_;
};

}  // namespace cpis::conformance
