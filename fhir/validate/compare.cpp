#include "fhir/validate/compare.h"

#include <string_view>

#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"
#include "fhir/path/ucum.h"

namespace cpis::fhir {
namespace {

constexpr std::string_view ucum_system = "http://unitsofmeasure.org";

int sign(std::strong_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

std::optional<int> compare_quantities(const Element& a, const Element& b) {
  const auto left = path::Decimal::parse(a.value_of("value"));
  const auto right = path::Decimal::parse(b.value_of("value"));
  if (!left || !right || a.value_of("system") != b.value_of("system")) return std::nullopt;
  const std::string_view unit = a.value_of("code");
  const std::string_view wanted = b.value_of("code");
  if (unit == wanted) return sign(*left <=> *right);
  if (b.value_of("system") != ucum_system) return std::nullopt;
  const auto converted = path::ucum::convert(*left, unit, wanted);
  return converted ? std::optional{sign(*converted <=> *right)} : std::nullopt;
}

}  // namespace

std::optional<int> compare_values(const Element& a, const Element& b) {
  const bool quantities = a.first("value") != nullptr && b.first("value") != nullptr;
  return quantities ? compare_quantities(a, b) : compare_literals(a, b);
}

std::optional<int> compare_literals(const Element& a, const Element& b) {
  using path::Decimal;
  using path::Temporal;
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  if (b.kind() == Kind::number) {
    const auto left = Decimal::parse(a.value());
    const auto right = Decimal::parse(b.value());
    if (left && right) return sign(*left <=> *right);
    return std::nullopt;
  }
  auto left = Temporal::parse_date_time(a.value());
  auto right = Temporal::parse_date_time(b.value());
  if (!left || !right) {
    left = Temporal::parse_time(a.value());
    right = Temporal::parse_time(b.value());
  }
  if (!left || !right) return std::nullopt;
  const auto order = Temporal::compare(*left, *right);
  return order ? std::optional{sign(*order)} : std::nullopt;
}

}  // namespace cpis::fhir
