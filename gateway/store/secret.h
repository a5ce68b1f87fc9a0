#pragma once

#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// The random value that this store keeps under a name (up to 128 characters): `fresh` when there
/// was none yet. All gateways of one store get the same.
Result<std::string> secret_of(Database& database, std::string_view name, std::string_view fresh);

}  // namespace cpis::store
