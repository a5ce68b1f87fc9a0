#include "gateway/net/connection_budget.h"

namespace cpis::net {

ConnectionBudget::Verdict ConnectionBudget::admit(const std::string& address) {
  const std::lock_guard lock{mutex_};
  if (total_ >= total_max_) return Verdict::total_reached;
  std::size_t& open = by_peer_[address];
  if (open >= per_peer_max_) return Verdict::peer_reached;
  ++open;
  ++total_;
  return Verdict::admitted;
}

void ConnectionBudget::release(const std::string& address) {
  const std::lock_guard lock{mutex_};
  const auto found = by_peer_.find(address);
  if (found == by_peer_.end()) return;
  --total_;
  if (--found->second == 0) by_peer_.erase(found);
}

}  // namespace cpis::net
