#include "gateway/auth/assertion.h"

#include <utility>

#include "gateway/auth/jwt.h"
#include "gateway/edge/ids.h"
#include "gateway/store/replay_store.h"

namespace cpis::auth {
namespace {

constexpr std::int64_t life_max_s = 300;
constexpr std::size_t id_bytes_max = 256;

Error refuse(std::string_view why) { return {ErrorKind::forbidden, std::string{why}}; }

std::int64_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// An access token must not pass for an assertion.
bool is_assertion(std::string_view type) {
  return type.empty() || type == "jwt" || type == "client-authentication+jwt";
}

}  // namespace

AssertionVerifier::AssertionVerifier(const config::Settings& settings, const Clock& clock,
                                     store::Database& database)
    : settings_{settings}, clock_{clock}, database_{database} {
  for (const config::Client& client : settings.clients) {
    if (client.keys.empty() || !client.enabled) continue;
    KeySourceSettings source;
    source.place = client.keys;
    source.refresh = settings.jwks_refresh;
    clients_.emplace(client.id,
                     Known{&client, std::make_unique<KeySource>(std::move(source), clock)});
  }
}

AssertionVerifier::Known* AssertionVerifier::find(std::string_view client_id) {
  const auto found = clients_.find(std::string{client_id});
  return found == clients_.end() ? nullptr : &found->second;
}

Result<const config::Client*> AssertionVerifier::verify(std::string_view text,
                                                        std::string_view audience,
                                                        Subject subject) {
  const auto jwt = read_jwt(text);
  if (!jwt) return refuse(jwt.error().message);
  if (!is_assertion(jwt->type)) return refuse("the token is no client assertion");
  Known* const known = find(jwt->text("iss"));
  if (known == nullptr) return refuse("the client is not registered here");
  if (subject == Subject::same_as_issuer && jwt->text("sub") != jwt->text("iss")) {
    return refuse("iss and sub of an assertion are the client id");
  }
  auto keys = known->keys->current();
  if (!keys || !keys->knows(jwt->key_id)) {
    known->keys->look_again();
    keys = known->keys->current();
  }
  if (!keys) return Error{ErrorKind::unavailable, "the client's keys cannot be read"};
  if (!keys->verify(jwt->key_id, jwt->algorithm, jwt->signed_bytes, jwt->signature)) {
    return refuse("the assertion's signature is wrong, or its key is unknown");
  }
  if (!jwt->is_for(audience)) return refuse("the assertion is for another audience");
  const TimeRules rules{seconds_of(clock_.now()), settings_.clock_skew.count(), life_max_s};
  if (const std::string_view why = refuse_times(*jwt, rules); !why.empty()) return refuse(why);
  const std::string id{jwt->text("jti")};
  if (id.empty() || id.size() > id_bytes_max) return refuse("the assertion has no usable jti");
  const Time expires{std::chrono::seconds{*jwt->seconds("exp") + rules.skew + 1}};
  const std::string use = random_uuid();
  const Status once = database_.write([&](store::Session& session) {
    return store::ReplayStore{}.use_once(session, known->client->id, id, use, expires);
  });
  if (once) return known->client;
  if (once.error().kind == ErrorKind::conflict) return refuse("the assertion was used before");
  return once.error();
}

void AssertionVerifier::refresh_keys() {
  for (auto& [id, known] : clients_) known.keys->refresh_when_due();
}

}  // namespace cpis::auth
