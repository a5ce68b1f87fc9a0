#include "fhir/path/run.h"

#include <utility>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/path/checker.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/evaluator.h"
#include "fhir/xml/reader.h"

namespace cpis::fhir::path {
namespace {

bool read(std::string_view bytes, Document& document, Issues& issues) {
  const auto& types = Definitions::r4().types();
  const auto first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool markup = first != std::string_view::npos && bytes[first] == '<';
  bool good = false;
  if (markup) {
    xml::ReadOptions options;
    options.schema = &types;
    good = xml::read(std::string{bytes}, document, issues, options);
  } else {
    json::ReadOptions options;
    options.strict = false;
    good = json::read(std::string{bytes}, document, issues, options);
  }
  if (good) types.annotate(document);
  return good;
}

std::string shown(const Value& value) {
  const bool complex = value.is_element() && !value.element().primitive();
  return complex ? json::write(value.element()) : to_text(value);
}

RunItem item_of(const Value& value, const Evaluator& evaluator) {
  const TypeNames type = evaluator.type_of(value);
  RunItem item;
  if (!type.name.empty()) item.type = std::string{type.space} + '.' + std::string{type.name};
  if (value.is_element()) item.path = path_of(value.element());
  item.text = shown(value);
  return item;
}

}  // namespace

RunResult run(std::string_view text, std::string_view resource, RunOptions options) {
  RunResult result;
  Document document;
  const bool given = !resource.empty();
  if (given && !read(resource, document, result.issues)) return result;
  Error error;
  const auto expression = Expression::compile(text, error);
  if (!expression) {
    result.error = error;
    return result;
  }
  Environment environment;
  environment.model = &DefinitionsModel::r4();
  environment.callbacks = std::move(options.callbacks);
  environment.now = options.now;
  if (!environment.callbacks.trace) {
    environment.callbacks.trace = [&result](std::string_view name, Collection items) {
      for (const Value& value : items) {
        result.traced.push_back(std::string{name} + ": " + shown(value));
      }
    };
  }
  const Element* const focus = given ? &document.root() : nullptr;
  if (options.strict) {
    CheckOptions check_options;
    if (given) check_options.context = environment.model->type_of(document.root());
    check_options.resource = check_options.context;
    auto checked = check(*expression, *environment.model, check_options);
    if (!checked.errors.empty()) {
      result.error = std::move(checked.errors.front());
      return result;
    }
  }
  Evaluator evaluator{environment};
  const auto values = evaluator.evaluate(*expression, {focus, nullptr, nullptr});
  if (!values) {
    result.error = evaluator.error();
    return result;
  }
  for (const Value& value : *values) result.items.push_back(item_of(value, evaluator));
  return result;
}

}  // namespace cpis::fhir::path
