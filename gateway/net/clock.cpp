#include "gateway/net/clock.h"

namespace cpis::net {

SteadyTime steady_now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace cpis::net
