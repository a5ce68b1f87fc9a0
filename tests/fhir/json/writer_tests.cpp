#include "fhir/json/writer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(writer_tests)

namespace {

struct Case {
  std::string_view text;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case unchanged[] = {
    {R"({"resourceType":"Patient"})", "a resource alone"},
    {R"({"resourceType":"A","x":[1.00,-0,1E2],"y":true})", "literals to the digit"},
    {R"({"resourceType":"A","s":"\"\\\b\f\n\r\t\u0001/é😀"})", "escapes, and only those needed"},
    {R"({"resourceType":"A","d":"2019","_d":{"id":"x"},"e":{"f":"1"}})", "a pair"},
    {R"({"resourceType":"A","_d":{"extension":[{"url":"u","valueCode":"c"}]}})", "half a pair"},
    {R"({"resourceType":"A","g":["a",null],"_g":[null,{"id":"x"}]})", "paired arrays"},
    {R"({"resourceType":"A","_g":[{"id":"x"}]})", "an array of primitives without values"},
    {R"({"resourceType":"A","x":[{"y":[{"z":["1"]}]}]})", "arrays of one"},
    {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"f"}}]})",
     "a resource in a bundle"},
    {R"({"resourceType":"A","x":{}})", "an empty object"},
};

// Knows: A.n is a list of numbers, A.b a boolean.
class SmallSchema final : public Schema {
 public:
  TypeId resource(std::string_view name) const override { return name == "A" ? 1U : no_type; }
  std::optional<Member> member(TypeId type, std::string_view name) const override {
    Member member;
    if (type != 1 || (name != "n" && name != "b")) return std::nullopt;
    member.kind = name == "n" ? Kind::number : Kind::boolean;
    member.list = name == "n";
    return member;
  }
};

}  // namespace

BOOST_DATA_TEST_CASE(writes_what_was_read, data::make(unchanged), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(json::read(std::string{c.text}, document, issues));
    BOOST_TEST(json::write(document.root()) == c.text);
  }
}

// Texts are copied in words: what needs an escape may stand at any place of one.
BOOST_AUTO_TEST_CASE(a_character_is_escaped_wherever_it_stands) {
  for (const char odd : {'"', '\\', '\n', '\x1F', ' ', '\x7F', '\xC3'}) {
    for (std::size_t size = 0; size <= 26; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = odd;
        std::string want = "before\"";
        for (const char c : text) {
          if (c == '\n') {
            want += "\\n";
          } else if (c == '\x1F') {
            want += "\\u001f";
          } else {
            if (c == '"' || c == '\\') want += '\\';
            want += c;
          }
        }
        std::string written = "before";
        json::write_string(written, text);
        BOOST_TEST(written == want + '"');
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(much_is_written_behind_what_is_there) {
  Document document;
  Element& root = document.set_root("Patient");
  const std::string long_text(100'000, 'x');
  std::string want = R"({"resourceType":"Patient","line":[)";
  for (int i = 0; i < 20; ++i) {
    document.append_item(root, "line", long_text);
    want += std::string{i == 0 ? "" : ","} + '"' + long_text + '"';
  }
  std::string out = "before";
  json::write_to(out, document.root());
  json::write_to(out, document.root());
  BOOST_TEST((out == "before" + want + "]}" + want + "]}"));
}

BOOST_AUTO_TEST_CASE(pretty_output_is_indented) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read(R"({"resourceType":"A","x":[{"y":1}],"z":{}})", document, issues));
  BOOST_TEST(json::write(document.root(), {.pretty = true}) ==
             "{\n  \"resourceType\": \"A\",\n  \"x\": [\n    {\n      \"y\": 1\n    }\n  ],\n"
             "  \"z\": {}\n}");
}

BOOST_AUTO_TEST_CASE(a_schema_says_what_is_an_array_and_what_a_number) {
  Document document;
  Element& root = document.set_root("A");
  document.append(root, "n", "1.50");
  document.append(root, "b", "true");
  document.append(root, "other", "7");
  const SmallSchema schema;
  BOOST_TEST(json::write(root, {.schema = &schema}) ==
             R"({"resourceType":"A","n":[1.50],"b":true,"other":"7"})");
}

BOOST_AUTO_TEST_CASE(a_literal_that_is_no_number_is_written_in_quotes) {
  Document document;
  Element& root = document.set_root("A");
  document.append(root, "n", "1,5", Kind::number);
  document.append(root, "b", "yes", Kind::boolean);
  BOOST_TEST(json::write(root) == R"({"resourceType":"A","n":"1,5","b":"yes"})");
}

BOOST_AUTO_TEST_CASE(a_tree_too_deep_is_refused) {
  Document document;
  Element* at = &document.set_root("A");
  for (std::size_t i = 0; i <= json::write_depth_max; ++i) at = &document.append(*at, "x");
  BOOST_CHECK_THROW(json::write(document.root()), std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()
