#include "fhir/json/reader.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/json/writer.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(reader_tests)

namespace {

std::string outline(const Element& element) {
  std::string text{element.name()};
  if (element.resource()) text += "<" + std::string{element.resource_type()} + ">";
  if (element.has_value()) text += "=" + std::string{element.value()};
  if (element.kind() == Kind::null) text += "=~";
  if (!element.has_children()) return text;
  text += "(";
  for (const Element& child : element.children()) text += outline(child) + " ";
  text.back() = ')';
  return text;
}

struct Tree {
  std::string_view text;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Tree& c) { return out << c.why; }

constexpr Tree trees[] = {
    {R"({"resourceType":"Patient"})", "<Patient>", "a resource alone"},
    {R"({"id":"a","resourceType":"Patient"})", "<Patient>(id=a)", "the type may come last"},
    {R"({"resourceType":"A","n":[-1.50e+3,12500.00]})", "<A>(n=-1.50e+3 n=12500.00)",
     "numbers keep their digits"},
    {R"({"resourceType":"A","b":true,"c":false})", "<A>(b=true c=false)", "booleans"},
    {R"({"resourceType":"A","s":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"})",
     "<A>(s=\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80)", "every escape"},
    {R"({"resourceType":"A","d":"2019","_d":{"id":"x"}})", "<A>(d=2019(id=x))",
     "a primitive with an id"},
    {R"({"resourceType":"A","_d":{"id":"x"},"d":"2019"})", "<A>(d=2019(id=x))",
     "the underscore first"},
    {R"({"resourceType":"A","_d":{"id":"x"},"e":1})", "<A>(d=~(id=x) e=1)",
     "a primitive without a value"},
    {R"({"resourceType":"A","g":["a",null,"c"],"h":1,"_g":[null,{"id":"x"},null]})",
     "<A>(g=a g=~(id=x) g=c h=1)", "paired arrays"},
    {R"({"resourceType":"A","_g":[{"id":"x"}],"h":1,"g":["a","b"]})", "<A>(g=a(id=x) g=b h=1)",
     "items behind the pair stay beside their siblings"},
    {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"f"}}]})",
     "<Bundle>(entry(resource<Flag>(id=f)))", "a resource in a bundle"},
    {R"({"resourceType":"ExampleScenario","instance":[{"resourceType":"Patient"}]})",
     "<ExampleScenario>(instance(resourceType=Patient))", "resourceType as an ordinary element"},
    {R"({"resourceType":"Patient","contained":[{"resourceType":"Flag"}]})",
     "<Patient>(contained<Flag>)", "a contained resource"},
};

struct Fault {
  std::string_view text;
  std::string_view rule;
  std::string_view path;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Fault& c) { return out << c.why; }

constexpr Fault shapes[] = {
    {R"({"resourceType":"A","x":null})", "json-null", "A.x", "a null property"},
    {R"({"resourceType":"A","x":[]})", "json-empty-array", "A.x", "an empty array"},
    {R"({"resourceType":"A","x":1,"x":2})", "json-duplicate-property", "A.x", "the same twice"},
    {R"({"resourceType":"A","resourceType":"B"})", "json-duplicate-property", "A.resourceType",
     "two types"},
    {R"({"resourceType":"A","g":["a",null]})", "json-null-item", "A.g", "a null without a pair"},
    {R"({"resourceType":"A","g":["a"],"_g":[null,{"id":"x"}]})", "json-array-length", "A.g",
     "a longer pair"},
    {R"({"resourceType":"A","g":["a"],"_g":{"id":"x"}})", "json-array-pair", "A.g",
     "an array paired with an object"},
    {R"({"resourceType":"A","g":"a","_g":[{"id":"x"}]})", "json-array-pair", "A.g",
     "a value paired with an array"},
    {R"({"resourceType":"A","_g":[{"id":"x"}],"g":"a"})", "json-array-pair", "A.g",
     "the same, the array first"},
    {R"({"resourceType":"A","_g":{}})", "json-underscore", "A.g", "an empty pair"},
    {"\xEF\xBB\xBF{\"resourceType\":\"A\"}", "json-byte-order-mark", "", "a byte order mark"},
};

