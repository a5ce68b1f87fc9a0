#pragma once

#include <string>
#include <vector>

#include "adapters/core/time.h"
#include "gateway/store/arrival_journal.h"
#include "gateway/store/database.h"
#include "gateway/usecases/receive_message.h"
#include "gateway/usecases/send_engine_alerts.h"

namespace cpis::fhir_api {

/// Prometheus lines with a label for the feed: what came in since the start, how long ago the last
/// message came, what waits and since when, what was put aside, and what its engine was told; and
/// what the outbox owes. Without a journal: null. What is not known (the store does not answer) has
/// no line.
std::string feed_metrics(store::Database& database, const store::ArrivalJournal* journal,
                         const std::vector<usecases::FeedReceived>& received,
                         const std::vector<usecases::SendEngineAlerts::Counts>& told, Time now);

}  // namespace cpis::fhir_api
