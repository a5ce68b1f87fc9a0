#pragma once

#include <string>

#include "adapters/core/result.h"
#include "gateway/usecases/deliver_alerts.h"
#include "gateway/usecases/tell_subscribers.h"

namespace cpis::app {

/// Posts alerts to a webhook: http or https (certificates verified), a bearer token when there is
/// one, ten seconds for the whole call. The delivery's id goes with it as Idempotency-Key.
Result<usecases::DeliverAlerts::Post> webhook_post(const std::string& token);

/// Calls endpoints of subscriptions: https with certificates verified, redirects not followed.
Result<usecases::TellSubscribers::Post> subscriber_post();

}  // namespace cpis::app