constexpr Fault errors[] = {
    {R"({"resourceType":"A","x":[[1]]})", "json-nested-array", "A.x", "an array in an array"},
    {R"({"resourceType":"A","x":{"id":"1"},"_x":{"id":"2"}})", "json-underscore", "A.x",
     "a pair for an object"},
    {R"({"resourceType":"A","_x":3})", "json-underscore", "A.x", "a pair that is no object"},
    {R"({"resourceType":"A","x":["a"],"_x":[3]})", "json-underscore", "A.x",
     "a pair item that is no object"},
    {R"({"x":1})", "json-resource-type", "", "no resourceType"},
    {R"({"resourceType":7})", "json-resource-type", "resourceType", "a number as type"},
};

constexpr Fault fatals[] = {
    {"", "json-syntax", "", "nothing"},
    {"[]", "json-syntax", "", "an array at the top"},
    {R"({"resourceType":"A",})", "json-syntax", "A", "a comma too many"},
    {R"({"resourceType":"A" "b":1})", "json-syntax", "A", "a comma missing"},
    {R"({"resourceType":"A","x":[1,]})", "json-syntax", "A", "a comma too many in an array"},
    {R"({"resourceType":"A","x":[[1,]]})", "json-syntax", "", "the same where it is skipped"},
    {R"({"resourceType":"A","x":01})", "json-syntax", "A", "a leading zero"},
    {R"({"resourceType":"A","x":1.})", "json-syntax", "A", "no digit behind the point"},
    {R"({"resourceType":"A","x":+1})", "json-syntax", "A", "a plus"},
    {R"({"resourceType":"A","x":NaN})", "json-syntax", "A", "not a number"},
    {R"({"resourceType":"A","x":tru})", "json-syntax", "A", "half a word"},
    {R"({"resourceType":"A","x":"a)", "json-syntax", "A", "an open string"},
    {R"({"resourceType":"A","x":"\q"})", "json-syntax", "A", "an unknown escape"},
    {R"({"resourceType":"A","x":"\ud800"})", "json-syntax", "A", "half a pair"},
    {R"({"resourceType":"A","x":"\udc00\ud800"})", "json-syntax", "A", "a pair reversed"},
    {R"({"resourceType":"A","x":"\u0000"})", "json-syntax", "A", "a NUL"},
    {"{\"resourceType\":\"A\",\"x\":\"\t\"}", "json-syntax", "A", "a raw tab in a string"},
    {"{\"resourceType\":\"A\",\"x\":\"\xC0\xAF\"}", "json-syntax", "A", "overlong UTF-8"},
    {"{\"resourceType\":\"A\",\"x\":\"\xED\xA0\x80\"}", "json-syntax", "A", "a surrogate in UTF-8"},
    {"{\"resourceType\":\"A\",\"x\":\"\xF4\x90\x80\x80\"}", "json-syntax", "A", "above U+10FFFF"},
    {"{\"resourceType\":\"A\",\"x\":\"\xE2\x82\"}", "json-syntax", "A", "cut UTF-8"},
    {R"({"resourceType":"A"} {})", "json-syntax", "", "a second object"},
    {R"({"resourceType":"A")", "json-syntax", "A", "no end"},
    {"{'a':1}", "json-syntax", "", "single quotes"},
    {"{/**/}", "json-syntax", "", "a comment"},
};

bool has(const Issues& issues, const Fault& c, Severity severity) {
  for (const Issue& issue : issues) {
    if (issue.rule == c.rule && issue.path == c.path && issue.severity == severity) return true;
    BOOST_TEST_MESSAGE(issue.rule + " " + issue.path);
  }
  return false;
}

}  // namespace

BOOST_DATA_TEST_CASE(builds_the_tree, data::make(trees), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(json::read(std::string{c.text}, document, issues));
    BOOST_TEST(issues.empty());
    BOOST_TEST(outline(document.root()) == c.want);
    BOOST_TEST((document.format() == Format::json));
  }
}

// Strings are read eight bytes at a time: what is special may stand anywhere in such a word.
BOOST_AUTO_TEST_CASE(what_is_special_in_a_string_is_found_wherever_it_stands) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (const std::string_view special :
         {"\\n", "\\\"", "\xC3\xA9", "\x7F", "", "\xF0\x9F\x98\x80"}) {
      const std::string plain(before, 'p');
      const std::string text =
          R"({"resourceType":"A","s":")" + plain + std::string{special} + plain + R"(","t":"u"})";
      Document document;
      Issues issues;
      BOOST_REQUIRE(json::read(text, document, issues));
      const std::string_view meant = special == "\\n" ? "\n" : special == "\\\"" ? "\"" : special;
      BOOST_TEST(document.root().value_of("s") == plain + std::string{meant} + plain);
      BOOST_TEST(document.root().value_of("t") == "u");
    }
    for (const std::string_view wrong : {"\n", "\x1F", "\xC3", "\xFF", "\\x"}) {
      const std::string text =
          R"({"s":")" + std::string(before, 'p') + std::string{wrong} + R"(","t":"u"})";
      Document document;
      Issues issues;
      BOOST_TEST(!json::read(text, document, issues));
      BOOST_TEST(issues.list().back().column == 7 + before);
    }
  }
}

