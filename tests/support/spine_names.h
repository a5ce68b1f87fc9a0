#pragma once

#include <ostream>

#include "adapters/spine/ebxml.h"

namespace cpis::spine {

/// Lets Boost.Test name a pattern of exchange in a failure and in the name of a case.
inline std::ostream& operator<<(std::ostream& out, Pattern pattern) {
  return out << name_of(pattern);
}

}  // namespace cpis::spine
