#include "gateway/fhir_api/validate_api.h"

#include <mutex>
#include <utility>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/outcome.h"
#include "fhir/validate/validator.h"
#include "fhir/xml/reader.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/rows.h"
#include "profiles/fhir/product_package.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t idle_validators_max = 8;

bool looks_like_xml(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != text.npos && text[first] == '<';
}

// The resource to look at: the body itself, or the `resource` of a Parameters.
const fhir::Element* subject_of(const fhir::Document& document, std::vector<std::string>& profiles,
                                std::string& mode) {
  const fhir::Element& root = document.root();
  if (root.resource_type() != "Parameters") return &root;
  const fhir::Element* found = nullptr;
  for (const fhir::Element& parameter : root.children("parameter")) {
    const std::string_view name = parameter.value_of("name");
    if (name == "resource") found = parameter.first("resource");
    if (name == "mode") mode = parameter.value_of("valueCode");
    if (name == "profile") {
      const fhir::Element* value = parameter.choice("value");
      if (value != nullptr) profiles.emplace_back(value->value());
    }
  }
  return found == nullptr ? &root : found;
}

}  // namespace

struct ValidateApi::State {
  explicit State(const fhir::Definitions* given)
      : definitions{given == nullptr ? profiles::product_definitions() : *given} {}

  const fhir::Definitions& definitions;
  fhir::Terminology terminology{definitions};
  const fhir::Validator prepared{definitions, &terminology};
  std::mutex mutex;
  std::vector<fhir::Validator> idle;  // one serves one thread at a time

  fhir::Validator take() {
    const std::lock_guard lock{mutex};
    if (idle.empty()) return prepared;
    fhir::Validator validator = std::move(idle.back());
    idle.pop_back();
    return validator;
  }
  void give_back(fhir::Validator&& validator) {
    const std::lock_guard lock{mutex};
    if (idle.size() < idle_validators_max) idle.push_back(std::move(validator));
  }
};

ValidateApi::ValidateApi(fhir::Policy policy, std::shared_ptr<const fhir::Definitions> definitions)
    : policy_{std::move(policy)}, definitions_{std::move(definitions)} {}
ValidateApi::~ValidateApi() = default;

ValidateApi::State& ValidateApi::state() const {
  std::call_once(made_, [this] { state_ = std::make_unique<State>(definitions_.get()); });
  return *state_;
}

void ValidateApi::check(fhir::Document& document, fhir::Issues& issues) const {
  fhir::ValidateOptions options;
  options.policy = policy_;
  fhir::Validator validator = state().take();
  validator.validate(document, issues, options);
  state().give_back(std::move(validator));
}

http::Response ValidateApi::run(std::string_view type, const http::QueryString& query,
                                std::string body) const {
  fhir::Document read;
  fhir::Issues issues;
  fhir::xml::ReadOptions as_xml;
  as_xml.schema = &fhir::Definitions::r4().types();
  const bool is_read = looks_like_xml(body) ? fhir::xml::read(std::move(body), read, issues, as_xml)
                                            : fhir::json::read(std::move(body), read, issues);
  issues = policy_.revise(issues);
  if (!is_read) {
    const fhir::Document outcome = fhir::to_operation_outcome(issues);
    return resource_answer(400, outcome.root());
  }
  fhir::ValidateOptions options;
  options.policy = policy_;
  for (const std::string_view profile : query.all("profile"))
    options.profiles.emplace_back(profile);
  std::string mode{query.first("mode").value_or("")};
  const fhir::Element* subject = subject_of(read, options.profiles, mode);
  if (!mode.empty() && mode != "create" && mode != "update" && mode != "profile") {
    return bad_parameter("mode",
                         "create, update or profile: whether a resource may be deleted is "
                         "said when it is tried");
  }
  if (!type.empty() && subject->resource_type() != type) {
    return bad_parameter("", "the body is no " + std::string{type});
  }
  fhir::Document alone;
  fhir::Document* document = &read;
  if (subject != &read.root()) {
    alone.clone_root(*subject);
    document = &alone;
  }
  fhir::Validator validator = state().take();
  validator.validate(*document, issues, options);
  state().give_back(std::move(validator));
  const fhir::Document outcome = fhir::to_operation_outcome(issues);
  return resource_answer(200, outcome.root());
}

namespace {

// Reading definitions takes time: never on the loop.
void validate(const Services& services, Exchange&& exchange) {
  auto place = services.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([&validation = services.validation, asked] {
    asked->send(validation.run(asked->target.type, asked->query, asked->request.take_body()));
  });
}

// Resource-convert: the body as it came, in the form that is asked for.
http::Response convert(const Services& services, Exchange& exchange) {
  std::string text;
  if (auto response = take_plain_body(exchange.request, services.settings.body_bytes_max, text)) {
    return *std::move(response);
  }
  fhir::Document body;
  const std::string type{exchange.request.header("Content-Type").value_or("")};
  if (auto response = read_resource(type, std::move(text), body, services.validation.policy())) {
    return *std::move(response);
  }
  return resource_answer(200, body.root());
}

void convert_resource(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), convert);
}

constexpr Route validates(std::string_view type, Level level) {
  return {.type = type,
          .interaction = "operation",
          .handle = validate,
          .documentation = "Says whether a resource is valid; stores nothing",
          .operation = "validate",
          .level = level};
}

}  // namespace

std::span<const Route> validate_rows() {
  static constexpr Route rows[] = {
      validates("", Level::system),
      validates("AuditEvent", Level::type),
      validates("CarePlan", Level::type),
      validates("CareTeam", Level::type),
      validates("Encounter", Level::type),
      validates("Flag", Level::type),
      validates("Organization", Level::type),
      validates("Patient", Level::type),
      {.type = "",
       .interaction = "operation",
       .handle = convert_resource,
       .documentation = "The resource that was sent, as JSON or XML; stores nothing",
       .operation = "convert",
       .level = Level::system},
  };
  return rows;
}

}  // namespace cpis::fhir_api