BOOST_DATA_TEST_CASE(a_wrong_shape_is_an_error_when_strict_and_a_warning_when_lenient,
                     data::make(shapes), c) {
  for (const bool strict : {true, false}) {
    Document document;
    Issues issues;
    json::ReadOptions options;
    options.strict = strict;
    BOOST_TEST_CONTEXT(c.why << ", strict " << strict) {
      BOOST_TEST(json::read(std::string{c.text}, document, issues, options));
      BOOST_TEST(issues.size() == 1U);
      BOOST_TEST(has(issues, c, strict ? Severity::error : Severity::warning));
    }
  }
}

BOOST_DATA_TEST_CASE(what_has_no_place_in_the_tree_is_always_an_error, data::make(errors), c) {
  Document document;
  Issues issues;
  json::ReadOptions options;
  options.strict = false;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(json::read(std::string{c.text}, document, issues, options));
    BOOST_TEST(has(issues, c, Severity::error));
  }
}

BOOST_DATA_TEST_CASE(text_that_is_no_json_gives_no_tree, data::make(fatals), c) {
  Document document;
  Issues issues;
  json::ReadOptions options;
  options.strict = false;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(!json::read(std::string{c.text}, document, issues, options));
    BOOST_TEST(document.empty());
    BOOST_TEST(has(issues, c, Severity::fatal));
  }
}

BOOST_AUTO_TEST_CASE(positions_are_those_of_the_name_or_the_item) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(
      json::read("{\n  \"resourceType\": \"Patient\",\n  \"name\": [\n    {},\n"
                 "    {\"family\": \"X\"}\n  ]\n}",
                 document, issues));
  const Element& second = *document.root().last_child();
  BOOST_TEST(second.line() == 5U);
  BOOST_TEST(second.column() == 5U);
  BOOST_TEST(second.first_child()->column() == 6U);
}

BOOST_AUTO_TEST_CASE(a_finding_tells_where) {
  Document document;
  Issues issues;
  json::read(
      "{\"resourceType\": \"Patient\",\n\"name\": [{\"given\": [\"a\", \"b\"],\n"
      " \"use\": null}]}",
      document, issues);
  BOOST_REQUIRE_EQUAL(issues.size(), 1U);
  BOOST_TEST(issues.begin()->path == "Patient.name[0].use");
  BOOST_TEST(issues.begin()->line == 3U);
  BOOST_TEST(issues.begin()->column == 2U);
}

BOOST_AUTO_TEST_CASE(limits_refuse_the_whole_text) {
  const std::string deep = "{\"resourceType\":\"A\",\"x\":" + std::string(200, '[');
  const std::string wide = "{\"resourceType\":\"A\",\"x\":[1,2,3,4,5,6,7,8,9]}";
  struct Row {
    std::string text;
    std::string rule;
    json::ReadOptions options;
  };
  Row rows[] = {{deep, "json-depth-max", {}},
                {wide, "json-elements-max", {}},
                {wide, "json-bytes-max", {}},
                {R"({"a":1,"b":2,"c":3})", "json-properties-max", {}}};
  rows[1].options.elements_max = 8;
  rows[2].options.bytes_max = 20;
  rows[3].options.properties_max = 2;
  for (const Row& row : rows) {
    Document document;
    Issues issues;
    BOOST_TEST_CONTEXT(row.rule) {
      BOOST_TEST(!json::read(row.text, document, issues, row.options));
      BOOST_REQUIRE(!issues.empty());
      BOOST_TEST((issues.list().back().code == IssueCode::too_costly));
      BOOST_TEST(issues.list().back().rule == row.rule);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_datatype_alone_can_be_read_as_a_fragment) {
  Document document;
  Issues issues;
  json::ReadOptions options;
  options.fragment = true;
  BOOST_REQUIRE(
      json::read(R"({"system":"http://example.org","value":"1"})", document, issues, options));
  BOOST_TEST(issues.empty());
  BOOST_TEST(document.root().value_of("value") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
