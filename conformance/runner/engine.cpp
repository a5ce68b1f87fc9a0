#include "conformance/runner/engine.h"

#include <algorithm>
#include <utility>

namespace cpis::conformance {

namespace {

bool is_bad(const ActionReport& action) {
  return action.outcome == Outcome::fail || action.outcome == Outcome::error;
}

bool none_bad(const std::vector<ActionReport>& actions) {
  return std::ranges::none_of(actions, is_bad);
}

ActionReport failed_operation(std::string what, std::string why) {
  return {false, Outcome::error, std::move(what), std::move(why)};
}

}  // namespace

std::string_view header_value(const std::vector<HttpHeader>& headers, std::string_view name) {
  const auto same = [](char a, char b) {
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    return small(a) == small(b);
  };
  for (const HttpHeader& header : headers) {
    if (std::ranges::equal(header.name, name, same)) return header.value;
  }
  return {};
}

bool TestCaseReport::passed() const { return none_bad(actions); }

std::size_t ScriptReport::tests_passed() const {
  if (!setup_passed()) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(tests, &TestCaseReport::passed));
}

bool ScriptReport::setup_passed() const { return none_bad(setup); }

double ScriptReport::score() const {
  if (tests.empty()) return setup_passed() ? 100.0 : 0.0;
  return 100.0 * static_cast<double>(tests_passed()) / static_cast<double>(tests.size());
}

struct Engine::Run {
  HttpExchange& http;
  const EngineOptions& options;
  const TestScript& script;
  Memory memory;
  ScriptReport report;

  void whole();
  void load_fixture(const Fixture& fixture);
  void create_fixture(const Fixture& fixture);
  void delete_fixture(const Fixture& fixture);
  ActionReport perform(const Action& action);
  ActionReport send(const Operation& operation);
  void keep_exchange(const Operation& operation, HttpRequest request, HttpResponse response);
};

void Engine::Run::whole() {
  report.name = script.name.empty() ? script.id : script.name;
  report.script = script.url.empty() ? script.id : script.url;
  for (const Fixture& fixture : script.fixtures) load_fixture(fixture);
  for (const Action& action : script.setup) {
    if (!report.setup_passed()) break;
    report.setup.push_back(perform(action));
  }
  const bool ready = report.setup_passed();
  for (const TestCase& test : script.tests) {
    TestCaseReport made{test.name, test.description, {}};
    for (const Action& action : test.actions) {
      if (ready && made.passed()) {
        made.actions.push_back(perform(action));
      } else {
        const bool assertion = std::holds_alternative<Assertion>(action);
        made.actions.push_back({assertion, Outcome::skip, {}, "not reached"});
      }
    }
    report.tests.push_back(std::move(made));
  }
  for (const Action& action : script.teardown) report.teardown.push_back(perform(action));
  for (const Fixture& fixture : script.fixtures) delete_fixture(fixture);
}

void Engine::Run::load_fixture(const Fixture& fixture) {
  std::optional<std::string> text;
  if (fixture.reference.starts_with('#')) {
    const auto contained = script.contained.find(std::string_view{fixture.reference}.substr(1));
    if (contained != script.contained.end()) text = contained->second;
  } else if (options.fixture && !fixture.reference.empty()) {
    text = options.fixture(fixture.reference);
  }
  if (!text) {
    report.setup.push_back(
        failed_operation("fixture " + fixture.id, "cannot be loaded: " + fixture.reference));
    return;
  }
  Record record;
  record.body = Body{std::move(*text)};
  memory.keep(fixture.id, std::move(record));
  if (fixture.autocreate) create_fixture(fixture);
}

void Engine::Run::create_fixture(const Fixture& fixture) {
  Operation create;
  create.code = "create";
  create.source_id = fixture.id;
  create.description = "autocreate " + fixture.id;
  ActionReport made = send(create);
  Record* const response = memory.last_response();
  if (made.outcome == Outcome::pass && response != nullptr) {
    if (response->status / 100 != 2) {
      made.outcome = Outcome::fail;
    } else if (Record* const kept = memory.find(fixture.id)) {
      // From now on the fixture is known by the id that the server gave it.
      kept->headers = response->headers;
    }
  }
  report.setup.push_back(std::move(made));
}

void Engine::Run::delete_fixture(const Fixture& fixture) {
  if (!fixture.autodelete || memory.find(fixture.id) == nullptr) return;
  Operation remove;
  remove.code = "delete";
  remove.target_id = fixture.id;
  remove.description = "autodelete " + fixture.id;
  report.teardown.push_back(send(remove));
}

ActionReport Engine::Run::perform(const Action& action) {
  if (const auto* operation = std::get_if<Operation>(&action)) return send(*operation);
  return judge(std::get<Assertion>(action), script, memory, options.profile_check);
}

ActionReport Engine::Run::send(const Operation& operation) {
  const std::string what = operation.description.empty() ? operation.code : operation.description;
  auto request = build_request(operation, options.destinations, memory);
  if (!request) return failed_operation(what, request.error().message);
  for (const RequestHeader& header : options.headers) {
    if (header_value(request->headers, header.field).empty()) {
      request->headers.push_back({header.field, header.value});
    }
  }
  const std::string line = request->method + ' ' + request->url;
  auto response = http.send(*request);
  if (!response) return failed_operation(what, line + ": " + response.error().message);
  ActionReport report_line{false, Outcome::pass, what,
                           line + ": " + std::to_string(response->status)};
  keep_exchange(operation, std::move(*request), std::move(*response));
  return report_line;
}

void Engine::Run::keep_exchange(const Operation& operation, HttpRequest request,
                                HttpResponse response) {
  const auto as_request = [&] {
    Record record;
    record.is_request = true;
    record.method = request.method;
    record.url = request.url;
    record.headers = request.headers;
    record.body = Body{request.body};
    return record;
  };
  const auto as_response = [&] {
    Record record;
    record.url = request.url;
    record.status = response.status;
    record.headers = response.headers;
    record.body = Body{response.body};
    return record;
  };
  if (!operation.request_id.empty()) memory.keep(operation.request_id, as_request());
  if (!operation.response_id.empty()) memory.keep(operation.response_id, as_response());
  memory.keep_last_request(as_request());
  memory.keep_last_response(as_response());
}

ScriptReport Engine::run(const TestScript& script) {
  Run run{http_, options_, script, Memory{script, options_.variables}, {}};
  run.whole();
  return std::move(run.report);
}

}  // namespace cpis::conformance
