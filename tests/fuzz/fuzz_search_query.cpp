#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/search/match.h"

namespace {

using namespace cpis::fhir;

constexpr std::string_view patient = R"({"resourceType":"Patient","id":"p1","active":true,
  "identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000042"}],
  "name":[{"family":"Marlow","given":["Ida","Jo"]}],"gender":"female","birthDate":"2015-03-04",
  "managingOrganization":{"reference":"Organization/o1"}})";

// What was understood must be a criterion, and a criterion must have something to look for.
bool sound(const search::Criterion& criterion) {
  if (criterion.parameter == nullptr) return false;
  if (!criterion.chain.empty()) return sound(criterion.chain.front());
  return criterion.modifier == search::Modifier::missing || !criterion.values.empty();
}

}  // namespace

/// A query with no error must be whole, must match the same twice, and every value and its `:not`
/// must not both match.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto document = [] {
    Document made;
    Issues issues;
    json::read_view(patient, made, issues);
    return made;
  }();
  Issues issues;
  const auto items = search::split_query({reinterpret_cast<const char*>(data), size}, issues);
  const auto query = search::read_query("Patient", items, Definitions::r4(), {}, issues);
  if (!issues.ok()) return 0;
  static search::Matcher matcher{Definitions::r4(), "https://cpis.example/FHIR/R4", {}};
  for (auto criterion : query.criteria) {
    if (!sound(criterion)) std::abort();
    const bool found = matcher.matches(criterion, document.root());
    if (found != matcher.matches(criterion, document.root())) std::abort();
    const bool token = criterion.parameter->type == cpis::fhir::SearchType::token;
    if (!token || criterion.modifier != search::Modifier::none || !criterion.chain.empty())
      continue;
    criterion.modifier = search::Modifier::not_;
    if (found == matcher.matches(criterion, document.root())) std::abort();
  }
  return 0;
}
