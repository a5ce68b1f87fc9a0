#pragma once

#include <string>
#include <string_view>

#include "adapters/core/notice.h"
#include "adapters/spine/reading.h"

namespace cpis::spine {

/// Access to service notification, REPC_MT000004GB01: root `CP-ISAccessToServiceNotification`
/// (cpis.md 10). Each entry becomes one `pertinentInformation1`; an empty notice is written as one.
std::string write_access_notice(const AccessNotice& notice);
/// Reads one. Entries that name no valid person or no time are left out, each with an error that
/// gives its path; a total that does not match is a warning. Nothing when the root is another.
Reading<AccessNotice> read_access_notice(std::string_view xml);

/// Inactive NHS number notification, REPC_MT000005GB01: root `CP-ISInactiveNHSNumberNotification`
/// (cpis.md 11).
std::string write_inactive_notice(const InactiveNotice& notice);
Reading<InactiveNotice> read_inactive_notice(std::string_view xml);

}  // namespace cpis::spine
