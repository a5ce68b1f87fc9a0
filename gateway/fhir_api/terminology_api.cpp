#include "gateway/fhir_api/terminology_api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/terminology/operations.h"
#include "fhir/validate/outcome.h"
#include "fhir/xml/reader.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/rows.h"
#include "profiles/fhir/artefacts.h"
#include "profiles/fhir/product_package.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t codings_max = 20;

struct Coded {
  std::string system;
  std::string code;
  std::string display;
};

/// The parameters of both operations, from the query or from a Parameters.
struct Asked {
  std::string url;
  std::string version;
  std::string filter;
  std::string count;
  std::string offset;
  std::string active_only;
  Coded loose;  // system, code, display of their own
  std::vector<Coded> codings;
  bool inline_definition = false;

  void take(std::string_view name, std::string_view value) {
    const std::array<std::pair<std::string_view, std::string*>, 10> places{
        {{"url", &url},
         {"valueSetVersion", &version},
         {"version", &version},
         {"filter", &filter},
         {"count", &count},
         {"offset", &offset},
         {"activeOnly", &active_only},
         {"system", &loose.system},
         {"code", &loose.code},
         {"display", &loose.display}}};
    const auto* const place =
        std::ranges::find(places, name, &std::pair<std::string_view, std::string*>::first);
    if (place != places.end()) *place->second = value;
  }
  void take_coding(const fhir::Element& coding) {
    if (codings.size() >= codings_max) return;
    codings.push_back({std::string{coding.value_of("system")}, std::string{coding.value_of("code")},
                       std::string{coding.value_of("display")}});
  }
  std::string canonical() const { return version.empty() ? url : url + '|' + version; }
};

void read_parameters(const fhir::Element& root, Asked& asked) {
  for (const fhir::Element& parameter : root.children("parameter")) {
    const std::string_view name = parameter.value_of("name");
    if (parameter.first("resource") != nullptr) asked.inline_definition = true;
    const fhir::Element* const value = parameter.choice("value");
    if (value == nullptr) continue;
    if (value->primitive()) {
      asked.take(name, value->value());
    } else if (name == "coding") {
      asked.take_coding(*value);
    } else if (name == "codeableConcept") {
      for (const fhir::Element& coding : value->children("coding")) asked.take_coding(coding);
    }
  }
}

// A page of an expansion; nothing when a number is none.
std::optional<std::size_t> number_or(const std::string& text, std::size_t otherwise) {
  if (text.empty()) return otherwise;
  std::size_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int status_of(fhir::AnswerState state) {
  switch (state) {
    case fhir::AnswerState::answered:
      return 200;
    case fhir::AnswerState::not_found:
      return 404;
    case fhir::AnswerState::unknown:
      return 422;
  }
  return 500;
}

http::Response render(const fhir::TerminologyAnswer& answer) {
  return resource_answer(status_of(answer.state), answer.document.root());
}

bool looks_like_xml(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != text.npos && text[first] == '<';
}

/// The body's parameters into `asked`; the answer that refuses it otherwise.
std::optional<http::Response> read_body(std::string body, Asked& asked) {
  if (body.empty()) return std::nullopt;
  fhir::Document document;
  fhir::Issues issues;
  const bool read = looks_like_xml(body) ? fhir::xml::read(body, document, issues)
                                         : fhir::json::read(std::move(body), document, issues);
  if (!read) return resource_answer(400, fhir::to_operation_outcome(issues).root());
  if (document.root().resource_type() != "Parameters") {
    return bad_parameter("", "the body is no Parameters");
  }
  read_parameters(document.root(), asked);
  return std::nullopt;
}

}  // namespace

struct TerminologyApi::State {
  explicit State(const fhir::Definitions* given)
      : definitions{given == nullptr ? profiles::product_definitions() : *given} {}

  const fhir::Definitions& definitions;
  const fhir::Terminology terminology{definitions};

  http::Response expand(const Asked& asked, Time now) const;
  http::Response validate(const Asked& asked, bool value_set) const;
};

