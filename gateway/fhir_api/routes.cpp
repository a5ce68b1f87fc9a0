#include "gateway/fhir_api/routes.h"

#include <algorithm>
#include <vector>

#include "gateway/fhir_api/rows.h"

namespace cpis::fhir_api {
namespace {

constexpr std::span<const Route> (*groups[])() = {protection_rows,   local_rows, companion_rows,
                                                  subscription_rows, topic_rows, terminology_rows,
                                                  validate_rows};

std::vector<Route> all_rows() {
  std::vector<Route> rows;
  for (const auto group : groups) {
    const std::span<const Route> added = group();
    rows.insert(rows.end(), added.begin(), added.end());
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Route& a, const Route& b) { return a.type < b.type; });
  return rows;
}

template <class Predicate>
const Route* find_if(const Predicate& predicate) {
  const std::span<const Route> rows = routes();
  const auto found = std::find_if(rows.begin(), rows.end(), predicate);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> rows = all_rows();
  return rows;
}

const Route* find_route(std::string_view type, std::string_view interaction) {
  return find_if([&](const Route& route) {
    return route.type == type && route.interaction == interaction && route.operation.empty();
  });
}

const Route* find_operation(std::string_view type, Level level, std::string_view name) {
  return find_if([&](const Route& route) {
    return route.operation == name && route.level == level && route.type == type;
  });
}

bool serves(std::string_view type) {
  return !type.empty() &&
         find_if([&](const Route& route) { return route.type == type; }) != nullptr;
}

}  // namespace cpis::fhir_api
