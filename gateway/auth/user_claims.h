#pragma once

#include "adapters/core/result.h"
#include "gateway/auth/strict_json.h"
#include "gateway/config/settings.h"

namespace cpis::auth {

/// A person as the claims of NHS CIS2 name them (spine.md 11).
struct NamedUser {
  Caller caller;  ///< complete: can be named in a notice
  bool may_notify = false;
  bool may_look_silently = false;
};

/// Whether the token speaks of a person at all.
bool names_a_user(JsonView claims);

/// Reads `nhsid_useruid`, `name` (or `display_name`, or given and family name) and one role of
/// `nhsid_nrbac_roles`: the one that `selected_roleid` names, or the only one. From the role come
/// the job role code (`S8000:G8000:R8001` ends in it), its name, the organisation and the
/// activities; the organisation's name comes from `nhsid_user_orgs`, or is the client's own.
///
/// `forbidden` says what is missing: no role or several without a choice, an organisation that is
/// not among the client's, or something a notice needs.
Result<NamedUser> read_user(JsonView claims, const config::Client& client);

}  // namespace cpis::auth