http::Response TerminologyApi::State::expand(const Asked& asked, Time now) const {
  fhir::ExpansionRequest request;
  request.filter = asked.filter;
  request.active_only = asked.active_only == "true";
  const auto offset = number_or(asked.offset, 0);
  const auto count = number_or(asked.count, request.count);
  if (!offset) return bad_parameter("offset", "offset is no number");
  if (!count) return bad_parameter("count", "count is no number");
  request.offset = *offset;
  request.count = std::min(*count, request.count);
  const std::string canonical = asked.canonical();
  return render(fhir::expand_value_set(terminology, canonical, request, to_iso(now)));
}

/// Several codings, as of a CodeableConcept: one that is in the set is enough, and one that nobody
/// could decide is not overruled by others that are not in it.
http::Response TerminologyApi::State::validate(const Asked& asked, bool value_set) const {
  std::vector<Coded> codings = asked.codings;
  if (!asked.loose.code.empty()) codings.push_back(asked.loose);
  if (codings.empty()) return bad_parameter("code", "code, coding or codeableConcept is needed");
  const std::string canonical = asked.canonical();
  std::optional<fhir::TerminologyAnswer> chosen;
  for (const Coded& one : codings) {
    fhir::CodeQuestion question{canonical, one.system, one.code, one.display};
    if (!value_set)
      question = {"", one.system.empty() ? asked.url : one.system, one.code, one.display};
    fhir::TerminologyAnswer answer = fhir::validate_code(terminology, question);
    const fhir::Element* const first = answer.document.root().first("parameter");
    const bool member = first != nullptr && first->value_of("valueBoolean") == "true";
    const bool better = !chosen || member || answer.state == fhir::AnswerState::unknown;
    if (better) chosen = std::move(answer);
    if (member) break;
  }
  return render(*chosen);
}

TerminologyApi::TerminologyApi(std::shared_ptr<const fhir::Definitions> definitions)
    : definitions_{std::move(definitions)} {}
TerminologyApi::~TerminologyApi() = default;

TerminologyApi::State& TerminologyApi::state() const {
  std::call_once(made_, [this] { state_ = std::make_unique<State>(definitions_.get()); });
  return *state_;
}

http::Response TerminologyApi::run(const Target& target, const http::QueryString& query,
                                   std::string body, Time now) const {
  Asked asked;
  for (const http::QueryParameter& one : query.parameters()) asked.take(one.name, one.value);
  if (auto refused = read_body(std::move(body), asked)) return *std::move(refused);
  if (asked.inline_definition) {
    return bad_parameter("", "a definition inside the request is not supported: name it by url");
  }
  const State& known = state();
  if (!target.id.empty()) {
    asked.url =
        fhir::canonical_of(known.definitions, target.type, target.id, profiles::canonical_base);
    if (asked.url.empty()) {
      return error_answer({ErrorKind::not_found, "no " + target.type + " of this id is loaded"});
    }
  }
  if (asked.url.empty()) return bad_parameter("url", "url is needed");
  if (target.operation == "expand") return known.expand(asked, now);
  return known.validate(asked, target.type == "ValueSet");
}

namespace {

// Expanding takes time: never on the loop.
void answer(const Services& services, Exchange&& exchange) {
  auto place = services.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([&services, asked] {
    asked->send(services.terminology.run(asked->target, asked->query, asked->request.take_body(),
                                         services.clock.now()));
  });
}

constexpr Route row(std::string_view type, Level level, std::string_view name,
                    std::string_view documentation) {
  return {.type = type,
          .interaction = "operation",
          .handle = answer,
          .documentation = documentation,
          .operation = name,
          .level = level,
          .methods = "GET POST"};
}

constexpr std::string_view expands = "The codes of a value set that is loaded here";
constexpr std::string_view validates = "Says whether a code belongs; 422 when that is not known";

}  // namespace

std::span<const Route> terminology_rows() {
  static constexpr Route rows[] = {
      row("CodeSystem", Level::type, "validate-code", validates),
      row("CodeSystem", Level::instance, "validate-code", validates),
      row("ValueSet", Level::type, "expand", expands),
      row("ValueSet", Level::instance, "expand", expands),
      row("ValueSet", Level::type, "validate-code", validates),
      row("ValueSet", Level::instance, "validate-code", validates),
  };
  return rows;
}

}  // namespace cpis::fhir_api
