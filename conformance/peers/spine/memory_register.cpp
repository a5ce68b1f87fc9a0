#include "conformance/peers/spine/memory_register.h"

#include <utility>

#include "adapters/core/rules/access_history.h"

namespace cpis::peers {

void MemoryRegister::put(HeldPlan plan) {
  const std::lock_guard lock{mutex_};
  const NhsNumber person = plan.subject.nhs_number;
  plans_[person].push_back(std::move(plan));
}

void MemoryRegister::ask(ProtectionQuestion question, Done answered) {
  ProtectionAnswer answer = NoneHeld{question.person};
  {
    const std::lock_guard lock{mutex_};
    const auto held = plans_.find(question.person);
    if (held != plans_.end()) {
      auto& looks = looks_[question.person];
      const bool unscheduled = question.caller.setting == CareSetting::unscheduled;
      if (unscheduled && recorded_.insert(question.id).second) {
        looks.push_back({question.id, question.asked, question.person, question.caller});
      }
      answer = ProtectionRecord{question.person, held->second, rules::listed(looks), false};
    }
  }
  answered(std::move(answer));
}

std::size_t MemoryRegister::looks(const NhsNumber& person) const {
  const std::lock_guard lock{mutex_};
  const auto at = looks_.find(person);
  return at == looks_.end() ? 0 : at->second.size();
}

}  // namespace cpis::peers
