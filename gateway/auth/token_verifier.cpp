#include "gateway/auth/token_verifier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/core/base64url.h"
#include "gateway/auth/registered_client.h"
#include "gateway/auth/scopes.h"
#include "gateway/auth/user_claims.h"

namespace cpis::auth {
namespace {

std::int64_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// A token that was made for something else must not pass for an access token.
bool is_access_token(std::string_view type) {
  return type.empty() || type == "jwt" || type == "at+jwt";
}

// The client the token was given to. Nothing when two claims disagree.
std::optional<std::string> client_of(const Jwt& jwt) {
  const std::string_view id = jwt.text("client_id");
  const std::string_view party = jwt.text("azp");
  if (!id.empty() && !party.empty() && id != party) return std::nullopt;
  const std::string_view one = id.empty() ? party : id;
  if (one.empty()) return std::nullopt;
  return std::string{one};
}

std::string scopes_in(const Jwt& jwt) {
  const JsonView root = jwt.claims.root();
  for (const std::string_view claim : {"scope", "scp"}) {
    const JsonView value = root[claim];
    if (!value.text().empty()) return std::string{value.text()};
    std::string scopes;
    for (std::size_t i = 0; i < value.size(); ++i) {
      scopes += std::string{value.at(i).text()} + ' ';
    }
    if (!scopes.empty()) return scopes;
  }
  return {};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// RFC 8705, 3.1. Nothing when the token is bound to something that cannot be shown here (DPoP).
std::optional<std::string> certificate_bound_to(const Jwt& jwt) {
  if (!jwt.has("cnf")) return std::string{};
  const auto thumbprint = base64url_decode(jwt.claims.root()["cnf"].text("x5t#S256"));
  if (!thumbprint || thumbprint->size() != 32 || jwt.claims.root()["cnf"]["jkt"]) {
    return std::nullopt;
  }
  return hex(*thumbprint);
}

Permissions permitted(const Jwt& jwt, const config::Issuer& issuer, const config::Client& client,
                      bool for_user) {
  const Permissions registered = registered_permissions(client, for_user);
  if (issuer.scopes_of_client) return registered;
  const ScopeSets given = read_scopes(scopes_in(jwt));
  return (for_user ? given.user : given.system).within(registered);
}

}  // namespace

TokenVerifier::TokenVerifier(const config::Settings& settings, const Clock& clock)
    : settings_{settings}, clock_{clock} {
  for (const config::Issuer& issuer : settings.issuers) {
    KeySourceSettings source;
    source.place = issuer.jwks;
    source.authority = issuer.authority;
    source.refresh = settings.jwks_refresh;
    trusted_.push_back({issuer, std::make_unique<KeySource>(std::move(source), clock), nullptr});
  }
  for (const config::Client& client : settings.clients) clients_.emplace(client.id, &client);
}

void TokenVerifier::trust_own(const config::Issuer& issuer, std::shared_ptr<const KeySet> keys) {
  trusted_.push_back({issuer, nullptr, std::move(keys)});
}

const TokenVerifier::Trusted* TokenVerifier::issuer_of(const Jwt& jwt) const {
  const std::string_view name = jwt.text("iss");
  const auto found = std::find_if(trusted_.begin(), trusted_.end(), [&](const Trusted& one) {
    return one.issuer.url == name && !name.empty();
  });
  return found == trusted_.end() ? nullptr : &*found;
}

CheckedToken TokenVerifier::verify(std::string_view token) const {
  const auto jwt = read_jwt(token);
  if (!jwt) return {invalid_token(jwt.error().message)};
  if (!is_access_token(jwt->type)) return {invalid_token("the token is no access token")};
  const Trusted* trusted = issuer_of(*jwt);
  if (trusted == nullptr) return {invalid_token("the token is of an unknown issuer")};
  const auto keys = trusted->keys();
  if (!keys) {
    Refusal away{503, "", "the issuer's keys cannot be read at the moment; try again"};
    away.retry_after_s = 5;
    return {away};
  }
  if (!keys->knows(jwt->key_id)) return {invalid_token("the token is signed by an unknown key")};
  if (!keys->verify(jwt->key_id, jwt->algorithm, jwt->signed_bytes, jwt->signature)) {
    return {invalid_token("the token's signature is wrong")};
  }
  const auto& audiences = trusted->issuer.audiences;
  const bool for_us = std::any_of(audiences.begin(), audiences.end(),
                                  [&](const std::string& one) { return jwt->is_for(one); });
  if (!for_us) return {invalid_token("the token is for another audience")};
  const TimeRules rules{
      seconds_of(clock_.now()), settings_.clock_skew.count(),
      std::chrono::duration_cast<std::chrono::seconds>(settings_.token_life_max).count()};
  if (const std::string_view why = refuse_times(*jwt, rules); !why.empty()) {
    return {invalid_token(std::string{why})};
  }
  auto certificate = certificate_bound_to(*jwt);
  if (!certificate) return {invalid_token("the token is bound in a way that is not taken here")};
  const std::chrono::seconds ends{*jwt->seconds("exp") + rules.skew};
  return {identify(*jwt, trusted->issuer), Time{ends}, *std::move(certificate)};
}

Verdict TokenVerifier::identify(const Jwt& jwt, const config::Issuer& issuer) const {
  const auto id = client_of(jwt);
  if (!id) return invalid_token("the token does not say to which client it was given");
  const auto found = clients_.find(*id);
  if (found == clients_.end() || !found->second->enabled) {
    return invalid_token("the client is not registered here");
  }
  const config::Client& client = *found->second;
  Identity identity = own_identity(client);
  const JsonView claims = jwt.claims.root();
  const bool is_user = names_a_user(claims);
  if (is_user) {
    auto user = read_user(claims, client);
    if (!user) return not_permitted(user.error().message);
    identity.caller = std::move(user->caller);
    identity.may_notify = user->may_notify;
    identity.may_look_silently = user->may_look_silently;
    identity.admin = false;
    identity.read_messages = false;
  } else if (const std::string_view subject = jwt.text("sub");
             !subject.empty() && subject != client.id) {
    return not_permitted("the token is of a user whom it does not name");
  }
  identity.may = permitted(jwt, issuer, client, is_user);
  return std::make_shared<const Identity>(std::move(identity));
}

void TokenVerifier::look_for_keys(std::string_view token) {
  const auto jwt = read_jwt(token);
  if (!jwt) return;
  const Trusted* trusted = issuer_of(*jwt);
  if (trusted == nullptr || !trusted->source) return;
  const auto keys = trusted->keys();
  if (!keys || !keys->knows(jwt->key_id)) trusted->source->look_again();
}

bool TokenVerifier::refresh_keys() {
  std::vector<std::shared_ptr<const KeySet>> now;
  for (const Trusted& one : trusted_) {
    if (one.source) one.source->refresh_when_due();
    now.push_back(one.keys());
  }
  return std::exchange(seen_, std::move(now)) != seen_;
}

}  // namespace cpis::auth
