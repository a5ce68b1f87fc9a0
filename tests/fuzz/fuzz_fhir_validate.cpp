#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/outcome.h"
#include "fhir/validate/validator.h"

using namespace cpis::fhir;

/// Any tree can be validated, the verdict is the same every time, and the outcome is valid itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Terminology terminology{Definitions::r4()};
  static Validator validator{Definitions::r4(), &terminology};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  json::ReadOptions options;
  options.strict = false;
  Document document;
  Issues reading;
  if (!json::read_view(text, document, reading, options)) return 0;
  Issues first;
  Issues second;
  validator.validate(document, first);
  validator.validate(document, second);
  if (first.size() != second.size() || first.errors() != second.errors()) std::abort();
  Document outcome = to_operation_outcome(first);
  Issues about_outcome;
  validator.validate(outcome, about_outcome);
  if (!about_outcome.ok()) std::abort();
  return 0;
}
