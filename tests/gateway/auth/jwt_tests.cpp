#include "gateway/auth/jwt.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/support/test_tokens.h"

namespace data = boost::unit_test::data;
using namespace cpis::auth;
using cpis::test::forged_token;

BOOST_AUTO_TEST_SUITE(jwt_tests)

namespace {

constexpr std::string_view good_header = R"({"alg":"RS256","kid":"k"})";

struct Case {
  std::string token;
  std::string_view says;  // empty: it is read
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const Case cases[] = {
    {forged_token(good_header, R"({"iss":"a"})", "sig"), "", "a signed token"},
    {forged_token(R"({"alg":"none","kid":"k"})", "{}"), "algorithm", "alg none"},
    {forged_token(R"({"alg":"None","kid":"k"})", "{}"), "algorithm", "alg None"},
    {forged_token(R"({"alg":"HS256","kid":"k"})", "{}"), "algorithm", "HMAC"},
    {forged_token(R"({"alg":"rs256","kid":"k"})", "{}"), "algorithm", "alg in small letters"},
    {forged_token(R"({"alg":["RS256"],"kid":"k"})", "{}"), "algorithm", "alg as a list"},
    {forged_token(R"({"kid":"k"})", "{}"), "algorithm", "no alg"},
    {forged_token(R"({"alg":"RS256"})", "{}"), "names no key", "no kid"},
    {forged_token(R"({"alg":"RS256","kid":""})", "{}"), "names no key", "an empty kid"},
    {forged_token(R"({"alg":"RS256","kid":"k","crit":["b64"],"b64":false})", "{}"), "critical",
     "critical extensions"},
    {forged_token(R"({"alg":"RS256","alg":"none","kid":"k"})", "{}"), "strict JSON",
     "alg twice in the header"},
    {forged_token(good_header, R"({"aud":"a","aud":"b"})"), "strict JSON", "aud twice"},
    {forged_token(good_header, "[]"), "strict JSON", "claims that are no object"},
    {"a.b", "three parts", "two parts"},
    {"a.b.c.d", "three parts", "four parts"},
    {"....", "three parts", "dots"},
    {"!!!.e30.AA", "base64url", "another alphabet"},
    {std::string(jwt_bytes_max + 1, 'A'), "too long", "a huge token"},
};

struct TimeCase {
  std::string_view claims;
  std::string_view says;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const TimeCase& c) { return out << c.why; }

constexpr TimeCase times[] = {
    {R"({"exp":1100})", "", "a hundred seconds to live"},
    {R"({"exp":971})", "", "ended within the skew"},
    {R"({"exp":970})", "expired", "ended at the skew"},
    {R"({"exp":100})", "expired", "long ended"},
    {R"({})", "no time of expiry", "without end"},
    {R"({"exp":"1100"})", "no time of expiry", "an end that is text"},
    {R"({"exp":1630})", "", "as long as may be"},
    {R"({"exp":1631})", "too long", "longer than may be"},
    {R"({"exp":1100,"nbf":1030})", "", "begins within the skew"},
    {R"({"exp":1100,"nbf":1031})", "not yet valid", "begins later"},
    {R"({"exp":1100,"nbf":"soon"})", "not yet valid", "a beginning that is text"},
    {R"({"exp":1100,"iat":1031})", "not yet valid", "issued in the future"},
};

}  // namespace

BOOST_DATA_TEST_CASE(only_a_token_of_one_meaning_is_read, data::make(cases), c) {
  const auto jwt = read_jwt(c.token);
  BOOST_TEST(static_cast<bool>(jwt) == c.says.empty());
  if (!jwt) BOOST_TEST(jwt.error().message.find(c.says) != std::string::npos);
}

BOOST_DATA_TEST_CASE(times_are_right_within_the_skew, data::make(times), c) {
  const auto jwt = read_jwt(forged_token(good_header, c.claims, "sig"));
  BOOST_REQUIRE(jwt);
  const std::string_view why = refuse_times(*jwt, {1000, 30, 600});
  BOOST_TEST(why.empty() == c.says.empty());
  BOOST_TEST(why.find(c.says) != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(an_audience_is_one_or_one_of_many) {
  const auto one = read_jwt(forged_token(good_header, R"({"aud":"here"})", "s"));
  const auto many = read_jwt(forged_token(good_header, R"({"aud":["there","here"]})", "s"));
  const auto none = read_jwt(forged_token(good_header, R"({"aud":{"a":"here"}})", "s"));
  BOOST_TEST((one->is_for("here") && !one->is_for("her") && !one->is_for("")));
  BOOST_TEST((many->is_for("here") && !many->is_for("elsewhere")));
  BOOST_TEST(!none->is_for("here"));
}

BOOST_AUTO_TEST_SUITE_END()
