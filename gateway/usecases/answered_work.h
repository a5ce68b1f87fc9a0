#pragma once

#include <string_view>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Brings a council's work list up to date with what CP-IS has said since the last extract:
/// refused records, ends that were not loaded, numbers out of use. Matters that only an extract
/// can tell of stay as they are.
Status refresh_answered_work(store::Database& database, const registry::Register& registry,
                             std::string_view council, Date today);

}  // namespace cpis::usecases
