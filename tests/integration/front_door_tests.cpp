// Who does not get in: each case is a request that must not reach a record, sent to a whole
// gateway over its real door.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/integration/front_door_world.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
using namespace cpis::test;
using World = FrontDoorWorld;

namespace {

std::unique_ptr<World> shared_world;
const World& world() { return *shared_world; }

struct WorldLife {
  void setup() { shared_world = std::make_unique<World>(); }
  void teardown() { shared_world.reset(); }
};

const std::string flag = "/FHIR/R4/Flag?patient=" + std::string{child_on_plan};

struct Asked {
  std::string headers;
  std::string path = flag;
  std::string method = "GET";
  std::string body = {};
};

struct Case {
  std::string_view status;
  std::string_view says;  ///< stands in the answer
  Asked (*ask)(const World&);
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

// What only a record, or somebody's resource, could have put into an answer.
constexpr std::string_view record_bytes[] = {
    "342191000000101",  "01632960001",          "01632960002",
    "Testshire County", "child-protection-inf", "Alex",
    "Sample",           "2025-01-15",           "\"total\"",
    "searchset",        "\"subject\"",          "CarePlan/",
    "access_token\""};

void expect_refusal(const std::string& answer, const Case& c) {
  BOOST_TEST(answer.substr(0, 3) == c.status);
  BOOST_TEST(has(answer, c.says));
  for (const std::string_view part : record_bytes) {
    BOOST_CHECK_MESSAGE(!has(answer, part), "the answer holds " << part);
  }
}

World::Claims claims_of(const World&) { return {}; }

Asked with(const World& w, void (*change)(World::Claims&)) {
  World::Claims claims = claims_of(w);
  change(claims);
  return {bearer(w.token(claims))};
}

std::string header_of(std::string_view algorithm, std::string_view key = "idp-1") {
  return R"({"alg":")" + std::string{algorithm} + R"(","kid":")" + std::string{key} + R"("})";
}

const Case tokens[] = {
    {"401", "Bearer realm", [](const World&) { return Asked{""}; }, "no token"},
    {"401", "invalid_token", [](const World&) { return Asked{bearer("wrong")}; }, "a wrong token"},
    {"401", "invalid_token", [](const World&) { return Asked{"Authorization: Bearer \r\n"}; },
     "an empty token"},
    {"401", "invalid_token",
     [](const World&) { return Asked{"Authorization: Basic c3RhdGljLWVwcg==\r\n"}; }, "Basic"},
    {"401", "invalid_token", [](const World&) { return Asked{"Authorization: static-epr\r\n"}; },
     "a token without a scheme"},
    {"401", "invalid_token",
     [](const World&) { return Asked{bearer("static-epr") + bearer("static-epr")}; },
     "two Authorization headers"},
    {"401", "invalid_token", [](const World&) { return Asked{bearer("static-epr, x")}; },
     "a token with a list behind it"},
    {"401", "Bearer realm",
     [](const World&) {
       return Asked{"", flag + "&access_token=static-epr"};
     },
     "a token in the query is no token"},
    {"401", "invalid_token", [](const World&) { return Asked{bearer("static-gone")}; },
     "a revoked client's static token"},
    {"401", "expired", [](const World& w) { return with(w, [](auto& c) { c.expires = -60; }); },
     "an expired token"},
    {"401", "not yet valid",
     [](const World& w) {
       return with(w, [](auto& c) { c.more = ",\"nbf\":" + std::to_string(now_s() + 120); });
     },
     "a token that is not yet valid"},
    {"401", "not yet valid", [](const World& w) { return with(w, [](auto& c) { c.issued = 90; }); },
     "a token issued in the future"},
    {"401", "too long", [](const World& w) { return with(w, [](auto& c) { c.expires = 86'400; }); },
     "a token that lives for a day"},
    {"401", "another audience",
     [](const World& w) {
       return with(w, [](auto& c) { c.audience = "https://other.example/FHIR/R4"; });
     },
     "another audience"},
    {"401", "another audience",
     [](const World& w) {
       return with(w, [](auto& c) { c.audience = "https://gateway.example/FHIR/R4/"; });
     },
     "an audience that is nearly ours"},
    {"401", "unknown issuer",
     [](const World& w) { return with(w, [](auto& c) { c.issuer = "https://evil.example"; }); },
     "another issuer"},
    {"401", "unknown issuer",
     [](const World& w) { return with(w, [](auto& c) { c.issuer = "https://idp.example/"; }); },
     "an issuer that is nearly ours"},
    {"401", "unknown issuer",
     [](const World& w) { return with(w, [](auto& c) { c.issuer = ""; }); }, "no issuer"},
    {"401", "unknown key",
     [](const World& w) {
       // The issuer's own token endpoint is not the identity provider: its keys sign for it only.
       return with(w, [](auto& c) { c.issuer = "https://gateway.example"; });
     },
     "one issuer's token in another's name"},
    {"401", "algorithm",
     [](const World& w) {
       return Asked{bearer(forged_token(header_of("none"), claims_of(w).text()))};
     },
     "alg none"},
    {"401", "algorithm",
     [](const World& w) {
       return Asked{bearer(forged_token(header_of("NONE"), claims_of(w).text()))};
     },
     "alg NONE"},
    {"401", "algorithm",
     [](const World& w) {
       const std::string body =
           base64url(header_of("HS256")) + '.' + base64url(claims_of(w).text());
       return Asked{bearer(body + '.' + base64url(hmac_sha256(w.issuer.key_set, body)))};
     },
     "key confusion: HMAC with the published key set"},
    {"401", "algorithm",
     [](const World& w) {
       return Asked{bearer(forged_token(header_of("ES256K"), claims_of(w).text(), "x"))};
     },
     "an algorithm nobody asked for"},
    {"401", "signature",
     [](const World& w) {
       return Asked{
           bearer(forged_token(header_of("ES384"), claims_of(w).text(), std::string(96, '\0')))};
     },
     "key confusion: an RSA key named for an elliptic signature"},
    {"401", "signature",
     [](const World& w) {
       return Asked{bearer(
           forged_token(header_of("ES384", "idp-2"), claims_of(w).text(), std::string(96, '\0')))};
     },
     "an elliptic signature of zeros"},
    {"401", "signature",
     [](const World& w) { return Asked{bearer(signed_token(w.stranger, claims_of(w).text()))}; },
     "a stranger's key under a known kid"},
    {"401", "unknown key",
     [](const World& w) {
       TokenKey other = w.issuer;
       other.id = "idp-9";
       return Asked{bearer(signed_token(other, claims_of(w).text()))};
     },
     "an unknown kid"},
    {"401", "names no key",
     [](const World& w) {
       return Asked{bearer(forged_token(R"({"alg":"RS384"})", claims_of(w).text(), "x"))};
     },
     "no kid"},
    {"401", "signature",
     [](const World& w) {
       std::string token = w.token(claims_of(w));
       World::Claims more = claims_of(w);
       more.scope = "system/*.cruds";
       const std::size_t dot = token.find('.');
       token.replace(dot + 1, token.rfind('.') - dot - 1, base64url(more.text()));
       return Asked{bearer(token)};
     },
     "tampered claims"},
    {"401", "signature",
     [](const World& w) {
       std::string token = w.token(claims_of(w));
       token[token.rfind('.') + 7] = token[token.rfind('.') + 7] == 'A' ? 'B' : 'A';
       return Asked{bearer(token)};
     },
     "a tampered signature"},
    {"401", "signature",
     [](const World& w) {
       const std::string token = w.token(claims_of(w));
       return Asked{bearer(token.substr(0, token.rfind('.') + 1))};
     },
     "no signature"},
    {"401", "strict JSON",
     [](const World& w) {
       return with(w, [](auto& c) { c.more = R"(,"aud":"https://gateway.example/FHIR/R4")"; });
     },
     "the audience twice"},
    {"401", "strict JSON",
     [](const World& w) { return with(w, [](auto& c) { c.more = R"(,"client_id":"boss")"; }); },
     "the client twice"},
    {"401", "base64url",
     [](const World&) { return Asked{bearer("a.b." + std::string(7000, 'A'))}; },
     "a token of seven thousand bytes that says nothing"},
    {"401", "no access token",
     [](const World& w) {
       return Asked{bearer(signed_token(w.issuer, claims_of(w).text(), "logout+jwt"))};
     },
     "a token made for something else"},
    {"401", "unknown issuer",
     [](const World& w) { return Asked{bearer(w.assertion(w.client, "as-a-token"))}; },
     "a client assertion in place of an access token"},
    {"401", "not registered",
     [](const World& w) { return with(w, [](auto& c) { c.client = c.subject = "nobody"; }); },
     "a client nobody registered"},
    {"401", "not registered",
     [](const World& w) { return with(w, [](auto& c) { c.client = c.subject = "gone"; }); },
     "a revoked client's access token"},
    {"401", "to which client",
     [](const World& w) { return with(w, [](auto& c) { c.more = R"(,"azp":"boss")"; }); },
     "two claims about the client that disagree"},
    {"401", "to which client",
     [](const World& w) { return with(w, [](auto& c) { c.client = ""; }); },
     "a token that names no client"},
    {"401", "bound",
     [](const World& w) {
       return with(w, [](auto& c) {
         c.more = R"(,"cnf":{"x5t#S256":")" + base64url(std::string(32, 'x')) + "\"}";
       });
     },
     "a token bound to a certificate that is not shown"},
    {"401", "bound",
     [](const World& w) { return with(w, [](auto& c) { c.more = R"(,"cnf":{"jkt":"AAAA"})"; }); },
     "a token bound to a proof that is not taken"},
};

const Case permissions[] = {
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = "system/Patient.rs"; }); },
     "a scope for another resource"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = ""; }); }, "no scope"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = "system/Flag.r"; }); },
     "a scope to read, for a search"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = "system/Flag.cud"; }); },
     "a scope to write, for a search"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = "patient/*.rs"; }); },
     "a scope of a patient's launch"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.scope = "user/*.rs"; }); },
     "a user's scope for a system"},
    {"403", "insufficient_scope",
     [](const World& w) {
       return with(w, [](auto& c) { c.scope = "system/Flag.rs?patient=9990123454"; });
     },
     "a scope narrowed by a query"},
    {"403", "insufficient_scope",
     [](const World& w) {
       return Asked{bearer(w.user_token("B0107", "RXX01", "Nurse Test", "system/*.rs"))};
     },
     "a system's scope for a user"},
    {"403", "insufficient_scope", [](const World&) { return Asked{bearer("static-ward")}; },
     "a client registered for other resources"},
    {"403", "insufficient_scope",
     [](const World& w) { return with(w, [](auto& c) { c.client = c.subject = "ward"; }); },
     "a token that asks for more than its client is registered for"},
    {"403", "insufficient_scope",
     [](const World& w) {
       Asked asked = with(w, [](auto& c) { c.scope = "system/Flag.rs"; });
       asked.path += "&_include=Flag:detail";
       return asked;
     },
     "an include of plans without a scope for plans"},
    {"403", "insufficient_scope",
     [](const World& w) {
       Asked asked = with(w, [](auto& c) { c.scope = "system/Flag.rs"; });
       asked.path = "/FHIR/R4/Flag/_search";
       asked.method = "POST";
       asked.headers += "Content-Type: application/x-www-form-urlencoded\r\n";
       asked.body = "patient=" + std::string{child_on_plan} + "&_include=Flag%3Adetail";
       return asked;
     },
     "the same include in the body of a search"},
    {"403", "insufficient_scope",
     [](const World& w) {
       Asked asked = with(w, [](auto& c) { c.scope = "system/Flag.rs"; });
       asked.path = "/CareTeam?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C" +
                    std::string{child_on_plan};
       return asked;
     },
     "the councils of a person, with a scope for flags"},
    {"403", "insufficient_scope",
     [](const World& w) {
       Asked asked = with(w, [](auto& c) { c.scope = "system/Patient.rs"; });
       asked.path = "/PatientFlag?patient=" + std::string{child_on_plan};
       return asked;
     },
     "the Patient Flag form without a scope for flags"},
    {"403", "not one of this client's",
     [](const World& w) { return Asked{bearer(w.user_token("B0107", "RZZ01"))}; },
     "a user of another organisation"},
    {"403", "cannot be named",
     [](const World& w) { return Asked{bearer(w.user_token("B0107", "RXX01", ""))}; },
     "a user without a name"},
    {"403", "whom it does not name",
     [](const World& w) { return with(w, [](auto& c) { c.subject = "some-user"; }); },
     "a user of whom nothing is said"},
    {"403", "B0107", [](const World& w) { return Asked{bearer(w.user_token(""))}; },
     "a user without an activity"},
    {"403", "B0107", [](const World& w) { return Asked{bearer(w.user_token("B0170"))}; },
     "a user who may look silently only, and does not say that care is scheduled"},
    {"403", "B0107",
     [](const World& w) {
       return Asked{bearer(w.user_token("B0170")) + "IsUnscheduledAccessEvent: true\r\n"};
     },
     "a user who may look silently only, from unscheduled care"},
    {"403", "B0170",
     [](const World& w) {
       return Asked{bearer(w.user_token("B0107")) + "IsUnscheduledAccessEvent: false\r\n"};
     },
     "a user who may not look silently, and tries to"},
    {"403", "B0107", [](const World&) { return Asked{bearer("static-quiet")}; },
     "a system that may look silently only"},
    {"403", "B0170",
     [](const World&) {
       return Asked{bearer("static-loud") + "IsUnscheduledAccessEvent: false\r\n"};
     },
     "a system that may not look silently"},
    {"400", "PRECONDITION_FAILED",
     [](const World&) {
       return Asked{bearer("static-epr") +
                    "IsUnscheduledAccessEvent: true\r\nIsUnscheduledAccessEvent: false\r\n"};
     },
     "a care setting that is both"},
    {"401", "Bearer realm",
     [](const World&) {
       return Asked{
           "NHSD-Session-URID: 555\r\nNHSD-ASID: 2000\r\nX-Forwarded-User: boss\r\n"
           "X-SSL-Client-S-DN: CN=epr\r\nX-Forwarded-Client-Cert: Subject=\"CN=epr\"\r\n"};
     },
     "an identity smuggled in headers of a proxy"},
    {"401", "Bearer realm",
     [](const World&) { return Asked{"X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n"}; },
     "a request that says it is local"},
    {"404", "nothing here",
     [](const World&) {
       return Asked{"", "//FHIR/R4/../R4/Flag?patient=9990123454"};
     },
     "a path with steps in it"},
    {"401", "Bearer realm",
     [](const World&) {
       return Asked{"", "/admin/accesses"};
     },
     "an operations page without a token"},
    {"403", "admin client",
     [](const World&) {
       return Asked{bearer("static-epr"), "/admin/accesses"};
     },
     "an operations page for a client that is no admin"},
    {"403", "admin client",
     [](const World& w) {
       return Asked{bearer(w.user_token("B0107")), "/admin/notices"};
     },
     "an operations page for a user"},
    {"401", "Bearer realm",
     [](const World&) {
       return Asked{"Content-Type: application/hl7-v2\r\n", "/HL7/v2", "POST", "MSH|^~\\&|"};
     },
     "an HL7 message without a token"},
    {"403", "insufficient_scope",
     [](const World&) {
       return Asked{bearer("static-epr") + "Content-Type: application/hl7-v2\r\n", "/HL7/v2",
                    "POST", "MSH|^~\\&|"};
     },
     "an HL7 message of a client that may only read"},
};

