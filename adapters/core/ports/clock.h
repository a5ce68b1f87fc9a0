#pragma once

#include "adapters/core/time.h"

namespace cpis {

/// The time of day. Everything that needs to know the time is given one, so that tests can set it.
/// Safe to call from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

}  // namespace cpis
