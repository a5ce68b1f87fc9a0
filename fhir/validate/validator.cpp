#include "fhir/validate/validator.h"

#include <utility>

#include "fhir/path/definitions_model.h"
#include "fhir/validate/narrative.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {

struct Validator::State {
  /// What copies share.
  struct Shared {
    Shared(const Definitions& definitions, const Terminology* terminology)
        : rules{definitions, terminology}, profiles{rules}, model{definitions.types()} {}
    Rules rules;
    ProfileCache profiles;
    path::DefinitionsModel model;
  };

  State(std::shared_ptr<Shared> all, const Terminology* terminology, Resolver follow)
      : shared{std::move(all)},
        codes{terminology},
        resolver{std::move(follow)},
        environment{make_environment()},
        evaluator{environment} {}

  path::Environment make_environment();

  std::shared_ptr<Shared> shared;
  const Terminology* codes = nullptr;
  Resolver resolver;
  Run* run = nullptr;  // the one under way, for what expressions ask
  path::Environment environment;
  path::Evaluator evaluator;
};

path::Environment Validator::State::make_environment() {
  path::Environment made;
  made.model = &shared->model;
  made.definitions_dialect = true;
  made.resolve_by_text = true;
  made.callbacks.resolve = [this](std::string_view reference, const Element& from) {
    return run == nullptr ? nullptr : run->resolve(reference, from);
  };
  made.callbacks.conforms_to = [this](const Element& resource, std::string_view profile) {
    return run == nullptr ? std::nullopt : run->conforms_to(resource, profile);
  };
  made.callbacks.member_of = [this](const Element& item, std::string_view value_set) {
    return run == nullptr ? std::nullopt : run->member_of(item, value_set);
  };
  made.callbacks.html_checks = [](const Element& div) {
    const NarrativeFaults faults = check_narrative(div.value());
    return faults.markup == nullptr && faults.content == nullptr;
  };
  return made;
}

Validator::Validator(const Definitions& definitions, const Terminology* codes)
    : state_{std::make_unique<State>(std::make_shared<State::Shared>(definitions, codes), codes,
                                     Resolver{})} {}
Validator::~Validator() = default;
Validator::Validator(const Validator& other)
    : state_{std::make_unique<State>(other.state_->shared, other.state_->codes,
                                     other.state_->resolver)} {}
Validator& Validator::operator=(const Validator& other) {
  if (this != &other) *this = Validator{other};
  return *this;
}
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;

void Validator::set_resolver(Resolver resolver) { state_->resolver = std::move(resolver); }

const std::vector<std::string_view>& Validator::unreadable() const {
  return state_->shared->rules.unreadable();
}

void Validator::validate(Document& document, Issues& issues, const ValidateOptions& options) {
  if (document.empty()) return;
  Run run{state_->shared->rules,
          state_->shared->profiles,
          state_->codes,
          state_->evaluator,
          state_->resolver,
          options,
          document,
          issues};
  Run* const outer = std::exchange(state_->run, &run);
  run.all();
  state_->run = outer;
}

}  // namespace cpis::fhir
