#include "gateway/fhir_api/look_book.h"

#include <utility>

namespace cpis::fhir_api {

std::string LookBook::question_id(const Caller& caller, const NhsNumber& person, Time now,
                                  std::string fresh_id) {
  std::string key{person.digits()};
  key += caller.setting == CareSetting::unscheduled ? 'u' : 's';
  for (const std::string* part :
       {&caller.organisation_code, &caller.user_id, &caller.system_id, &caller.person_name}) {
    key += '\x1F';
    key += *part;
  }
  const std::lock_guard lock{mutex_};
  forget_before(now - window_);
  const auto found = looks_.find(key);
  if (found != looks_.end()) return found->second.question_id;
  order_.emplace_back(now, key);
  looks_.emplace(std::move(key), Look{fresh_id, now});
  if (looks_.size() > looks_max_) forget_before(order_.front().first + Duration{1});
  return fresh_id;
}

void LookBook::forget_before(Time moment) {
  while (!order_.empty() && order_.front().first < moment) {
    looks_.erase(order_.front().second);
    order_.pop_front();
  }
}

}  // namespace cpis::fhir_api
