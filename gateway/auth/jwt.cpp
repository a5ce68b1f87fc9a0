#include "gateway/auth/jwt.h"

#include "adapters/core/base64url.h"

namespace cpis::auth {
namespace {

constexpr std::size_t key_id_bytes_max = 256;

Error bad(std::string_view why) { return {ErrorKind::bad_input, std::string{why}}; }

std::string plain_type(std::string_view type) {
  std::string lower;
  for (const char c : type) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  constexpr std::string_view prefix = "application/";
  return lower.starts_with(prefix) ? lower.substr(prefix.size()) : lower;
}

}  // namespace

std::optional<std::int64_t> Jwt::seconds(std::string_view claim) const {
  return claims.root()[claim].integer();
}

bool Jwt::is_for(std::string_view audience) const {
  const JsonView aud = claims.root()["aud"];
  if (aud.text() == audience && !audience.empty()) return true;
  for (std::size_t i = 0; i < aud.size(); ++i) {
    if (aud.at(i).text() == audience && !audience.empty()) return true;
  }
  return false;
}

Result<Jwt> read_jwt(std::string_view compact) {
  if (compact.size() > jwt_bytes_max) return bad("the token is too long");
  const std::size_t first = compact.find('.');
  const std::size_t last = compact.rfind('.');
  if (first == compact.npos || first == last || compact.find('.', first + 1) != last) {
    return bad("the token has not three parts");
  }
  const auto header_text = base64url_decode(compact.substr(0, first));
  const auto claims_text = base64url_decode(compact.substr(first + 1, last - first - 1));
  auto signature = base64url_decode(compact.substr(last + 1));
  if (!header_text || !claims_text || !signature) return bad("the token is not base64url");
  const auto header = read_strict_json(*header_text);
  auto claims = read_strict_json(*claims_text);
  if (!header || !claims) return bad("the token is not strict JSON");
  const JsonView head = header->root();
  const auto algorithm = net::algorithm_named(head.text("alg"));
  if (!algorithm) return bad("the token's algorithm is not taken");
  if (head["crit"]) return bad("the token has critical extensions");
  const std::string_view key_id = head.text("kid");
  if (key_id.empty() || key_id.size() > key_id_bytes_max) return bad("the token names no key");
  return Jwt{
      std::string{compact.substr(0, last)}, *std::move(signature), *algorithm, std::string{key_id},
      plain_type(head.text("typ")),         *std::move(claims)};
}

std::string_view refuse_times(const Jwt& jwt, const TimeRules& rules) {
  const auto expires = jwt.seconds("exp");
  if (!expires) return "the token has no time of expiry";
  if (*expires <= rules.now - rules.skew) return "the token has expired";
  if (*expires > rules.now + rules.life_max + rules.skew) return "the token lives too long";
  if (jwt.has("nbf")) {
    const auto from = jwt.seconds("nbf");
    if (!from || *from > rules.now + rules.skew) return "the token is not yet valid";
  }
  if (jwt.has("iat")) {
    const auto issued = jwt.seconds("iat");
    if (!issued || *issued > rules.now + rules.skew) return "the token is not yet valid";
  }
  return {};
}

}  // namespace cpis::auth
