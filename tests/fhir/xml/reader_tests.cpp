#include "fhir/xml/reader.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/definitions/definitions.h"
#include "fhir/json/writer.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(reader_tests)

namespace {

const Schema& r4() { return Definitions::r4().types(); }

struct Case {
  std::string_view text;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case trees[] = {
    {R"(<Patient xmlns="http://hl7.org/fhir"/>)", R"({"resourceType":"Patient"})", "alone"},
    {R"(<?xml version="1.0" encoding="UTF-8"?><!-- c --><?p i?><Patient xmlns="http://hl7.org/fhir">
        <id value="a"/><!-- c --><active value="true"/></Patient>)",
     R"({"resourceType":"Patient","id":"a","active":true})",
     "comments and instructions are dropped"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><name><given value="A"/><given value="B"/>)"
     R"(</name></Patient>)",
     R"({"resourceType":"Patient","name":[{"given":["A","B"]}]})", "arrays as the schema says"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><name><given id="g"><extension url="u">)"
     R"(<valueCode value="c"/></extension></given><given value="B"/></name></Patient>)",
     R"({"resourceType":"Patient","name":[{"given":[null,"B"],"_given":[{"id":"g",")"
     R"(extension":[{"url":"u","valueCode":"c"}]},null]}]})",
     "a primitive without a value"},
    {R"(<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.50"/>)"
     R"(</valueQuantity></Observation>)",
     R"({"resourceType":"Observation","valueQuantity":{"value":1.50}})", "decimals to the digit"},
    {R"(<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/></f:Patient>)",
     R"({"resourceType":"Patient","id":"a"})", "a prefix"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><contained><Flag><id value="f"/></Flag>)"
     R"(</contained></Patient>)",
     R"({"resourceType":"Patient","contained":[{"resourceType":"Flag","id":"f"}]})",
     "a contained resource"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><text><div xmlns=")"
     R"(http://www.w3.org/1999/xhtml"><!-- k --><p>a &amp; <br/>b</p></div></text>)"
     R"(</Patient>)",
     R"({"resourceType":"Patient","text":{"div":"<div xmlns=\")"
     R"(http://www.w3.org/1999/xhtml\"><!-- k --><p>a &amp; <br/>b</p></div>"}})",
     "the narrative byte for byte"},
    {R"(<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text>)"
     R"(<h:div><h:p class="x">a&lt;</h:p></h:div></text></Patient>)",
     R"({"resourceType":"Patient","text":{"div":"<div xmlns=\")"
     R"(http://www.w3.org/1999/xhtml\"><p class=\"x\">a&lt;</p></div>"}})",
     "a narrative with a prefix is written without it"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><id value="&lt;&#65;&amp;&#10;"/></Patient>)",
     R"({"resourceType":"Patient","id":"<A&\n"})", "references in a value"},
};

struct Fault {
  std::string_view text;
  std::string_view rule;
  std::string_view path;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Fault& c) { return out << c.why; }

constexpr Fault shapes[] = {
    {R"(<Patient xmlns="http://hl7.org/fhir"><birthDate value="2019"/><gender value="male")"
     R"(/></Patient>)",
     "xml-order", "Patient.gender", "out of order"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><name/><active value="true"/><name/></Patient>)",
     "xml-order", "Patient.active", "out of order between repetitions"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><id value="a" x="1"/></Patient>)", "xml-attribute",
     "Patient.id", "an unknown attribute"},
    {R"(<Patient xmlns="http://hl7.org/fhir" id="a"/>)", "xml-attribute", "Patient",
     "an attribute on a resource"},
    {R"(<Patient xmlns="http://hl7.org/fhir">x</Patient>)", "xml-text", "Patient", "text"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><extension><url value="u"/></extension></Patient>)",
     "xml-attribute", "Patient.extension[0].url", "an attribute written as an element"},
    {"<Patient/>", "xml-namespace", "Patient", "no namespace"},
};

