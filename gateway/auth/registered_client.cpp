#include "gateway/auth/registered_client.h"

#include "gateway/auth/scopes.h"

namespace cpis::auth {

Permissions registered_permissions(const config::Client& client, bool for_user) {
  const ScopeSets sets = read_scopes(client.scopes);
  return for_user ? sets.user : sets.system;
}

Identity own_identity(const config::Client& client) {
  Identity identity;
  identity.caller = client.caller;
  identity.client = client.name;
  identity.admin = client.admin;
  identity.read_messages = client.read_messages;
  identity.may = registered_permissions(client, client.caller.kind == Caller::Kind::person);
  identity.may_notify = client.may_notify;
  identity.may_look_silently = client.may_look_silently;
  return identity;
}

}  // namespace cpis::auth
