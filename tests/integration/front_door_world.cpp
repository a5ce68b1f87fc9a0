#include "tests/integration/front_door_world.h"

#include <boost/test/unit_test.hpp>

#include "gateway/edge/ids.h"
#include "gateway/http/query_string.h"
#include "gateway/store/sha256.h"

namespace cpis::test {
namespace {

using Kind = net::PrivateKey::Kind;

std::string hex_sha256(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto hash = store::sha256(text);
  std::string out;
  for (const char c : hash) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string client_section(std::string_view name, std::string_view organisation,
                           std::string_view more) {
  const std::string prefix = "client." + std::string{name} + '.';
  return prefix + "token = sha256:" + hex_sha256("static-" + std::string{name}) + '\n' + prefix +
         "organisation_code = " + std::string{organisation} + '\n' + prefix +
         "organisation_name = Testshire Royal\n" + prefix + "role_code = R0260\n" + prefix +
         "role_name = Doctor\n" + prefix + "person_name = Sam Lead\n" + prefix +
         "system_id = 2000\n" + std::string{more};
}

// Both keys of the issuer in one set.
std::string joined(const std::string& first, const std::string& second) {
  const std::string start = R"({"keys":[)";
  return first.substr(0, first.size() - 2) + ',' + second.substr(start.size());
}

std::string quoted(std::string_view activities) {
  return activities.empty() ? "" : '"' + std::string{activities} + '"';
}

}  // namespace

std::string bearer(std::string_view token) {
  return "Authorization: Bearer " + std::string{token} + "\r\n";
}

FrontDoorWorld::FrontDoorWorld()
    : issuer{make_token_key(Kind::rsa, "idp-1")},
      stranger{make_token_key(Kind::rsa, "idp-1")},  // the same kid, another key
      elliptic{make_token_key(Kind::p384, "idp-2")},
      client{make_token_key(Kind::p384, "epr-1")} {
  const TokenKey own = make_token_key(Kind::p256, "gateway-1");
  write_file(folder.file("idp.json"), joined(issuer.key_set, elliptic.key_set));
  write_file(folder.file("epr.json"), client.key_set);
  write_file(folder.file("token.pem"), *own.key.to_pem());
  const auto quote = [](const std::string& text) { return '"' + text + "\"\n"; };
  gateway = std::make_unique<RunningGateway>(
      "http.auth = token\nhttp.base_url = https://gateway.example\n"
      "issuer.idp.url = https://idp.example\n"
      "issuer.idp.audience = https://gateway.example/FHIR/R4\n"
      "issuer.idp.jwks = " +
      quote(folder.file("idp.json")) +
      "token.enabled = yes\ntoken.key = " + quote(folder.file("token.pem")) +
      client_section("epr", "RXX01", "client.epr.keys = " + quote(folder.file("epr.json"))) +
      client_section("epr2", "RYY01", "") +
      client_section("writer", "RXX01", "client.writer.scopes = system/Patient.cu\n") +
      client_section("ward", "RXX01", "client.ward.scopes = system/Patient.rs user/Patient.rs\n") +
      client_section("quiet", "RXX01", "client.quiet.activities = B0170\n") +
      client_section("loud", "RXX01", "client.loud.activities = B0107\n") +
      client_section(
          "gone", "RXX01",
          "client.gone.enabled = no\nclient.gone.keys = " + quote(folder.file("epr.json"))) +
      client_section("slow", "RXX01", "client.slow.rate_per_minute = 1\nclient.slow.burst = 2\n") +
      client_section("boss", "RXX01", "client.boss.admin = yes\n"));
  upload_people(gateway->gateway->registry());
}

std::string FrontDoorWorld::Claims::text() const {
  const std::int64_t now = now_s();
  return R"({"iss":")" + issuer + R"(","aud":")" + audience + R"(","client_id":")" + client +
         R"(","sub":")" + subject + R"(","scope":")" + scope + R"(","iat":)" +
         std::to_string(now + issued) + R"(,"exp":)" + std::to_string(now + expires) + more + '}';
}

std::string FrontDoorWorld::user_token(std::string_view activities, std::string_view organisation,
                                       std::string_view name, std::string_view scope) const {
  Claims claims;
  claims.subject = "555";
  claims.scope = scope;
  claims.more = R"(,"nhsid_useruid":"555","name":")" + std::string{name} +
                R"(","nhsid_nrbac_roles":[{"person_roleid":"111","org_code":")" +
                std::string{organisation} +
                R"(","role_code":"S8000:G8000:R8001","role_name":"Nurse","activity_codes":[)" +
                quoted(activities) + "]}]";
  return token(claims);
}

std::string FrontDoorWorld::assertion(const TokenKey& key, std::string_view id, long expires_s,
                                      std::string_view audience) const {
  return signed_token(key,
                      R"({"iss":"epr","sub":"epr","aud":")" + std::string{audience} +
                          R"(","jti":")" + std::string{id} + R"(","exp":)" +
                          std::to_string(now_s() + expires_s) + '}',
                      "JWT");
}

std::string FrontDoorWorld::form(std::string_view assertion_text, std::string_view scope) const {
  return http::write_query(
      {{"grant_type", "client_credentials"},
       {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
       {"client_assertion", std::string{assertion_text}},
       {"scope", std::string{scope}}});
}

// In one look: a notice that is being delivered counts once.
std::size_t FrontDoorWorld::traces() const {
  std::size_t count = 0;
  BOOST_REQUIRE(gateway->gateway->database().read([&](store::Session& session) {
    return session.query(
        "SELECT (SELECT COUNT(*) FROM access_event) + (SELECT COUNT(*) FROM notice)", {},
        [&](const store::Row& row) -> Status {
          count = static_cast<std::size_t>(row.integer(0));
          return done;
        });
  }));
  return count;
}

}  // namespace cpis::test
