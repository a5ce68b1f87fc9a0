#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "gateway/register/register.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/topics.h"

namespace cpis::usecases {

/// What the embedded register has to tell subscribers: a notice for a council, and a change of a
/// plan of a person whose attendance is in progress. Written only where `watched` says that
/// somebody subscribed. `organisation` is where people are present: this gateway's own ODS code.
/// Everything given outlives the register's use of it.
registry::RegisterNews register_news(const registry::Register& registry,
                                     const resources::ResourceBook& book, const Clock& clock,
                                     std::string organisation, std::function<bool(Topic)> watched,
                                     std::function<void()> wake);

/// Whether an Encounter of this patient is in progress.
bool is_present(const resources::ResourceBook& book, std::string_view patient_id);

}  // namespace cpis::usecases
