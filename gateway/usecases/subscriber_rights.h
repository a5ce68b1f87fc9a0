#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/caller.h"
#include "gateway/usecases/subscription.h"

namespace cpis::usecases {

/// What owners of subscriptions may be told, by the configuration as it stands. Safe to call from
/// many threads.
class SubscriberRights {
 public:
  SubscriberRights() = default;
  SubscriberRights(const SubscriberRights&) = delete;
  SubscriberRights& operator=(const SubscriberRights&) = delete;
  virtual ~SubscriberRights() = default;

  /// Why this subscription is not served, for its owner to read; empty when it is. Asked when it is
  /// written and again before each notification.
  virtual std::string refuse(const Subscription& subscription) const = 0;
  /// Whether what happened at this organisation is the owner's business.
  virtual bool concerns(const std::string& owner, std::string_view organisation) const = 0;
  /// Who the owner is, for the audit; nothing when it is not registered any more.
  virtual std::optional<Caller> caller_of(const std::string& owner) const = 0;
};

}  // namespace cpis::usecases
