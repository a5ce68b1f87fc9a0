#pragma once

#include <memory>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::registry {

/// A register with a store of its own, for a simulated national service.
struct OwnRegister {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Register> registry;
};
/// `url` as for the gateway's store. The clock must outlive the register.
Result<OwnRegister> open_own_register(std::string_view url, const Clock& clock);

}  // namespace cpis::registry
