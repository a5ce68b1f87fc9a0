#include "fhir/json/bundle_stream.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

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
Outcome run(std::string_view text, std::size_t piece, const json::ReadOptions& options = {}) {
  Outcome outcome;
  json::BundleStream stream{[&](Document& entry, std::uint32_t index) {
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
    {R"({"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"a"},{"fullUrl":"b"}]})",
     R"({"resourceType":"Bundle","type":"batch"})", "0{\"fullUrl\":\"a\"}\n1{\"fullUrl\":\"b\"}\n",
     "entries last"},
    {R"({ "entry" : [ {"fullUrl":"]}\"{["} ] , "resourceType":"Bundle","id":"x"})",
     R"({"resourceType":"Bundle","id":"x"})", "0{\"fullUrl\":\"]}\\\"{[\"}\n",
     "entries first, and brackets in a string"},
    {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry")"
     R"(:[{}]}}],"total":1})",
     R"({"resourceType":"Bundle","total":1})",
     "0{\"resource\":{\"resourceType\":\"Bundle\",\"entry\":[{}]}}\n", "a Bundle in a Bundle"},
    {R"({"resourceType":"Bundle","link":[{"relation":"entry","url":"u"}]})",
     R"({"resourceType":"Bundle","link":[{"relation":"entry","url":"u"}]})", "", "no entries"},
    {R"({"resourceType":"Bundle","identifier":{"value":"entry"},"entry":[{"fullUrl":"a"}]})",
     R"({"resourceType":"Bundle","identifier":{"value":"entry"}})", "0{\"fullUrl\":\"a\"}\n",
     "the word elsewhere"},
};

constexpr std::string_view broken[] = {
    R"({"resourceType":"Bundle","entry":[{"fullUrl":"a"})",
    R"({"resourceType":"Bundle","entry":[{"fullUrl":"a"},]})",
    R"({"resourceType":"Bundle","entry":[{"fullUrl":"a"}{"fullUrl":"a"}]})",
    R"({"resourceType":"Bundle","entry":[,{"fullUrl":"a"}]})",
    R"({"resourceType":"Bundle","entry":[null]})",
    R"({"resourceType":"Bundle","entry":[{"fullUrl":}]})",
    R"({"resourceType":"Bundle","entry":[{}],"entry":[{}]})",
    R"({"resourceType":"Bundle","entry":[{}])",
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
  const Outcome outcome =
      run("{\"resourceType\":\"Bundle\",\n\"entry\":[{},\n  {\"fullUrl\":null}]}", 5);
  BOOST_REQUIRE_EQUAL(outcome.issues.size(), 1U);
  BOOST_TEST(outcome.issues.begin()->path == "Bundle.entry[1].fullUrl");
  BOOST_TEST(outcome.issues.begin()->line == 3U);
  BOOST_TEST(outcome.issues.begin()->column == 4U);
}

BOOST_AUTO_TEST_CASE(the_limit_is_that_of_one_entry) {
  json::ReadOptions options;
  options.bytes_max = 40;
  std::string text = R"({"resourceType":"Bundle","entry":[)";
  for (int i = 0; i < 100; ++i) text += R"({"fullUrl":"urn:x"},)";
  BOOST_TEST(run(text + R"({}]})", 7, options).good);
  const Outcome large =
      run(text + R"({"fullUrl":"0123456789012345678901234567890123"}]})", 7, options);
  BOOST_TEST(!large.good);
  BOOST_TEST((large.issues.list().back().code == IssueCode::too_costly));
}

BOOST_AUTO_TEST_CASE(the_callee_may_stop) {
  Issues issues;
  json::BundleStream stream{[](Document&, std::uint32_t) { return false; }, issues};
  BOOST_TEST(!stream.push(R"({"resourceType":"Bundle","entry":[{},{}]})"));
  BOOST_TEST(stream.entries() == 1U);
  BOOST_TEST(issues.ok());
}

BOOST_AUTO_TEST_SUITE_END()
