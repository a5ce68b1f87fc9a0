#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "adapters/core/ports/protection_source.h"

namespace cpis::peers {

/// A register in memory: plans that somebody put there, and the looks that were taken. It stands
/// behind the simulated national service where the embedded register is too much.
class MemoryRegister final : public ProtectionSource {
 public:
  void put(HeldPlan plan);
  /// Records an unscheduled look once for each question id, then answers with it in the list.
  void ask(ProtectionQuestion question, Done answered) override;
  std::size_t looks(const NhsNumber& person) const;

 private:
  mutable std::mutex mutex_;
  std::map<NhsNumber, std::vector<HeldPlan>> plans_;
  std::map<NhsNumber, std::vector<AccessEvent>> looks_;
  std::set<std::string> recorded_;
};

}  // namespace cpis::peers
