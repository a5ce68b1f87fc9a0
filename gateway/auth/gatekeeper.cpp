#include "gateway/auth/gatekeeper.h"

#include <optional>
#include <utility>

#include "gateway/auth/registered_client.h"
#include "gateway/store/sha256.h"

namespace cpis::auth {
namespace {

constexpr std::size_t good_tokens_max = 100'000;
constexpr std::size_t bad_tokens_max = 10'000;
// A storm of one bad token is verified so often; short, because tokens become valid and keys come.
constexpr std::chrono::seconds bad_token_time{5};

enum class Credentials { none, bearer, unusable };

// One Authorization header with one bearer token; anything else might be read differently by two
// readers.
Credentials read_bearer(const http::Request& request, std::string_view& token) {
  constexpr std::string_view scheme = "bearer ";
  const auto given = request.headers("Authorization");
  if (given.empty()) return Credentials::none;
  if (given.size() > 1 || given[0].size() <= scheme.size() ||
      !http::same_name(given[0].substr(0, scheme.size()), scheme)) {
    return Credentials::unusable;
  }
  token = given[0].substr(scheme.size());
  const bool one = token.find(' ') == token.npos && token.find(',') == token.npos;
  return one ? Credentials::bearer : Credentials::unusable;
}

// Exactly two dots.
bool is_jwt(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
  return second != token.npos && token.find('.', second + 1) == token.npos;
}

std::string bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) << 4U | digit(hex[i + 1]));
  }
  return bytes;
}

IdentityPtr default_identity(const config::Settings& settings) {
  return std::make_shared<const Identity>(Identity{settings.default_caller, "default", true, true,
                                                   Permissions::everything(), true, true});
}

}  // namespace

std::string_view signed_token_of(const http::Request& request) {
  std::string_view token;
  const bool given = read_bearer(request, token) == Credentials::bearer;
  return given && is_jwt(token) ? token : std::string_view{};
}

Gatekeeper::Gatekeeper(const config::Settings& settings, const Clock& clock)
    : demand_token_{settings.demand_token},
      clock_{clock},
      default_identity_{default_identity(settings)},
      verifier_{settings, clock},
      good_{good_tokens_max},
      bad_{bad_tokens_max},
      rates_{settings.clients, clock} {
  for (const config::Client& client : settings.clients) {
    if (!client.enabled) continue;
    const auto own = std::make_shared<const Identity>(own_identity(client));
    if (!client.token_sha256.empty()) {
      by_token_hash_.emplace(bytes_of_hex(client.token_sha256), own);
    }
    if (!client.certificate.empty()) by_certificate_.emplace(client.certificate, own);
  }
}

const IdentityPtr* Gatekeeper::by_certificate(const http::Request& request) const {
  const auto& certificate = request.peer().certificate;
  if (!certificate) return nullptr;
  const auto found = by_certificate_.find(certificate->sha256);
  return found == by_certificate_.end() ? nullptr : &found->second;
}

Verdict Gatekeeper::check(const http::Request& request) const {
  if (!demand_token_) return default_identity_;
  std::string_view token;
  const Credentials given = read_bearer(request, token);
  const IdentityPtr* const shown = by_certificate(request);
  if (given == Credentials::none) {
    if (shown != nullptr) return *shown;
    ++counts_.refused;
    return no_token();
  }
  Verdict verdict = given == Credentials::bearer
                        ? check_token(token, request)
                        : Verdict{invalid_token("there is not exactly one bearer token")};
  const auto* who = std::get_if<IdentityPtr>(&verdict);
  if (who != nullptr && shown != nullptr && (*shown)->client != (*who)->client) {
    verdict = invalid_token("the token and the client certificate are of two clients");
  }
  if (std::holds_alternative<Refusal>(verdict)) ++counts_.refused;
  return verdict;
}

Verdict Gatekeeper::check_token(std::string_view token, const http::Request& request) const {
  // Looked up by its hash: how long a comparison takes says nothing about the token.
  if (!is_jwt(token)) {
    const auto sha256 = store::sha256(token);
    const auto found = by_token_hash_.find(std::string{store::bytes_of(sha256)});
    if (found != by_token_hash_.end()) return found->second;
    return invalid_token("the token is not known here");
  }
  const Time now = clock_.now();
  const TokenDigest hash = sip_digest(digest_key_, token);
  auto checked = known(hash, now);
  if (!checked) checked = examine(token, hash, now);
  if (!checked->certificate.empty()) {
    const auto& certificate = request.peer().certificate;
    if (!certificate || certificate->sha256 != checked->certificate) {
      return invalid_token("the token is bound to another client certificate");
    }
  }
  return std::move(checked->verdict);
}

std::optional<CheckedToken> Gatekeeper::known(const TokenDigest& hash, Time now) const {
  auto found = good_.find(hash, now);
  return found ? std::move(found) : bad_.find(hash, now);
}

CheckedToken Gatekeeper::examine(std::string_view token, const TokenDigest& hash, Time now) const {
  ++counts_.verified;
  CheckedToken checked = verifier_.verify(token);
  const bool good = std::holds_alternative<IdentityPtr>(checked.verdict);
  if (!good) checked.until = now + bad_token_time;
  (good ? good_ : bad_).put(hash, checked);
  return checked;
}

bool Gatekeeper::has_new_token(const http::Request& request) const {
  std::string_view token;
  if (!demand_token_ || read_bearer(request, token) != Credentials::bearer || !is_jwt(token)) {
    return false;
  }
  return token.size() <= jwt_bytes_max && !known(sip_digest(digest_key_, token), clock_.now());
}

void Gatekeeper::prepare(const http::Request& request) {
  std::string_view token;
  if (read_bearer(request, token) != Credentials::bearer) return;
  verifier_.look_for_keys(token);
  examine(token, sip_digest(digest_key_, token), clock_.now());
}

int Gatekeeper::count_request(const Identity& who) const {
  const int wait_s = rates_.take(who.client);
  if (wait_s > 0) ++counts_.limited;
  return wait_s;
}

void Gatekeeper::refresh_keys() {
  if (!verifier_.refresh_keys()) return;
  // A key may have been withdrawn: whatever it signed has to be verified again.
  good_.clear();
  bad_.clear();
}

}  // namespace cpis::auth
