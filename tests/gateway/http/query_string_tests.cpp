#include "gateway/http/query_string.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using cpis::http::percent_decode;
using cpis::http::percent_encode;
using cpis::http::QueryParameter;
using cpis::http::QueryString;
using cpis::http::write_query;
namespace data = boost::unit_test::data;

namespace {

struct Case {
  std::string_view text;
  std::optional<std::string_view> want;  // name=value; for each; nothing: refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const std::vector<Case> cases{
    {"", "", "nothing"},
    {"a=b", "a=b;", "one"},
    {"a=b&a=c&b=", "a=b;a=c;b=;", "order and repetitions are kept"},
    {"a", "a=;", "a name alone"},
    {"a=b=c", "a=b=c;", "only the first '=' divides"},
    {"&&a=b&", "a=b;", "empty parts are skipped"},
    {"a=x+y%2Bz", "a=x y+z;", "plus is a space, and %2B is a plus"},
    {"patient:identifier=https%3A%2F%2Fx%7C999", "patient:identifier=https://x|999;", "as FHIR"},
    {"a=%C3%A9", "a=\xC3\xA9;", "UTF-8"},
    {"a=\xC3\xA9", "a=\xC3\xA9;", "UTF-8 as it is"},
    {"a=%F0%9F%98%80", "a=\xF0\x9F\x98\x80;", "four bytes"},
    {"a=%41%6a%6A", "a=Ajj;", "hexadecimal digits of both cases"},
    {"a=%ED%9F%BF%EE%80%80", "a=\xED\x9F\xBF\xEE\x80\x80;", "around the surrogates"},
    {"a=%", std::nullopt, "'%' at the end"},
    {"a=%4", std::nullopt, "one digit"},
    {"a=%4g", std::nullopt, "not a digit"},
    {"%zz=b", std::nullopt, "in a name too"},
    {"a=%00", std::nullopt, "NUL"},
    {"a=%FF", std::nullopt, "not UTF-8"},
    {"a=%C3", std::nullopt, "UTF-8 that is cut short"},
    {"a=%C0%AF", std::nullopt, "a longer form than needed"},
    {"a=%E0%80%AF", std::nullopt, "the same in three bytes"},
    {"a=%ED%A0%80", std::nullopt, "a surrogate"},
    {"a=%F4%90%80%80", std::nullopt, "beyond the last character"},
    {"a=%E2%82%C3", std::nullopt, "a bad third byte"},
    {"=b", std::nullopt, "a value without a name"},
    {"=", std::nullopt, "neither"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(query_string_tests)

BOOST_DATA_TEST_CASE(queries_are_read_or_refused, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto query = QueryString::parse(c.text);
    BOOST_REQUIRE(static_cast<bool>(query) == c.want.has_value());
    if (!query) return;
    std::string got;
    for (const QueryParameter& each : query->parameters()) {
      got += each.name + "=" + each.value + ";";
    }
    BOOST_TEST(got == *c.want);
  }
}

BOOST_AUTO_TEST_CASE(parameters_are_found_by_their_exact_name) {
  const auto query = QueryString::parse("code=1&Code=2&code=3");
  BOOST_REQUIRE(query);
  BOOST_TEST(query->first("code").value() == "1");
  BOOST_TEST(query->all("code").size() == 2U);
  BOOST_TEST(!query->first("CODE").has_value());
}

BOOST_AUTO_TEST_CASE(limits_are_kept_and_errors_never_quote_the_query) {
  BOOST_CHECK(!QueryString::parse("a=1&b=2", {.bytes = 6}));
  BOOST_CHECK(!QueryString::parse("a=1&b=2&c=3", {.parameters = 2}));
  BOOST_CHECK(QueryString::parse("a=1&b=2", {.bytes = 7, .parameters = 2}));
  const auto bad = QueryString::parse("ok=1&name=secret%");
  BOOST_REQUIRE(!bad);
  BOOST_TEST(bad.error().message == "query parameter 2 is not percent-encoded UTF-8");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_as_it_was) {
  const std::vector<QueryParameter> parameters{
      {"patient:identifier", "https://fhir.nhs.uk/Id/nhs-number|9990000018"},
      {"a b", "x+y&z=\xC3\xA9%"},
      {"empty", ""}};
  const auto query = QueryString::parse(write_query(parameters));
  BOOST_REQUIRE(query);
  BOOST_TEST((query->parameters() == parameters));
}

BOOST_AUTO_TEST_CASE(a_path_segment_keeps_its_plus) {
  BOOST_TEST(percent_decode("a+b%2Fc").value() == "a+b/c");
  BOOST_TEST(!percent_decode("%0").has_value());
  BOOST_TEST(percent_encode("a-b._~/ +") == "a-b._~%2F%20%2B");
}

BOOST_AUTO_TEST_SUITE_END()
