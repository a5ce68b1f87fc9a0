#pragma once

#include <chrono>

namespace cpis::net {

/// Time for deadlines: never jumps, means nothing outside this process.
using SteadyTime = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// "No deadline."
inline constexpr SteadyTime never = SteadyTime::max();

SteadyTime steady_now() noexcept;

}  // namespace cpis::net
