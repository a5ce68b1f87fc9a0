#include "tests/support/test_tokens.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "adapters/core/base64url.h"
#include "gateway/auth/jwt_writer.h"
#include "gateway/observe/clock.h"

namespace cpis::test {

TokenKey make_token_key(net::PrivateKey::Kind kind, std::string_view id) {
  auto key = net::PrivateKey::make(kind);
  BOOST_REQUIRE(key);
  auto set = auth::write_key_set(*key, id);
  BOOST_REQUIRE(set);
  return {*std::move(key), std::string{id}, *std::move(set)};
}

std::string signed_token(const TokenKey& key, std::string_view claims, std::string_view type) {
  auto jwt = auth::write_jwt(key.key, key.id, type, claims);
  BOOST_REQUIRE(jwt);
  return *std::move(jwt);
}

std::string forged_token(std::string_view header, std::string_view claims,
                         std::string_view signature_bytes) {
  return base64url(header) + '.' + base64url(claims) + '.' + base64url(signature_bytes);
}

std::string hmac_sha256(std::string_view secret, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string base64url(std::string_view bytes) { return base64url_encode(bytes); }

void write_file(const std::string& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary};
  out << text;
  BOOST_REQUIRE(out.flush());
}

std::int64_t now_s() {
  const Time now = observe::SystemClock{}.now();
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

}  // namespace cpis::test
