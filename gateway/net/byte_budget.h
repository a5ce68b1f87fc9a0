#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace cpis::net {

/// Memory that unfinished input may take over all connections of a listener. Every connection has
/// its own limit too; this one is for many that come near theirs at the same time. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes_max) : bytes_max_{bytes_max} {}
  std::size_t used() const noexcept { return used_; }

  /// What one connection takes of it. For one thread.
  class Share {
   public:
    explicit Share(std::shared_ptr<ByteBudget> budget) : budget_{std::move(budget)} {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { resize(0); }

    /// False when the budget is overdrawn with this: give it up. Little amounts are not counted,
    /// so that ordinary requests do not meet at one counter.
    bool resize(std::size_t bytes) noexcept;

   private:
    const std::shared_ptr<ByteBudget> budget_;
    std::size_t bytes_ = 0;
  };

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace cpis::net
