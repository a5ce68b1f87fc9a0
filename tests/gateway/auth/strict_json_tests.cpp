#include "gateway/auth/strict_json.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/core/base64url.h"

namespace data = boost::unit_test::data;
using namespace cpis::auth;

BOOST_AUTO_TEST_SUITE(strict_json_tests)

namespace {

struct Case {
  std::string_view text;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"iss":"a","aud":["x","y"]})", true, "an object"},
    {R"({"a":{"x":1},"b":{"x":2}})", true, "the same name in two objects"},
    {R"({"iss":"a","iss":"b"})", false, "a member twice"},
    {R"({"a":{"x":1,"x":2}})", false, "a member twice, deeper"},
    {R"({"a":1,"\u0061":2})", false, "a member twice, once escaped"},
    {R"(["a"])", false, "an array"},
    {R"({"a":1}x)", false, "something behind it"},
    {R"({"a":1,})", false, "a comma too many"},
    {R"({'a':1})", false, "single quotes"},
    {"{\"a\":\"\xff\"}", false, "not UTF-8"},
    {"", false, "nothing"},
};

struct Base64Case {
  std::string_view text;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Base64Case& c) { return out << c.why; }

constexpr Base64Case base64_cases[] = {
    {"", true, "nothing"},
    {"AA", true, "one byte"},
    {"AAA", true, "two bytes"},
    {"-_-_", true, "its own letters"},
    {"A", false, "a letter too few"},
    {"AB", false, "bits left over"},
    {"AAB", false, "bits left over behind two bytes"},
    {"AA==", false, "padding"},
    {"A+/A", false, "the other alphabet"},
    {"AA AA", false, "white space"},
};

}  // namespace

BOOST_DATA_TEST_CASE(what_two_readers_could_read_differently_is_refused, data::make(cases), c) {
  BOOST_TEST(read_strict_json(c.text).has_value() == c.good);
}

BOOST_AUTO_TEST_CASE(depth_is_limited) {
  const std::string deep(json_depth_max, '[');
  const std::string back(json_depth_max, ']');
  BOOST_TEST(!read_strict_json(R"({"a":)" + deep + back + "}").has_value());
  BOOST_TEST(read_strict_json(R"({"a":)" + deep.substr(1) + back.substr(1) + "}").has_value());
}

BOOST_DATA_TEST_CASE(base64url_means_one_thing_only, data::make(base64_cases), c) {
  const auto bytes = cpis::base64url_decode(c.text);
  BOOST_TEST(bytes.has_value() == c.good);
  if (bytes) BOOST_TEST(cpis::base64url_encode(*bytes) == c.text);
}

BOOST_AUTO_TEST_SUITE_END()
