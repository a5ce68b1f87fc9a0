// JSON Patch: RFC 6902 and RFC 6901.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/path/json_patch.h"
#include "fhir/path/json_value.h"
#include "tests/fhir/path/suite.h"

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(json_patch_tests)

namespace {

struct Case {
  std::string_view document;
  std::string_view patch;
  std::string_view want;  // empty: refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"a":1.50})", R"([{"op":"add","path":"/b","value":[1]}])", R"({"a":1.50,"b":[1]})",
     "adds a member, other literals stay"},
    {R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})",
     "add replaces a member"},
    {"[1,2]", R"([{"op":"add","path":"/1","value":9}])", "[1,9,2]", "add moves items up"},
    {"[1,2]", R"([{"op":"add","path":"/-","value":9}])", "[1,2,9]", "the end of an array"},
    {"[1,2]", R"([{"op":"add","path":"/3","value":9}])", "", "behind the end"},
    {"[1,2]", R"([{"op":"add","path":"/01","value":9}])", "", "no leading zero"},
    {"[1,2]", R"([{"op":"replace","path":"/-","value":9}])", "", "nothing to replace at the end"},
    {R"({"a":1})", R"([{"op":"add","path":"","value":true}])", "true", "the whole document"},
    {R"({"a/b":1,"m~n":2})", R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])",
     "{}", "escapes in a path"},
    {R"({"a":1})", R"([{"op":"remove","path":"/~2"}])", "", "a broken escape"},
    {R"({"a":1})", R"([{"op":"remove","path":"/b"}])", "", "nothing to remove"},
    {R"({"a":1})", R"([{"op":"remove","path":"a"}])", "", "a path without a slash"},
    {R"({"a":{"b":1},"c":[]})", R"([{"op":"move","from":"/a/b","path":"/c/0"}])",
     R"({"a":{},"c":[1]})", "moves"},
    {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", "", "not into itself"},
    {R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":[1],"b":[1]})",
     "copies"},
    {R"({"a":1.0})", R"([{"op":"test","path":"/a","value":1}])", R"({"a":1.0})",
     "numbers are equal by value"},
    {R"({"a":{"x":1,"y":2}})", R"([{"op":"test","path":"/a","value":{"y":2,"x":1}}])",
     R"({"a":{"x":1,"y":2}})", "objects are equal in any order"},
    {R"({"a":1})", R"([{"op":"remove","path":"/a"},{"op":"test","path":"/b","value":1}])", "",
     "all or nothing"},
    {R"({"a":"1"})", R"([{"op":"test","path":"/a","value":1}])", "", "a string is no number"},
    {R"({"a":1})", R"([{"op":"explode","path":"/a"}])", "", "no such operation"},
    {R"({"a":1})", R"([{"op":"add","path":"/a"}])", "", "no value"},
    {R"({"a":1})", R"({"op":"remove","path":"/a"})", "", "a patch is an array"},
    {R"({"a":1,"a":2})", "[]", "", "a repeated name is no document"},
    {R"({"a":1})", "[", "", "a patch that is no JSON"},
};

}  // namespace

BOOST_DATA_TEST_CASE(patches_json, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    Issues issues;
    const auto result = path::apply_json_patch(c.document, c.patch, issues);
    BOOST_TEST(result.value_or("") == c.want);
    BOOST_TEST(issues.ok() == result.has_value());
  }
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  Issues issues;
  BOOST_TEST(!path::apply_json_patch(deep, "[]", issues).has_value());
}

// Copies of the whole document into itself would double it each time.
BOOST_AUTO_TEST_CASE(copies_cannot_grow_without_bound) {
  std::string patch = "[";
  for (int i = 0; i < 60; ++i) {
    patch += (i > 0 ? "," : "") + std::string{R"({"op":"copy","from":"","path":"/a)"} +
             std::to_string(i) + R"("})";
  }
  Issues issues;
  BOOST_TEST(!path::apply_json_patch(R"({"text":"0123456789"})", patch + "]", issues).has_value());
}

BOOST_AUTO_TEST_CASE(the_official_cases_pass) {
  const fs::path file =
      fs::path{CPIS_SOURCE} / "../shared/corpora/fhir/patch/json-patch-tests.json";
  if (!fs::exists(file)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::string problem;
  const auto list = path::JsonValue::parse(test::read_file(file), problem);
  BOOST_REQUIRE_MESSAGE(list.has_value(), problem);
  BOOST_TEST(list->items.size() >= 16U);
  for (const auto& row : list->items) {
    const auto* const comment = row.member("comment");
    Issues issues;
    const auto result =
        path::apply_json_patch(row.member("doc")->write(), row.member("patch")->write(), issues);
    BOOST_TEST_CONTEXT((comment != nullptr ? comment->text : "")) {
      BOOST_TEST(result.has_value() == (row.member("error") == nullptr));
      const auto* const expected = row.member("expected");
      if (result && expected != nullptr) {
        const auto got = path::JsonValue::parse(*result, problem);
        BOOST_TEST((got && same_json(*got, *expected)));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