Asked token_request(const std::string& form) {
  return {"Content-Type: application/x-www-form-urlencoded\r\n", "/oauth2/token", "POST", form};
}

const Case assertions[] = {
    {"401", "used before",
     [](const World& w) {
       const std::string once = w.assertion(w.client, "used-twice");
       const Asked asked = token_request(w.form(once));
       BOOST_TEST(
           has(w.gateway->request("POST", asked.path, asked.headers, asked.body), "access_token"));
       return asked;
     },
     "a replayed assertion"},
    {"401", "expired",
     [](const World& w) { return token_request(w.form(w.assertion(w.client, "a1", -100))); },
     "an expired assertion"},
    {"401", "too long",
     [](const World& w) { return token_request(w.form(w.assertion(w.client, "a2", 3600))); },
     "an assertion for an hour"},
    {"401", "another audience",
     [](const World& w) {
       return token_request(w.form(w.assertion(w.client, "a3", 200, "https://idp.example/token")));
     },
     "an assertion for another server"},
    {"401", "signature",
     [](const World& w) { return token_request(w.form(w.assertion(w.stranger, "a4"))); },
     "an assertion signed by somebody else"},
    {"401", "no usable jti",
     [](const World& w) { return token_request(w.form(w.assertion(w.client, ""))); },
     "an assertion that can be used again and again"},
    {"401", "not registered",
     [](const World& w) {
       return token_request(w.form(signed_token(
           w.client,
           R"({"iss":"gone","sub":"gone","jti":"a5","aud":"https://gateway.example/oauth2/token",)"
           R"("exp":)" +
               std::to_string(now_s() + 100) + '}',
           "JWT")));
     },
     "a revoked client's assertion"},
    {"401", "algorithm",
     [](const World& w) {
       return token_request(
           w.form(forged_token(header_of("none", "epr-1"), R"({"iss":"epr","sub":"epr"})")));
     },
     "an assertion with alg none"},
    {"400", "invalid_scope",
     [](const World& w) {
       return token_request(w.form(w.assertion(w.client, "a6"), "system/Flag.cud"));
     },
     "scopes the client is not registered for"},
    {"400", "unsupported_grant_type",
     [](const World&) { return token_request("grant_type=password&username=epr&password=x"); },
     "a password"},
    {"400", "invalid_request",
     [](const World& w) {
       return token_request(w.form(w.assertion(w.client, "a7")) + "&client_assertion=x");
     },
     "two assertions"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(front_door_tests, *boost::unit_test::fixture<WorldLife>())

BOOST_DATA_TEST_CASE(a_bad_token_opens_nothing, data::make(tokens), c) {
  const std::size_t before = world().traces();
  const Asked asked = c.ask(world());
  const std::string answer =
      world().gateway->request(asked.method, asked.path, asked.headers, asked.body);
  expect_refusal(answer, c);
  BOOST_TEST(has(answer, "WWW-Authenticate: Bearer realm=\"cpis-gateway\""));
  BOOST_TEST(has(answer, "\"resourceType\":\"OperationOutcome\""));
  BOOST_TEST(has(answer, "Cache-Control: no-store"));
  BOOST_TEST(world().traces() == before);
}

BOOST_DATA_TEST_CASE(a_good_token_opens_only_what_it_is_for, data::make(permissions), c) {
  const std::size_t before = world().traces();
  const Asked asked = c.ask(world());
  const std::string answer =
      world().gateway->request(asked.method, asked.path, asked.headers, asked.body);
  expect_refusal(answer, c);
  BOOST_TEST(has(answer, "\"resourceType\":\"OperationOutcome\""));
  BOOST_TEST(world().traces() == before);
}

BOOST_DATA_TEST_CASE(an_assertion_counts_once_and_for_its_client, data::make(assertions), c) {
  const std::size_t before = world().traces();
  const Asked asked = c.ask(world());
  const std::string answer =
      world().gateway->request(asked.method, asked.path, asked.headers, asked.body);
  expect_refusal(answer, c);
  BOOST_TEST(has(answer, "\"error\""));
  BOOST_TEST(world().traces() == before);
}

BOOST_AUTO_TEST_CASE(the_table_has_at_least_sixty_cases) {
  const std::size_t cases = std::size(tokens) + std::size(permissions) + std::size(assertions);
  BOOST_TEST(cases >= 60U);
}

BOOST_AUTO_TEST_CASE(who_may_come_in_comes_in) {
  const World& w = world();
  const auto sees_flag = [&](const std::string& headers) {
    return has(w.get(flag, headers), "\"total\":1");
  };
  BOOST_TEST(sees_flag(bearer("static-epr")));
  BOOST_TEST(sees_flag(bearer(w.token({}))));
  BOOST_TEST(sees_flag(bearer(signed_token(w.elliptic, World::Claims{}.text()))));
  BOOST_TEST(sees_flag(bearer(w.user_token("B0107"))));
  BOOST_TEST(sees_flag(bearer(w.user_token("B0170")) + "IsUnscheduledAccessEvent: false\r\n"));
  BOOST_TEST(sees_flag(bearer("static-quiet") + "IsUnscheduledAccessEvent: false\r\n"));
}

BOOST_AUTO_TEST_CASE(a_token_of_the_own_endpoint_opens_what_was_granted) {
  const World& w = world();
  const Asked asked = token_request(w.form(w.assertion(w.client, "good-1"), "system/Flag.rs"));
  const std::string answer = w.gateway->request("POST", asked.path, asked.headers, asked.body);
  BOOST_REQUIRE_EQUAL(answer.substr(0, 3), "200");
  BOOST_TEST(has(answer, "Cache-Control: no-store"));
  BOOST_TEST(has(answer, R"("scope":"system/Flag.rs")"));
  const std::string mark = R"("access_token":")";
  const std::size_t at = answer.find(mark) + mark.size();
  const std::string token = answer.substr(at, answer.find('"', at) - at);
  BOOST_TEST(has(w.get(flag, bearer(token)), "\"total\":1"));
  BOOST_TEST(w.get("/FHIR/R4/Patient?identifier=x", bearer(token)).substr(0, 3) == "403");
  BOOST_TEST(has(w.get("/oauth2/jwks", ""), "\"crv\":\"P-256\""));
  BOOST_TEST(!has(w.get("/oauth2/jwks", ""), "\"d\""));
  BOOST_TEST(has(w.get("/FHIR/R4/.well-known/smart-configuration", ""),
                 R"("token_endpoint":"https://gateway.example/oauth2/token")"));
}

BOOST_AUTO_TEST_CASE(the_capability_statement_says_where_tokens_come_from) {
  const std::string answer = world().get("/FHIR/R4/metadata", "");
  BOOST_TEST(answer.substr(0, 3) == "200");
  BOOST_TEST(has(answer, R"("url":"token","valueUri":"https://gateway.example/oauth2/token")"));
  BOOST_TEST(has(answer, R"("code":"SMART-on-FHIR")"));
}

BOOST_AUTO_TEST_CASE(a_used_assertion_stays_used_after_a_restart) {
  const World& w = world();
  const Asked asked = token_request(w.form(w.assertion(w.client, "before-restart")));
  const auto post = [&] {
    return w.gateway->request("POST", asked.path, asked.headers, asked.body).substr(0, 3);
  };
  BOOST_TEST(post() == "200");
  w.gateway->restart();
  BOOST_TEST(post() == "401");
}

BOOST_AUTO_TEST_CASE(a_client_that_comes_too_often_is_told_when_to_come_again) {
  const World& w = world();
  const std::string path = "/FHIR/R4/Patient?identifier=x";
  BOOST_TEST(w.get(path, bearer("static-slow")).substr(0, 3) == "200");
  BOOST_TEST(w.get(path, bearer("static-slow")).substr(0, 3) == "200");
  const std::string answer = w.get(path, bearer("static-slow"));
  BOOST_TEST(answer.substr(0, 3) == "429");
  BOOST_TEST(has(answer, "Retry-After: "));
  BOOST_TEST(has(answer, "\"throttled\""));
  BOOST_TEST(w.get(path, bearer("static-epr")).substr(0, 3) == "200");
}

BOOST_AUTO_TEST_SUITE_END()
