#pragma once

#include <vector>

#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/usecases/send_engine_alerts.h"

namespace cpis::app {

/// The interface engines that feeds are to be told by, each with a connection of its own. An error
/// names a TLS file that cannot be used.
Result<std::vector<usecases::SendEngineAlerts::Destination>> engine_destinations(
    const config::Settings& settings);

}  // namespace cpis::app
