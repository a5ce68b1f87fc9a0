#pragma once

#include <cstdint>
#include <string_view>

namespace cpis::fhir {

/// Whether a code belongs somewhere. `unknown` is an answer of its own: the code system, or a part
/// of the rule, is not here to decide it. It must never be shown as a yes or as a no.
enum class Membership : std::uint8_t { no, yes, unknown };

/// What is known of one code.
struct CodeAnswer {
  Membership membership = Membership::unknown;
  std::string_view system;   ///< where the code was found; empty unless yes
  std::string_view display;  ///< as the code system or the value set words it; may be empty
  bool abstract = false;     ///< groups other codes and is not for use in data
  bool inactive = false;
};

/// The surer of two answers when either would do, and the worse when both are needed.
constexpr Membership either(Membership a, Membership b) {
  if (a == Membership::yes || b == Membership::yes) return Membership::yes;
  return a == Membership::no ? b : a;
}
constexpr Membership both(Membership a, Membership b) {
  if (a == Membership::no || b == Membership::no) return Membership::no;
  return a == Membership::yes ? b : a;
}

}  // namespace cpis::fhir
