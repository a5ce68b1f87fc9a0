#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/tree/document.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/subscription.h"

namespace cpis::usecases {

/// Types of a SubscriptionStatus.
enum class NotificationType : std::uint8_t {
  handshake,
  heartbeat,
  event_notification,
  query_status,
  query_event,
};

/// What a subscriber is told, or asks for.
struct Notification {
  const Subscription& subscription;
  NotificationType type = NotificationType::query_status;
  std::int64_t last_event = 0;  ///< events since the subscription began
  std::vector<store::SubscriptionEvent> events = {};
  PayloadContent content = PayloadContent::empty;
  std::string_view error = {};
};

/// The SubscriptionStatus of the R4 backport (a Parameters resource) into `status`, which has its
/// type. References are below `base`.
void write_status(fhir::Document& doc, fhir::Element& status, const Notification& what,
                  std::string_view base);

/// The notification Bundle of the R4 backport: type history, the status first, then each event's
/// focus and what goes with it, whole or as references, as the content says.
std::string notification_bundle(const Notification& what, std::string_view base, Time now);

/// The resource of a happening that it is about, as JSON; empty when it is not there.
std::string focus_resource(const store::Happening& happening);

/// What a content shows of these events, as the audit names it: `Encounter/1 Flag/2`.
std::string shown_resources(const std::vector<store::SubscriptionEvent>& events,
                            PayloadContent content);

}  // namespace cpis::usecases
