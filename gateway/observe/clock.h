#pragma once

#include "adapters/core/ports/clock.h"

namespace cpis::observe {

/// The machine's clock. The one place that reads it.
class SystemClock final : public Clock {
 public:
  Time now() const override;
};

}  // namespace cpis::observe
