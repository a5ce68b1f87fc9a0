#pragma once

#include <string>
#include <vector>

#include "adapters/core/protection.h"

namespace cpis::usecases {

/// What of an answer is shown as these resource types, for the audit: `Flag/ID CarePlan/ID`. A
/// search that leaves some of them out is named too widely, never too narrowly. Empty when no
/// record is held or nobody could say.
std::string named_resources(const ProtectionAnswer& answer, const std::vector<std::string>& types);
std::string named_resources(const ProtectionRecord& record, const std::vector<std::string>& types);

}  // namespace cpis::usecases
