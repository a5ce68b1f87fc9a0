#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/core/caller.h"
#include "gateway/auth/permissions.h"

namespace cpis::auth {

/// Who sends a request and what they may do: what a checked token, a client certificate or, on
/// loopback without authentication, the configuration says. Made once for a token and shared by all
/// its requests; never changed.
///
/// Every Identity can be named in a notice (`missing_in(caller)` is empty): one that cannot be is
/// refused before there is an Identity.
struct Identity {
  Caller caller;       ///< `setting` is what the client's questions are when a request does not say
  std::string client;  ///< its name in the configuration
  bool admin = false;  ///< may use the operations pages
  bool read_messages = false;      ///< may also read stored HL7 v2 messages whole
  Permissions may;                 ///< the token's scopes within what the client is registered for
  bool may_notify = false;         ///< activity B0107: a look that is recorded and notified
  bool may_look_silently = false;  ///< activity B0170: a look from scheduled care, without notice
};
using IdentityPtr = std::shared_ptr<const Identity>;

/// Why this identity may not look at a protection record in this care setting, with the remedy;
/// empty when it may. Unscheduled care needs B0107, scheduled care B0170 (cpis.md 15.1).
inline std::string_view refuse_look(const Identity& who, CareSetting setting) {
  if (setting == CareSetting::unscheduled && !who.may_notify) {
    return "this caller has no activity B0107: looks from unscheduled care are not open to it";
  }
  if (setting == CareSetting::scheduled && !who.may_look_silently) {
    return "this caller has no activity B0170: looks from scheduled care are not open to it";
  }
  return {};
}

}  // namespace cpis::auth
