#include "fhir/xml/writer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(writer_tests)

namespace {

const Schema& r4() { return Definitions::r4().types(); }

struct Case {
  std::string_view json;
  std::string_view want;
  std::string_view rule;  // of the one finding; empty: none
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"resourceType":"Patient"})", R"(<Patient xmlns="http://hl7.org/fhir"/>)", "", "alone"},
    {R"({"resourceType":"Patient","birthDate":"2019","id":"a"})",
     R"(<Patient xmlns="http://hl7.org/fhir"><id value="a"/><birthDate value="2019"/></Patient>)",
     "", "in the order of the schema"},
    {R"({"resourceType":"Patient","_birthDate":{"id":"b","extension":[{"valueCode":"c",")"
     R"(url":"u"}]}})",
     R"(<Patient xmlns="http://hl7.org/fhir"><birthDate id="b"><extension url="u">)"
     R"(<valueCode value="c"/></extension></birthDate></Patient>)",
     "", "id and url as attributes"},
    {R"({"resourceType":"ValueSet","url":"http://a","id":"x"})",
     R"(<ValueSet xmlns="http://hl7.org/fhir"><id value="x"/><url value="http://a"/></ValueSet>)",
     "", "id and url of a resource as elements"},
    {R"({"resourceType":"Patient","id":"<&\"\n\t>"})",
     R"(<Patient xmlns="http://hl7.org/fhir"><id value="&lt;&amp;&quot;&#10;&#9;&gt;"/></Patient>)",
     "", "what needs escaping"},
    {R"({"resourceType":"Patient","contained":[{"resourceType":"Flag"}]})",
     R"(<Patient xmlns="http://hl7.org/fhir"><contained><Flag/></contained></Patient>)", "",
     "a contained resource"},
    {R"({"resourceType":"Patient","text":{"div":"<div xmlns=\")"
     R"(http://www.w3.org/1999/xhtml\"><b/> x</div>"}})",
     R"(<Patient xmlns="http://hl7.org/fhir"><text><div xmlns=")"
     R"(http://www.w3.org/1999/xhtml"><b/> x</div></text></Patient>)",
     "", "the narrative as it is"},
    {R"({"resourceType":"Patient","text":{"div":"<div>x</div>"}})",
     R"(<Patient xmlns="http://hl7.org/fhir"><text><div xmlns=")"
     R"(http://www.w3.org/1999/xhtml">x</div></text></Patient>)",
     "", "a narrative without its namespace"},
    {R"({"resourceType":"Patient","text":{"div":"<div></div><script/>"}})",
     R"(<Patient xmlns="http://hl7.org/fhir"><text></text></Patient>)", "xml-narrative",
     "a narrative that would break out"},
    {R"({"resourceType":"Patient","id":"a\u0001"})",
     R"(<Patient xmlns="http://hl7.org/fhir"><id/></Patient>)", "xml-character",
     "a character that XML cannot carry"},
};

}  // namespace

BOOST_DATA_TEST_CASE(writes_xml, data::make(cases), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(json::read(std::string{c.json}, document, issues));
    BOOST_TEST(xml::write(document.root(), issues, {.schema = &r4()}) == c.want);
    BOOST_TEST(issues.size() == (c.rule.empty() ? 0U : 1U));
    if (!c.rule.empty() && !issues.empty()) BOOST_TEST(issues.begin()->rule == c.rule);
  }
}

BOOST_AUTO_TEST_CASE(pretty_output_is_indented) {
  Document document;
  Element& root = document.set_root("Patient");
  document.append(document.append_item(root, "name"), "family", "X");
  Issues issues;
  BOOST_TEST(xml::write(root, issues, {.pretty = true}) ==
             "<Patient xmlns=\"http://hl7.org/fhir\">\n  <name>\n    <family value=\"X\"/>\n"
             "  </name>\n</Patient>");
}

BOOST_AUTO_TEST_SUITE_END()
