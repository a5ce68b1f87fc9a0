#include "fhir/search/index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "fhir/path/definitions_model.h"
#include "fhir/path/evaluator.h"
#include "fhir/search/convert.h"

namespace cpis::fhir::search {

struct Indexer::State {
  const Definitions& definitions;
  path::DefinitionsModel model;
  path::Environment environment;
  path::Evaluator evaluator;
  path::Evaluator part_evaluator;
  std::unordered_map<std::string_view, std::optional<path::Expression>> expressions;
  std::vector<std::string> failures;
  Converter converter;

  static path::Environment make_environment(const path::Model& model) {
    path::Environment environment;
    environment.model = &model;
    environment.definitions_dialect = true;
    environment.resolve_by_text = true;
    return environment;
  }

  State(const Definitions& all, std::string own_base)
      : definitions{all},
        model{all.types()},
        environment{make_environment(model)},
        evaluator{environment},
        part_evaluator{environment},
        converter{all, std::move(own_base)} {}

  void fail(const SearchParameterDefinition& parameter, const path::Error& error) {
    constexpr std::size_t failures_max = 100;
    if (failures.size() < failures_max) {
      failures.push_back(std::string{parameter.url} + ": " + error.message);
    }
  }

  const path::Expression* compiled(const SearchParameterDefinition& parameter,
                                   std::string_view text) {
    const auto [at, fresh] = expressions.try_emplace(text);
    if (fresh) {
      path::Error error;
      at->second = path::Expression::compile(text, error);
      if (!at->second) fail(parameter, error);
    }
    return at->second ? &*at->second : nullptr;
  }

  std::optional<path::Collection> evaluate(path::Evaluator& with,
                                           const SearchParameterDefinition& parameter,
                                           std::string_view text, const Element& focus) {
    const auto* const expression = compiled(parameter, text);
    if (expression == nullptr) return std::nullopt;
    auto result = with.evaluate(*expression, {&focus, nullptr, nullptr});
    if (!result) fail(parameter, with.error());
    return result;
  }

  // For each element of the composite its components' values; all must have some.
  void composite(const SearchParameterDefinition& parameter, const Element& resource,
                 std::vector<IndexValue>& out) {
    const auto elements = evaluate(evaluator, parameter, parameter.expression, resource);
    if (!elements) return;
    for (const path::Value& value : *elements) {
      if (!value.is_element()) continue;
      IndexValue tuple;
      for (const SearchComponent& component : parameter.components) {
        const auto* const part = definitions.search_parameter(component.definition);
        if (part == nullptr) return;
        auto& values = tuple.parts.emplace_back();
        const auto found =
            evaluate(part_evaluator, parameter, component.expression, value.element());
        if (!found) return;
        for (const path::Value& each : *found) {
          converter.convert(part->type, each, part_evaluator.type_of(each).name, values);
        }
      }
      const bool whole = std::ranges::none_of(tuple.parts, [](const auto& p) { return p.empty(); });
      if (whole) out.push_back(std::move(tuple));
    }
  }
};

Indexer::Indexer(const Definitions& definitions, std::string own_base)
    : state_{std::make_unique<State>(definitions, std::move(own_base))} {}
Indexer::~Indexer() = default;
Indexer::Indexer(Indexer&&) noexcept = default;
Indexer& Indexer::operator=(Indexer&&) noexcept = default;

std::vector<IndexValue> Indexer::values(const SearchParameterDefinition& parameter,
                                        const Element& resource) {
  std::vector<IndexValue> out;
  if (parameter.expression.empty() || parameter.type == SearchType::special) return out;
  State& state = *state_;
  if (parameter.type == SearchType::composite) {
    state.composite(parameter, resource, out);
    return out;
  }
  const auto found = state.evaluate(state.evaluator, parameter, parameter.expression, resource);
  if (!found) return out;
  for (const path::Value& value : *found) {
    state.converter.convert(parameter.type, value, state.evaluator.type_of(value).name, out);
  }
  return out;
}

std::vector<IndexEntry> Indexer::entries(const Element& resource) {
  std::vector<IndexEntry> all;
  for (const auto* const parameter :
       state_->definitions.search_parameters(resource.resource_type())) {
    IndexEntry entry{parameter, values(*parameter, resource)};
    if (!entry.values.empty()) all.push_back(std::move(entry));
  }
  return all;
}

const SearchParameterDefinition* Indexer::component(const SearchParameterDefinition& composite,
                                                    std::size_t index) const {
  if (index >= composite.components.size()) return nullptr;
  return state_->definitions.search_parameter(composite.components[index].definition);
}

const std::vector<std::string>& Indexer::failures() const { return state_->failures; }

}  // namespace cpis::fhir::search
