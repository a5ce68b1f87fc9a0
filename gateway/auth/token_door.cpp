#include "gateway/auth/token_door.h"

#include <memory>
#include <optional>
#include <utility>

#include "adapters/spine/json.h"
#include "gateway/auth/jwt_writer.h"
#include "gateway/auth/registered_client.h"
#include "gateway/auth/scopes.h"
#include "gateway/edge/ids.h"
#include "gateway/http/http_server.h"
#include "gateway/observe/log.h"

namespace cpis::auth {
namespace {

using spine::json_text;

constexpr std::string_view token_path = "/oauth2/token";
constexpr std::string_view keys_path = "/oauth2/jwks";
constexpr std::string_view smart_path = "/FHIR/R4/.well-known/smart-configuration";
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

http::Response json(int status, std::string body) {
  http::Response response{status, "application/json", std::move(body)};
  response.set("Cache-Control", "no-store");
  return response;
}

// RFC 6749, 5.2. The words hold nothing of the request.
http::Response refuse(int status, std::string_view error, std::string_view why) {
  return json(status, R"({"error":")" + std::string{error} + R"(","error_description":)" +
                          json_text(why) + '}');
}

http::Response not_allowed(std::string allowed) {
  http::Response response = refuse(405, "invalid_request", "allowed: " + allowed);
  response.set("Allow", std::move(allowed));
  return response;
}

// The one value of a parameter; nothing when it is missing or stands there twice.
std::optional<std::string_view> only(const http::QueryString& form, std::string_view name) {
  const auto values = form.all(name);
  if (values.size() != 1) return std::nullopt;
  return values.front();
}

}  // namespace

TokenDoor::TokenDoor(const config::Settings& settings, const Clock& clock,
                     AssertionVerifier& assertions, net::WorkerPool& workers)
    : settings_{settings}, clock_{clock}, assertions_{assertions}, workers_{workers} {}

Result<std::unique_ptr<TokenDoor>> TokenDoor::open(const config::Settings& settings,
                                                   const Clock& clock,
                                                   AssertionVerifier& assertions,
                                                   net::WorkerPool& workers) {
  std::unique_ptr<TokenDoor> door{nullptr};
  door.reset(new TokenDoor{settings, clock, assertions, workers});
  const config::TokenEndpoint& endpoint = settings.token_endpoint;
  if (!endpoint.enabled) return door;
  auto key = net::PrivateKey::open(endpoint.key);
  if (!key) return Error{key.error().kind, "token.key: " + key.error().message};
  auto written = write_key_set(*key, endpoint.key_id);
  if (!written) return written.error();
  auto keys = KeySet::read(*written);
  if (!keys) return keys.error();
  door->key_ = std::make_unique<net::PrivateKey>(*std::move(key));
  door->key_set_ = *std::move(written);
  door->keys_ = std::make_shared<const KeySet>(*std::move(keys));
  return door;
}

bool TokenDoor::serves(std::string_view path) {
  return path == token_path || path == keys_path || path == smart_path;
}

config::Issuer TokenDoor::issuer() const {
  config::Issuer issuer;
  issuer.name = "own";
  issuer.url = settings_.base_url;
  issuer.audiences = {settings_.base_url + "/FHIR/R4"};
  return issuer;
}

void TokenDoor::handle(http::Request&& request, http::Reply&& reply) {
  if (!key_) return reply.send(refuse(404, "invalid_request", "there is nothing here"));
  if (request.path() != token_path) {
    if (request.method() != "GET" && request.method() != "HEAD") {
      return reply.send(not_allowed("GET, HEAD"));
    }
    return reply.send(json(200, request.path() == keys_path ? key_set_ : smart_configuration()));
  }
  if (request.method() != "POST") return reply.send(not_allowed("POST"));
  // Signatures and the store take time: not on the loop.
  http::offload(workers_, std::move(request), std::move(reply),
                [this](http::Request&& asked, http::Reply&& later) { later.send(token(asked)); });
}

http::Response TokenDoor::token(const http::Request& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  if (!http::same_name(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) {
    return refuse(400, "invalid_request", "send application/x-www-form-urlencoded");
  }
  const auto form = http::QueryString::parse(request.body());
  if (!form) return refuse(400, "invalid_request", "the form cannot be read");
  const auto grant = only(*form, "grant_type");
  if (!grant) return refuse(400, "invalid_request", "give grant_type once");
  if (*grant != "client_credentials") {
    return refuse(400, "unsupported_grant_type", "only client_credentials is offered");
  }
  if (only(*form, "client_assertion_type").value_or("") != assertion_type) {
    return refuse(400, "invalid_request", "give client_assertion_type jwt-bearer once");
  }
  const auto assertion = only(*form, "client_assertion");
  const auto wanted = only(*form, "scope");
  if (!assertion) return refuse(400, "invalid_request", "give client_assertion once");
  if (!wanted) return refuse(400, "invalid_scope", "give scope once");
  const auto client = assertions_.verify(*assertion, settings_.base_url + std::string{token_path},
                                         Subject::same_as_issuer);
  if (client) return issue(**client, *wanted);
  const Error& error = client.error();
  if (error.kind != ErrorKind::forbidden) {
    observe::log(observe::Level::warning, "auth.token_not_issued", {{"reason", error.message}});
    http::Response busy = refuse(503, "temporarily_unavailable", "try again in a moment");
    busy.set("Retry-After", "2");
    return busy;
  }
  observe::log(observe::Level::info, "auth.assertion_refused",
               {{"reason", error.message}, {"correlation_id", request.correlation_id()}});
  return refuse(401, "invalid_client", error.message);
}

http::Response TokenDoor::issue(const config::Client& client, std::string_view wanted) const {
  const Permissions granted =
      read_scopes(wanted).system.within(registered_permissions(client, false));
  if (granted.empty()) {
    return refuse(400, "invalid_scope", "none of the scopes is open to this client");
  }
  const std::string scope = granted.to_scopes("system");
  const std::int64_t now =
      std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const std::int64_t life = settings_.token_endpoint.life.count();
  const std::string claims = R"({"iss":)" + json_text(settings_.base_url) + R"(,"aud":)" +
                             json_text(settings_.base_url + "/FHIR/R4") + R"(,"sub":)" +
                             json_text(client.id) + R"(,"client_id":)" + json_text(client.id) +
                             R"(,"jti":)" + json_text(random_uuid()) + R"(,"iat":)" +
                             std::to_string(now) + R"(,"exp":)" + std::to_string(now + life) +
                             R"(,"scope":)" + json_text(scope) + '}';
  const auto jwt = write_jwt(*key_, settings_.token_endpoint.key_id, "at+jwt", claims);
  if (!jwt) return refuse(500, "server_error", "the token could not be signed");
  http::Response response =
      json(200, R"({"access_token":")" + *jwt + R"(","token_type":"bearer","expires_in":)" +
                    std::to_string(life) + R"(,"scope":)" + json_text(scope) + '}');
  response.set("Pragma", "no-cache");
  return response;
}

std::string TokenDoor::smart_configuration() const {
  const std::string base = settings_.base_url;
  return R"({"issuer":)" + json_text(base) + R"(,"jwks_uri":)" +
         json_text(base + std::string{keys_path}) + R"(,"token_endpoint":)" +
         json_text(base + std::string{token_path}) +
         R"(,"token_endpoint_auth_methods_supported":["private_key_jwt"])"
         R"(,"token_endpoint_auth_signing_alg_values_supported":["RS256","RS384","RS512","PS256",)"
         R"("PS384","PS512","ES256","ES384"],"grant_types_supported":["client_credentials"])"
         R"(,"scopes_supported":["system/*.rs","system/*.cruds","system/Flag.rs",)"
         R"("system/Patient.rs","system/Encounter.rs"],"code_challenge_methods_supported":["S256"])"
         R"(,"capabilities":["client-confidential-asymmetric","permission-v1","permission-v2"]})";
}

}  // namespace cpis::auth
