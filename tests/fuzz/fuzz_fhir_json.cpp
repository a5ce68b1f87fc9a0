#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "tests/fuzz/other_format.h"

using namespace cpis::fhir;

/// What was read without a finding must come back the same, also by way of XML; what was read with
/// findings must at least be written as JSON that can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  json::ReadOptions options;
  options.fragment = true;
  Document document;
  Issues issues;
  if (!json::read_view(text, document, issues, options)) {
    if (issues.ok()) std::abort();
    return 0;
  }
  const std::string written = json::write(document.root());
  Document again;
  Issues more;
  options.strict = false;
  if (!json::read_view(written, again, more, options)) std::abort();
  if (!issues.empty()) return 0;
  if (!more.empty() || !same_content(document.root(), again.root())) std::abort();
  if (json::write(again.root()) != written) std::abort();
  if (document.root().resource()) cpis::fuzz::check_other_format(document);
  return 0;
}
