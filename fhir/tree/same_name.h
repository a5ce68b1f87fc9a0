#pragma once

#include <string_view>

namespace cpis::fhir {

/// The same as `==`, but tells names of one length mostly by their first letter, without a call.
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || (a.front() == b.front() && a == b));
}

}  // namespace cpis::fhir
