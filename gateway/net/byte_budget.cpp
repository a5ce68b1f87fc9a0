#include "gateway/net/byte_budget.h"

namespace cpis::net {

namespace {
constexpr std::size_t not_counted_bytes = std::size_t{32} * 1024;
}

bool ByteBudget::Share::resize(std::size_t bytes) noexcept {
  if (bytes <= not_counted_bytes) bytes = 0;
  if (bytes == bytes_) return true;
  // Unsigned arithmetic wraps the same way both times: shrinking adds what brings it down.
  const std::size_t used = budget_->used_ += bytes - bytes_;
  const bool grew = bytes > bytes_;
  bytes_ = bytes;
  return !grew || used <= budget_->bytes_max_;
}

}  // namespace cpis::net
