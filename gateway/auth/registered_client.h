#pragma once

#include <string_view>

#include "gateway/auth/identity.h"
#include "gateway/config/settings.h"

namespace cpis::auth {

/// The identity of a registered client that acts in its own name: with a static token, a client
/// certificate or a token of its own. All that it is registered for.
Identity own_identity(const config::Client& client);

/// The actions registered for one context of scopes, over the allowed resources only.
Permissions registered_permissions(const config::Client& client, bool for_user);

}  // namespace cpis::auth
