#include "gateway/auth/user_claims.h"

#include <algorithm>
#include <optional>
#include <string>

namespace cpis::auth {
namespace {

constexpr std::string_view activity_notify = "B0107";
constexpr std::string_view activity_silent = "B0170";

Error refuse(std::string_view why) { return {ErrorKind::forbidden, std::string{why}}; }

// `"Clinical":"Clinical Provision":"Nurse"` and `S8000:G8000:R8001` name the job role last.
std::string last_part(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != text.npos) text.remove_prefix(colon + 1);
  while (text.starts_with('"') || text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with('"') || text.ends_with(' ')) text.remove_suffix(1);
  return std::string{text};
}

std::string name_in(JsonView claims) {
  for (const std::string_view claim : {"name", "display_name"}) {
    if (!claims.text(claim).empty()) return std::string{claims.text(claim)};
  }
  const std::string given{claims.text("given_name")};
  const std::string family{claims.text("family_name")};
  return given.empty() || family.empty() ? family : given + ' ' + family;
}

std::optional<JsonView> role_in(JsonView claims) {
  const JsonView roles = claims["nhsid_nrbac_roles"];
  const std::string_view selected = claims.text("selected_roleid");
  if (selected.empty()) return roles.size() == 1 ? std::optional{roles.at(0)} : std::nullopt;
  std::optional<JsonView> found;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles.at(i).text("person_roleid") != selected) continue;
    if (found) return std::nullopt;
    found = roles.at(i);
  }
  return found;
}

bool has_activity(JsonView role, std::string_view activity) {
  const JsonView codes = role["activity_codes"];
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes.at(i).text() == activity) return true;
  }
  return false;
}

std::string organisation_name(JsonView claims, JsonView role, const config::Client& client) {
  const std::string_view code = role.text("org_code");
  const JsonView organisations = claims["nhsid_user_orgs"];
  for (std::size_t i = 0; i < organisations.size(); ++i) {
    if (organisations.at(i).text("org_code") == code) {
      return std::string{organisations.at(i).text("org_name")};
    }
  }
  if (code == client.caller.organisation_code) return client.caller.organisation_name;
  return std::string{role.text("org_name")};
}

}  // namespace

bool names_a_user(JsonView claims) {
  return claims["nhsid_useruid"] || claims["nhsid_nrbac_roles"] || claims["selected_roleid"];
}

Result<NamedUser> read_user(JsonView claims, const config::Client& client) {
  const auto role = role_in(claims);
  if (!role) return refuse("the token does not say in which one role the user acts");
  NamedUser user;
  Caller& caller = user.caller;
  caller.kind = Caller::Kind::person;
  caller.organisation_code = role->text("org_code");
  const auto& allowed = client.organisations;
  if (std::find(allowed.begin(), allowed.end(), caller.organisation_code) == allowed.end()) {
    return refuse("the user's organisation is not one of this client's");
  }
  caller.organisation_name = organisation_name(claims, *role, client);
  caller.role_code = last_part(role->text("role_code"));
  caller.role_name = last_part(role->text("role_name"));
  caller.role_profile_id = role->text("person_roleid");
  caller.person_name = name_in(claims);
  caller.user_id = claims.text("nhsid_useruid");
  caller.setting = client.caller.setting;
  if (const std::string missing = missing_in(caller); !missing.empty()) {
    return refuse("the user cannot be named in a notice: no " + missing);
  }
  user.may_notify = has_activity(*role, activity_notify);
  user.may_look_silently = has_activity(*role, activity_silent);
  return user;
}

}  // namespace cpis::auth
