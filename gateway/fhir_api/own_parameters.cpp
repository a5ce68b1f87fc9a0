#include <array>
#include <map>
#include <mutex>

#include "fhir/definitions/definitions.h"
#include "gateway/fhir_api/local_search.h"

namespace cpis::fhir_api {
namespace {

using fhir::SearchParameterDefinition;
using fhir::SearchType;

constexpr std::string_view flag_only[] = {"Flag"};

SearchParameterDefinition own(std::string_view url, std::string_view code,
                              std::string_view expression) {
  SearchParameterDefinition made;
  made.url = url;
  made.code = code;
  made.name = code;
  made.type = SearchType::token;
  made.bases = flag_only;
  made.expression = expression;
  return made;
}

constexpr std::array<std::string_view, 9> type_names{
    "number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"};

}  // namespace

std::span<const SearchParameterDefinition* const> own_parameters() {
  static const SearchParameterDefinition status =
      own("urn:cpis-gateway:search:Flag-status", "status", "Flag.status");
  static const SearchParameterDefinition category =
      own("urn:cpis-gateway:search:Flag-category", "category", "Flag.category");
  static const SearchParameterDefinition code =
      own("urn:cpis-gateway:search:Flag-code", "code", "Flag.code");
  static const std::array all{&status, &category, &code};
  return all;
}

std::span<const SearchParam> defined_params(std::string_view type) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<SearchParam>, std::less<>> made;
  const std::lock_guard lock{mutex};
  const auto known = made.find(type);
  if (known != made.end()) return known->second;
  std::vector<SearchParam>& params = made[std::string{type}];
  const auto add = [&](const SearchParameterDefinition& each) {
    if (each.type == SearchType::special || each.expression.empty()) return;
    params.push_back({each.code, type_names[static_cast<std::size_t>(each.type)], each.url});
  };
  for (const auto* each : fhir::Definitions::r4().search_parameters(type)) add(*each);
  for (const auto* each : own_parameters()) {
    if (each->bases[0] == type) add(*each);
  }
  return params;
}

}  // namespace cpis::fhir_api