constexpr Fault errors[] = {
    {R"(<Patient xmlns="http://hl7.org/fhir"><text><div value="x"/></text></Patient>)",
     "xml-narrative", "Patient.text.div", "a narrative in the FHIR namespace"},
    {R"(<Patient xmlns="http://hl7.org/fhir"><contained><Flag/><Flag/></contained></Patient>)",
     "xml-resource", "Patient.contained[0]", "two resources in one place"},
    {R"(<patient xmlns="http://hl7.org/fhir"/>)", "xml-resource", "patient", "no resource"},
};

constexpr Fault fatals[] = {
    {"", "xml-syntax", "", "nothing"},
    {"x", "xml-syntax", "", "no element"},
    {"<Patient>", "xml-syntax", "", "no end"},
    {"<Patient></Flag>", "xml-syntax", "", "another end"},
    {"<Patient/><Patient/>", "xml-syntax", "", "two roots"},
    {"<Patient><id value='&nbsp;'/></Patient>", "xml-syntax", "", "an undeclared entity"},
    {"<Patient><id value='<'/></Patient>", "xml-syntax", "", "a < in an attribute"},
    {"<f:Patient/>", "xml-syntax", "", "an undeclared prefix"},
    {"<f:a:b xmlns:f='http://hl7.org/fhir'/>", "xml-syntax", "", "a colon in a name"},
    {"<Patient><id value='\x01'/></Patient>", "xml-syntax", "", "a control character"},
    {"<Patient><id value='\xC3\x28'/></Patient>", "xml-syntax", "", "bad UTF-8"},
    {"<!DOCTYPE Patient><Patient/>", "xml-document-type", "", "a document type"},
    {"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>", "xml-document-type", "",
     "an external entity"},
    {"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>", "xml-document-type", "",
     "entities that grow"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><Patient/>", "xml-encoding", "",
     "another encoding"},
};

bool has(const Issues& issues, std::string_view rule, std::string_view path, Severity severity) {
  for (const Issue& issue : issues) {
    BOOST_TEST_MESSAGE(issue.rule + " " + issue.path + " " + issue.diagnostics);
    const bool same_path = path.empty() || issue.path == path;
    if (issue.rule == rule && same_path && issue.severity == severity) return true;
  }
  return false;
}

}  // namespace

BOOST_DATA_TEST_CASE(gives_the_tree_of_the_same_json, data::make(trees), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(xml::read(std::string{c.text}, document, issues, {.schema = &r4()}));
    BOOST_TEST(issues.empty());
    BOOST_TEST(json::write(document.root()) == c.want);
    BOOST_TEST((document.format() == Format::xml));
  }
}

BOOST_DATA_TEST_CASE(a_wrong_shape_is_an_error_when_strict_and_a_warning_when_lenient,
                     data::make(shapes), c) {
  for (const bool strict : {true, false}) {
    Document document;
    Issues issues;
    BOOST_TEST_CONTEXT(c.why << ", strict " << strict) {
      BOOST_TEST(
          xml::read(std::string{c.text}, document, issues, {.strict = strict, .schema = &r4()}));
      BOOST_TEST(has(issues, c.rule, c.path, strict ? Severity::error : Severity::warning));
    }
  }
}

BOOST_DATA_TEST_CASE(what_cannot_be_meant_is_always_an_error, data::make(errors), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(
        xml::read(std::string{c.text}, document, issues, {.strict = false, .schema = &r4()}));
    BOOST_TEST(has(issues, c.rule, c.path, Severity::error));
  }
}

BOOST_DATA_TEST_CASE(text_that_is_no_safe_xml_gives_no_tree, data::make(fatals), c) {
  Document document;
  Issues issues;
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(!xml::read(std::string{c.text}, document, issues, {.strict = false}));
    BOOST_TEST(document.empty());
    BOOST_TEST(has(issues, c.rule, c.path, Severity::fatal));
  }
}

BOOST_AUTO_TEST_CASE(positions_are_those_of_the_tag) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(
      xml::read("<Patient\n  xmlns=\"http://hl7.org/fhir\">\n  <name>\n"
                "    <family\n value=\"x\"/></name></Patient>",
                document, issues));
  const Element& name = *document.root().first_child();
  BOOST_TEST(document.root().line() == 1U);
  BOOST_TEST(name.line() == 3U);
  BOOST_TEST(name.column() == 3U);
  BOOST_TEST(name.first_child()->line() == 4U);
  BOOST_TEST(name.first_child()->column() == 5U);
}

BOOST_AUTO_TEST_CASE(without_a_schema_every_literal_is_a_string) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(
      xml::read(R"(<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>)",
                document, issues));
  BOOST_TEST((document.root().first_child()->kind() == Kind::string));
}

BOOST_AUTO_TEST_CASE(limits_refuse_the_whole_text) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<a>";
  const std::string wide = "<a><b/><b/><b/><b/></a>";
  struct Row {
    std::string text;
    std::string rule;
    xml::ReadOptions options;
  };
  Row rows[] = {
      {deep, "xml-depth-max", {}}, {wide, "xml-elements-max", {}}, {wide, "xml-bytes-max", {}}};
  rows[1].options.elements_max = 4;
  rows[2].options.bytes_max = 10;
  for (Row& row : rows) {
    row.options.strict = false;
    Document document;
    Issues issues;
    BOOST_TEST_CONTEXT(row.rule) {
      BOOST_TEST(!xml::read(row.text, document, issues, row.options));
      BOOST_REQUIRE(!issues.empty());
      BOOST_TEST((issues.list().back().code == IssueCode::too_costly));
      BOOST_TEST(issues.list().back().rule == row.rule);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
