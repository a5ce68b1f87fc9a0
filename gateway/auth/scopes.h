#pragma once

#include <string_view>

#include "gateway/auth/permissions.h"

namespace cpis::auth {

/// What a list of SMART scopes permits.
///
///     v1:  system/Flag.read   user/*.write   system/*.*
///     v2:  system/Flag.rs     user/Patient.cruds
///
/// `user` scopes count only for a person, `system` scopes only for a system. Left out, because to
/// grant them would be to grant more than was meant: `patient/` (there is no launch context here),
/// a v2 scope narrowed by a query (`system/Flag.rs?category=safety`), anything malformed, and
/// every scope that is none of SMART's (`openid`, `launch`).
struct ScopeSets {
  Permissions user;
  Permissions system;
};

/// At most 200 scopes are read; the rest grants nothing.
ScopeSets read_scopes(std::string_view list);

}  // namespace cpis::auth
