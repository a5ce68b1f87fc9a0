#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/xml_reader.h"
#include "adapters/spine/xml_writer.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/same_tree.h"

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

namespace {

// What machines write, with everything that the plain reader knows.
constexpr std::string_view plain_rows[] = {
    R"(<a/>)",
    R"(<?xml version="1.0" encoding="UTF-8"?>
<a><b x="1" y='"'> t &amp; &lt;u&gt; </b><b/> tail</a>
)",
    R"(<s:a xmlns:s="urn:s" xmlns="urn:d" s:k="v"><b xmlns="urn:e" k="w"
   l="x"><c/></b><s:b/><b></b >text</s:a>)",
    R"(<a xmlns="urn:d" xmlns:p="urn:p"><b xml:lang="en-GB" p:k="v">Words</b></a>)",
    "<a>Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x99\x82<b/>\r\n\t<b/></a>",
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_plain_reader_gives_the_tree_of_libxml2_and_takes_nothing_it_refuses) {
  static constexpr char broken[] = "<>/='\"&;: \t\n\rax!?-[]\xC3\xAB\0";
  constexpr std::string_view bytes{broken, sizeof broken - 1};
  std::mt19937 random{11};
  std::size_t taken = 0;
  for (const std::string_view row : plain_rows) {
    BOOST_TEST((detail::read_plain_xml(row, {}) != nullptr), row);
    for (int round = 0; round < 4'000; ++round) {
      std::string text{row};
      for (auto i = random() % 3; i > 0; --i) {
        const std::size_t at = random() % text.size();
        const char other = bytes[random() % bytes.size()];
        random() % 2 == 0 ? static_cast<void>(text[at] = other)
                          : static_cast<void>(text.insert(at, 1, other));
      }
      const auto plain = detail::read_plain_xml(text, {});
      if (!plain) continue;
      ++taken;
      Findings findings;
      const auto library = detail::parse_by_library(text, findings, {});
      BOOST_REQUIRE_MESSAGE(library, "libxml2 refuses " << text);
      BOOST_REQUIRE_MESSAGE(test::same_tree(*plain, 0, library->root()), text);
    }
  }
  BOOST_TEST(taken > 4'000U);
}

BOOST_AUTO_TEST_CASE(what_is_not_plain_is_left_to_libxml2) {
  for (const std::string_view text :
       {"<a><!-- c --></a>", "<a><![CDATA[x]]></a>", "<a>&#65;</a>", "<a k='1' x:k='2'/>",
        "<a k='x\ty'/>", "<a>x\r\ny</a>", "<!DOCTYPE a><a/>", "<a b='1' b='2'/>", "<x:a/>",
        "<a>]]></a>", "<a></b>", "<a/><a/>", "<a xml:space='default'/>", "<xml:a/>",
        "<a xml:lang='en' lang='en'/>", "<a xmlns:p=''/>", "<a/", "<a"}) {
    BOOST_TEST(!detail::read_plain_xml(text, {}), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
