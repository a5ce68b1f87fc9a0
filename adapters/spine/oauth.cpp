#include "adapters/spine/oauth.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "adapters/core/base64url.h"
#include "adapters/spine/json.h"

namespace cpis::spine {
namespace {

constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string assertion_fields(std::string_view jwt) {
  return "&client_assertion_type=" + url_encoded(assertion_type) +
         "&client_assertion=" + url_encoded(jwt);
}

// NHS England sends expires_in as a string, others as a number.
std::int64_t seconds_in(JsonView value) {
  if (const auto number = value.integer()) return *number;
  std::int64_t seconds = 0;
  const std::string_view text = value.text();
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

}  // namespace

std::string signing_input(const ClientAssertion& assertion) {
  const auto expires =
      std::chrono::floor<std::chrono::seconds>(assertion.expires).time_since_epoch().count();
  const std::string header =
      R"({"alg":"RS512","typ":"JWT","kid":)" + json_text(assertion.key_id) + "}";
  const std::string claims =
      "{\"iss\":" + json_text(assertion.api_key) + ",\"sub\":" + json_text(assertion.api_key) +
      ",\"aud\":" + json_text(assertion.token_url) + ",\"jti\":" + json_text(assertion.id) +
      ",\"exp\":" + std::to_string(expires) + "}";
  return base64url_encode(header) + "." + base64url_encode(claims);
}

std::string finish_jwt(const std::string& signing_input, std::string_view signature) {
  return signing_input + "." + base64url_encode(signature);
}

std::string token_request(std::string_view jwt) {
  return "grant_type=client_credentials" + assertion_fields(jwt);
}

std::string token_exchange(std::string_view jwt, std::string_view id_token) {
  return "grant_type=" + url_encoded("urn:ietf:params:oauth:grant-type:token-exchange") +
         "&subject_token_type=" + url_encoded("urn:ietf:params:oauth:token-type:id_token") +
         "&subject_token=" + url_encoded(id_token) + assertion_fields(jwt);
}

Result<Token> read_token(int http_status, std::string_view body) {
  Findings findings;
  const auto document = parse_json(body, findings);
  const JsonView root = document ? document->root() : JsonView{};
  if (http_status != 200) {
    const std::string_view words = root.text("error_description");
    const ErrorKind kind = http_status >= 500   ? ErrorKind::unavailable
                           : http_status == 429 ? ErrorKind::busy
                                                : ErrorKind::forbidden;
    return Error{kind, "the token endpoint answered " + std::to_string(http_status) +
                           (words.empty() ? "" : ": " + std::string{words.substr(0, 200)})};
  }
  Token token{
      std::string{root.text("access_token")},
      std::chrono::seconds{std::clamp<std::int64_t>(seconds_in(root["expires_in"]), 0, 86'400)}};
  if (token.access.empty()) return Error{ErrorKind::fault, "the token endpoint sent no token"};
  return token;
}

std::string write_token(const Token& token) {
  return "{\"access_token\":" + json_text(token.access) + ",\"expires_in\":\"" +
         std::to_string(token.life.count()) + "\",\"token_type\":\"Bearer\"}";
}

}  // namespace cpis::spine
