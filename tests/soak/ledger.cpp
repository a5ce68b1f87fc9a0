#include "tests/soak/ledger.h"

#include <charconv>

namespace cpis::test {

std::uint64_t control_number(std::string_view control_id) {
  std::uint64_t number = 0;
  std::from_chars(control_id.data(), control_id.data() + control_id.size(), number);
  return number;
}

void Ledger::acknowledged(const hospital::FeedMessage& message, std::string_view code) {
  const std::lock_guard lock{mutex_};
  if (code != "AA") {
    ++refused_;
    return;
  }
  if (message.story == "re-send") return;
  ++messages_;
  people_[message.person_key].push_back(control_number(message.control_id));
  // A28 and A40 are about the person; a late update is older than what is known of the visit.
  const bool about_the_visit = message.trigger != "A28" && message.trigger != "A40";
  if (about_the_visit && message.story != "late update") {
    visits_[message.visit_number].last_trigger = message.trigger;
  }
}

}  // namespace cpis::test
