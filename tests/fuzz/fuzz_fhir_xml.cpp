#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir/definitions/definitions.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"
#include "tests/fuzz/other_format.h"

using namespace cpis::fhir;

/// What was read without a finding must come back the same, also by way of JSON; what was read with
/// findings and can be written must be well-formed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  xml::ReadOptions options;
  options.schema = &Definitions::r4().types();
  Document document;
  Issues issues;
  if (!xml::read(text, document, issues, options)) {
    if (issues.ok()) std::abort();
    return 0;
  }
  Issues lost;
  const std::string written = xml::write(document.root(), lost);
  Document again;
  Issues more;
  if (!xml::read(written, again, more, options)) std::abort();
  if (!issues.empty() || !lost.empty()) return 0;
  if (!more.empty() || !same_content(document.root(), again.root())) std::abort();
  cpis::fuzz::check_other_format(document);
  return 0;
}
