#pragma once

#include <string>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"
#include "gateway/resources/resource_book.h"

// FHIR Subscriptions: R4's own and the topic-based of the R4 backport. The resource belongs to the
// client that wrote it; to all others it is not there.

namespace cpis::fhir_api {

/// Whether this client wrote the Subscription.
bool owns_subscription(const resources::Entry& entry, const std::string& client);

void read_subscription(const Services& services, Exchange&& exchange);
void vread_subscription(const Services& services, Exchange&& exchange);
void history_of_subscription(const Services& services, Exchange&& exchange);
void status_of_subscription(const Services& services, Exchange&& exchange);   // $status
void status_of_subscriptions(const Services& services, Exchange&& exchange);  // at the type
void events_of_subscription(const Services& services, Exchange&& exchange);   // $events
void websocket_token_of(const Services& services, Exchange&& exchange);  // $get-ws-binding-token

}  // namespace cpis::fhir_api
