#include "conformance/runner/memory.h"

#include <algorithm>

#include "conformance/runner/tree_path.h"
#include "fhir/json/writer.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/evaluator.h"
#include "fhir/path/expression.h"

namespace cpis::conformance {

namespace {

using Values = std::vector<std::string>;

Error bad(std::string why) { return Error{ErrorKind::bad_input, std::move(why)}; }

std::string text_of(const fhir::path::Value& value) {
  const bool complex = value.is_element() && !value.element().primitive();
  return complex ? fhir::json::write(value.element()) : fhir::path::to_text(value);
}

}  // namespace

Result<Values> evaluate_expression(Record& record, std::string_view expression) {
  fhir::Document* const resource = record.body.resource();
  if (resource == nullptr) return bad("there is no FHIR resource to evaluate the expression on");
  fhir::path::Error error;
  const auto compiled = fhir::path::Expression::compile(expression, error);
  if (!compiled) return bad("not a FHIRPath expression: " + std::string{expression});
  fhir::path::Environment environment;
  environment.model = &fhir::path::DefinitionsModel::r4();
  fhir::path::Evaluator evaluator{environment};
  fhir::path::Context context;
  context.focus = &resource->root();
  const auto found = evaluator.evaluate(*compiled, context);
  if (!found) return bad("the expression cannot be evaluated: " + std::string{expression});
  Values values;
  for (const fhir::path::Value& value : *found) values.push_back(text_of(value));
  return values;
}

Result<Values> evaluate_path(Record& record, std::string_view path) {
  fhir::Document* const resource = record.body.resource();
  if (resource == nullptr) return bad("there is no FHIR resource to evaluate the path on");
  auto values = select_path(resource->root(), path);
  if (!values) return bad("this path is not understood: " + std::string{path});
  return std::move(*values);
}

void Memory::keep(std::string id, Record record) {
  records_.insert_or_assign(std::move(id), std::make_unique<Record>(std::move(record)));
}

Record* Memory::find(std::string_view id) {
  const auto known = records_.find(id);
  return known == records_.end() ? nullptr : known->second.get();
}

Record* Memory::source(std::string_view id, bool of_request) {
  if (!id.empty()) return find(id);
  return of_request ? last_request_.get() : last_response_.get();
}

Result<std::string> Memory::value(std::string_view name) {
  if (const auto given = given_.find(name); given != given_.end()) return given->second;
  const auto found = std::ranges::find(script_.variables, name, &Variable::name);
  if (found == script_.variables.end()) {
    return bad("there is no variable " + std::string{name});
  }
  Record* const record = source(found->source_id, false);
  Result<Values> values = Values{};
  if (record != nullptr && !found->header_field.empty()) {
    const std::string_view header = header_value(record->headers, found->header_field);
    if (!header.empty()) return std::string{header};
  } else if (record != nullptr && !found->expression.empty()) {
    values = evaluate_expression(*record, found->expression);
  } else if (record != nullptr && !found->path.empty()) {
    values = evaluate_path(*record, found->path);
  }
  if (!values) return values.error();
  if (!values->empty() && !values->front().empty()) return values->front();
  if (found->default_value) return *found->default_value;
  return bad("the variable " + std::string{name} + " has no value");
}

Result<std::string> Memory::fill(std::string_view text) {
  std::string filled;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    filled += text.substr(0, at);
    const auto replacement = value(text.substr(at + 2, end - at - 2));
    if (!replacement) return replacement.error();
    filled += *replacement;
    text.remove_prefix(end + 1);
  }
  return filled + std::string{text};
}

}  // namespace cpis::conformance
