#include "fhir/xml/bundle_stream.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/definitions/definitions.h"
#include "fhir/json/writer.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(bundle_stream_tests)

namespace {

struct Outcome {
  std::string entries;
  std::string head;
  Issues issues;
  bool good = false;
};

/// The same text in pieces of one size.
Outcome run(std::string_view text, std::size_t piece, std::size_t bytes_max = 4096) {
  Outcome outcome;
  xml::ReadOptions options;
  options.schema = &Definitions::r4().types();
  options.bytes_max = bytes_max;
  xml::BundleStream stream{[&](Document& entry, std::uint32_t index) {
                             outcome.entries +=
                                 std::to_string(index) + json::write(entry.root()) + "\n";
                             return true;
                           },
                           outcome.issues, options};
  outcome.good = true;
  for (std::size_t at = 0; at < text.size() && outcome.good; at += piece) {
    outcome.good = stream.push(text.substr(at, piece));
  }
  Document head;
  outcome.good = outcome.good && stream.finish(head);
  if (outcome.good) outcome.head = json::write(head.root());
  return outcome;
}

struct Case {
  std::string_view text;
  std::string_view head;
  std::string_view entries;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"<?xml version='1.0'?><Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"batch\"/>"
     "<entry><fullUrl value=\"a>b\"/></entry><entry><fullUrl value='c'/></entry></Bundle>",
     R"({"resourceType":"Bundle","type":"batch"})",
     "0{\"fullUrl\":\"a>b\"}\n1{\"fullUrl\":\"c\"}\n", "two entries"},
    {"<f:Bundle xmlns:f=\"http://hl7.org/fhir\"><!-- <entry> --><f:entry><f:resource><f:Flag>"
     "<f:id value=\"x\"/></f:Flag></f:resource></f:entry></f:Bundle>",
     R"({"resourceType":"Bundle"})", "0{\"resource\":{\"resourceType\":\"Flag\",\"id\":\"x\"}}\n",
     "a prefix and a comment"},
    {"<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource><Bundle><entry><fullUrl value=\"a\"/>"
     "</entry></Bundle></resource></entry></Bundle>",
     R"({"resourceType":"Bundle"})",
     "0{\"resource\":{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"a\"}]}}\n",
     "a Bundle in a Bundle"},
};

constexpr std::string_view broken[] = {
    "<Bundle xmlns=\"http://hl7.org/fhir\"><entry>",
    "<Bundle xmlns=\"http://hl7.org/fhir\"><entry></Bundle>",
    "<Bundle xmlns=\"http://hl7.org/fhir\"><entry><a></b></entry></Bundle>",
    "<Bundle xmlns=\"http://hl7.org/fhir\"><entry/></Bundle></Bundle>",
    "<!DOCTYPE a><Bundle xmlns=\"http://hl7.org/fhir\"/>",
    "<Bundle xmlns=\"http://hl7.org/fhir\"",
};

}  // namespace

BOOST_DATA_TEST_CASE(hands_out_entries_however_the_text_is_cut, data::make(cases), c) {
  for (std::size_t piece = 1; piece <= c.text.size(); ++piece) {
    const Outcome outcome = run(c.text, piece);
    BOOST_TEST_CONTEXT(c.why << " in pieces of " << piece) {
      BOOST_TEST(outcome.good);
      BOOST_TEST(outcome.issues.empty());
      BOOST_TEST(outcome.head == c.head);
      BOOST_TEST(outcome.entries == c.entries);
    }
  }
}

BOOST_DATA_TEST_CASE(stops_at_what_is_no_bundle, data::make(broken), text) {
  const Outcome outcome = run(text, 3);
  BOOST_TEST(!outcome.good);
  BOOST_TEST(!outcome.issues.ok());
}

BOOST_AUTO_TEST_CASE(findings_have_the_address_in_the_whole_text) {
  const Outcome outcome = run(
      "<Bundle\n xmlns=\"http://hl7.org/fhir\">\n<entry/>\n<entry>\n<fullUrl x=\"1\" value=\"a\"/>"
      "</entry></Bundle>",
      5);
  BOOST_REQUIRE_EQUAL(outcome.issues.size(), 1U);
  BOOST_TEST(outcome.issues.begin()->path == "Bundle.entry[1].fullUrl");
  BOOST_TEST(outcome.issues.begin()->line == 5U);
}

BOOST_AUTO_TEST_CASE(the_limit_is_that_of_one_entry) {
  std::string text = "<Bundle xmlns=\"http://hl7.org/fhir\">";
  for (int i = 0; i < 100; ++i) text += "<entry><fullUrl value=\"urn:x\"/></entry>";
  BOOST_TEST(run(text + "</Bundle>", 7, 80).good);
  const Outcome large = run(
      text + "<entry><fullUrl value=\"" + std::string(80, 'x') + "\"/></entry></Bundle>", 7, 80);
  BOOST_TEST(!large.good);
  BOOST_TEST((large.issues.list().back().code == IssueCode::too_costly));
}

BOOST_AUTO_TEST_SUITE_END()
