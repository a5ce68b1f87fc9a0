#pragma once

#include <atomic>
#include <cstdint>

namespace cpis::net {

/// What happened at the doors since the start. Written by the loops, read by anyone at any time.
struct Counters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> open{0};           ///< connections open now
  std::atomic<std::uint64_t> refused_total{0};  ///< the limit on all connections was reached
  std::atomic<std::uint64_t> refused_peer{0};   ///< the limit for one address was reached
  std::atomic<std::uint64_t> accept_failed{0};  ///< the system had no descriptor or memory
  std::atomic<std::uint64_t> handshake_failed{0};
  std::atomic<std::uint64_t> stalled{0};  ///< closed because the peer did not read what we sent
  std::atomic<std::uint64_t> faults{0};   ///< an exception reached the loop: a bug
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
};

}  // namespace cpis::net
