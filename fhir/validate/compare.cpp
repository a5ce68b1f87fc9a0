#include "fhir/validate/compare.h"

#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"

namespace cpis::fhir {
namespace {

int sign(std::strong_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

}  // namespace

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
