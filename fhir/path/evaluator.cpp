#include "fhir/path/evaluator.h"

#include <utility>

#include "fhir/path/machine.h"

namespace cpis::fhir::path {

std::optional<Expression> Expression::compile(std::string_view text, Error& error) {
  auto program = compile_program(text, error);
  if (!program) return std::nullopt;
  return Expression{std::make_shared<const Program>(std::move(*program))};
}

std::string_view Expression::text() const { return program_->text; }

Evaluator::Evaluator(const Environment& environment)
    : machine_{std::make_unique<Machine>(environment)} {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

std::optional<Collection> Evaluator::evaluate(const Expression& expression,
                                              const Context& context) {
  if (!machine_->run(expression.program(), context)) return std::nullopt;
  return machine_->result();
}

std::optional<bool> Evaluator::test(const Expression& expression, const Context& context,
                                    bool& failed) {
  failed = !machine_->run(expression.program(), context);
  if (failed) return std::nullopt;
  std::optional<bool> answer;
  failed = !machine_->result_condition(answer);
  return answer;
}

const Error& Evaluator::error() const { return machine_->error(); }

TypeNames Evaluator::type_of(const Value& value) const { return machine_->type_names(value); }

}  // namespace cpis::fhir::path
