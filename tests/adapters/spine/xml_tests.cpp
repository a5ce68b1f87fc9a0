#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/xml_reader.h"
#include "adapters/spine/xml_writer.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(xml)

namespace {

struct Refused {
  const char* why;
  std::string text;
  std::string rule;
};
std::ostream& operator<<(std::ostream& out, const Refused& row) { return out << row.why; }

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "<a>";
  for (int i = 0; i < depth; ++i) text += "</a>";
  return text;
}

std::string attributes(int count) {
  std::string text = "<a";
  for (int i = 0; i < count; ++i) text += " x" + std::to_string(i) + "=\"\"";
  return text + "/>";
}

const Refused refused_rows[] = {
    {"nothing at all", "", "XML-SYNTAX"},
    {"not XML", "MSH|^~\\&|", "XML-SYNTAX"},
    {"cut off", "<a><b>", "XML-SYNTAX"},
    {"two roots", "<a/><b/>", "XML-SYNTAX"},
    {"an internal DTD", "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>", "XML-DTD"},
    {"an external DTD", "<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\"><a/>", "XML-DTD"},
    {"a file entity", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>",
     "XML-DTD"},
    {"a billion laughs", "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>",
     "XML-DTD"},
    {"an entity nobody declared", "<a>&nbsp;</a>", "XML-SYNTAX"},
    {"too deep", nested(65), "XML-LIMIT"},
    {"too many attributes", attributes(65), "XML-LIMIT"},
    {"a NUL byte", std::string{"<a>\0</a>", 8}, "XML-SYNTAX"},
    {"broken UTF-8", "<a>\xC3(</a>", "XML-SYNTAX"},
};

}  // namespace

BOOST_DATA_TEST_CASE(dangerous_and_broken_documents_are_refused_with_a_rule,
                     data::make(refused_rows), row) {
  Findings findings;
  BOOST_TEST(!parse_xml(row.text, findings).has_value());
  BOOST_REQUIRE_EQUAL(findings.size(), 1U);
  BOOST_TEST(findings[0].rule == row.rule);
  BOOST_TEST((findings[0].severity == Severity::fatal));

  Findings streamed;
  XmlStream stream{{}, [](XmlView) {}, {}};
  for (const char c : row.text) stream.push({&c, 1});
  BOOST_TEST(!stream.finish(streamed).has_value());
  BOOST_TEST(!streamed.empty());
}

BOOST_AUTO_TEST_CASE(a_document_over_the_size_limit_is_not_looked_at) {
  Findings findings;
  XmlLimits limits;
  limits.bytes_max = 10;
  BOOST_TEST(!parse_xml("<aaaaaaaaaa/>", findings, limits).has_value());
  BOOST_TEST(findings.at(0).rule == "XML-LIMIT");
}

BOOST_AUTO_TEST_CASE(elements_are_found_by_local_name_whatever_their_prefix) {
  Findings findings;
  const auto document = parse_xml(
      "<s:a xmlns:s='urn:x' s:k=' v '>one<!-- no --><s:b n='1'/><b n='2'> two\n</b><![CDATA[ & "
      "]]></s:a>",
      findings);
  BOOST_REQUIRE(document);
  const XmlView root = document->root();
  BOOST_TEST(root.name() == "a");
  BOOST_TEST(root.name_space() == "urn:x");
  BOOST_TEST(root.attr("k") == "v");
  BOOST_TEST(root.attr("urn:x", "k").value_or("") == " v ");
  BOOST_TEST(!root.attr("", "k").has_value());
  BOOST_TEST(root.text() == "one &");
  BOOST_TEST(root.count("b") == 2U);
  const XmlView second = root.child("b").next_same();
  BOOST_TEST(second.attr("n") == "2");
  BOOST_TEST(second.text() == "two");
  BOOST_TEST(second.path() == "/a/b[2]");
  BOOST_TEST(root.child("nobody").child("home").attr("x") == "");
}

BOOST_AUTO_TEST_CASE(a_stream_hands_over_records_and_keeps_the_rest) {
  std::string text = "<f><h>1</h>";
  for (int i = 0; i < 1000; ++i) text += "<r k='" + std::to_string(i) + "'><v>x</v></r>";
  text += "<t>2</t></f>";
  std::size_t seen = 0;
  XmlLimits limits;
  limits.elements_max = 8;  // far fewer than the records hold
  XmlStream stream{{"r"},
                   [&](XmlView record) {
                     BOOST_TEST(record.attr("k") == std::to_string(seen));
                     BOOST_TEST(record.text_of("v") == "x");
                     ++seen;
                   },
                   limits};
  for (std::size_t at = 0; at < text.size(); at += 7) stream.push(text.substr(at, 7));
  Findings findings;
  const auto rest = stream.finish(findings);
  BOOST_REQUIRE(rest);
  BOOST_TEST(seen == 1000U);
  BOOST_TEST(rest->root().text_of("h") == "1");
  BOOST_TEST(rest->root().text_of("t") == "2");
  BOOST_TEST(rest->root().count("r") == 0U);
}

BOOST_AUTO_TEST_CASE(whatever_is_written_is_well_formed_and_reads_back) {
  std::mt19937 random{7};
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 20; i > 0; --i) bytes += static_cast<char>(random() % 256);
    std::string out;
    XmlWriter xml{out};
    xml.open("a").attr("k", bytes).text(bytes).close();
    Findings findings;
    BOOST_TEST(parse_xml(out, findings).has_value());
  }
  test::Generate make{3};
  for (int round = 0; round < 200; ++round) {
    const std::string value = make.words(6) + "\t\n]]>";
    std::string out;
    XmlWriter xml{out};
    xml.open("a").attr("k", value).text(value).close();
    Findings findings;
    const auto document = parse_xml(out, findings);
    BOOST_REQUIRE(document);
    BOOST_TEST(document->root().attr("", "k").value_or("") == value);
  }
}

BOOST_AUTO_TEST_SUITE_END()
