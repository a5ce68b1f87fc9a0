#pragma once

#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/usecases/deliver_notices.h"

namespace cpis::app {

/// How each configured council gets its notices. An Error: the way out cannot be opened.
Result<usecases::DeliverNotices::Settings> notice_settings(const config::Settings& settings);

}  // namespace cpis::app
