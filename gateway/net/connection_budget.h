#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cpis::net {

/// How many connections may be open, in all and from one address. Shared by the loops; used once
/// when a connection opens and once when it closes.
class ConnectionBudget {
 public:
  enum class Verdict { admitted, total_reached, peer_reached };

  ConnectionBudget(std::size_t total_max, std::size_t per_peer_max)
      : total_max_{total_max}, per_peer_max_{per_peer_max} {}

  Verdict admit(const std::string& address);
  /// Once for each `admitted`.
  void release(const std::string& address);

 private:
  const std::size_t total_max_;
  const std::size_t per_peer_max_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> by_peer_;
};

}  // namespace cpis::net
