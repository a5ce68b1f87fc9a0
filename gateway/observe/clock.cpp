#include "gateway/observe/clock.h"

#include <chrono>

namespace cpis::observe {

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace cpis::observe
