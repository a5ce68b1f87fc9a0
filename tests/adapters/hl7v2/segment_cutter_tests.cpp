#include "adapters/hl7v2/segment_cutter.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/byte_search.h"

namespace data = boost::unit_test::data;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(segment_cutter_tests)

namespace {

struct CutCase {
  std::string_view text;
  std::string_view want;  // segments, with a / behind each
  std::size_t continued;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const CutCase& c) { return out << c.why; }

constexpr CutCase cut_cases[] = {
    {"MSH|a", "MSH|a/", 0, "one segment without an end"},
    {"MSH|a\rPID|b", "MSH|a/PID|b/", 0, "CR"},
    {"MSH|a\nPID|b", "MSH|a/PID|b/", 0, "LF"},
    {"MSH|a\r\nPID|b\r\nPV1|c", "MSH|a/PID|b/PV1|c/", 0, "CR LF"},
    {"MSH|a\n\n\r\rPID|b", "MSH|a/PID|b/", 0, "empty lines"},
    {"MSH|a\nPID|b\rPV1|c\nPV2|d", "MSH|a/PID|b/PV1|c/PV2|d/", 0, "one and the other"},
    {"MSH|a\rNTE|text\rof lines\rPID|b", "MSH|a/NTE|text\rof lines/PID|b/", 1,
     "a line end in a text"},
    {"MSH|a\rof\nlines", "MSH|a\rof\nlines/", 2, "to the end"},
    {"MSH|a\rPID\rPV1|c", "MSH|a/PID/PV1|c/", 0, "a name alone"},
    {"MSH|a\rPIDX|b", "MSH|a\rPIDX|b/", 1, "no name of three"},
    {"MSH|a\rPID", "MSH|a/PID/", 0, "a name alone at the end"},
    {"MSH", "MSH/", 0, "nothing but a name"},
    {"", "", 0, "nothing"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_message_is_cut_into_its_segments, data::make(cut_cases), c) {
  std::string segments;
  SegmentCutter cutter{c.text, '|'};
  while (cutter.next()) {
    BOOST_TEST(cutter.raw() == c.text.substr(cutter.begin(), cutter.end() - cutter.begin()));
    BOOST_TEST(cutter.raw().starts_with(cutter.name()));
    segments += std::string{cutter.raw()} + '/';
  }
  BOOST_TEST(segments == c.want);
  BOOST_TEST(cutter.continued_lines() == c.continued);
  BOOST_TEST(!cutter.next());
}

// Bytes beside the wanted one in value or in place, and with the high bit, are none.
BOOST_AUTO_TEST_CASE(each_place_of_a_byte_is_found) {
  const std::string pattern = "|}{|\xFC|||a\x7C\x83~|\xFF||b|\0|c";
  for (std::size_t size = 0; size < 60; ++size) {
    std::string text;
    while (text.size() < size) text += pattern[(text.size() * 7 + size) % pattern.size()];
    std::vector<std::size_t> want;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '|') want.push_back(at);
    }
    std::vector<std::size_t> got;
    each_of(text, '|', [&](std::size_t at) {
      got.push_back(at);
      return true;
    });
    BOOST_TEST(got == want, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_search_ends_when_it_is_told_to) {
  for (const std::size_t enough : {1U, 2U, 3U, 9U, 11U}) {
    std::size_t seen = 0;
    each_of("||||||||||||", '|', [&](std::size_t) { return ++seen < enough; });
    BOOST_TEST(seen == enough);
  }
}

BOOST_AUTO_TEST_SUITE_END()
