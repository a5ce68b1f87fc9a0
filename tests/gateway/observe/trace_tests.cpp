#include "gateway/observe/trace.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <thread>

namespace data = boost::unit_test::data;
using namespace cpis::observe;

BOOST_AUTO_TEST_SUITE(trace_tests)

namespace {

struct Row {
  std::string_view correlation_id;
  std::string_view trace;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

// The hashes are those of sha256sum.
const Row rows[] = {
    {"4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736", "a trace's id"},
    {"4BF92F35-77B3-4DA6-A3CE-929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736", "a UUID"},
    {"4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736",
     "in small letters"},
    {"mine", "3fd30542fe3f61b14bd4a4b2dc0b6fb3", "any word"},
    {"", "e3b0c44298fc1c149afbf4c8996fb924", "nothing"},
    {"00000000000000000000000000000000", "84e0c0eafaa95a34c293f278ac52e45c", "zeros are no trace"},
    {"4bf92f35-77b34da6-a3ce-929d0e0e-4736", "50c7bbc2cab2f1cb5a710547767cfb70",
     "dashes at other places"},
};

}  // namespace

BOOST_DATA_TEST_CASE(each_correlation_id_has_one_trace, data::make(rows), row) {
  BOOST_TEST(trace_id_of(row.correlation_id) == row.trace);
}

BOOST_AUTO_TEST_CASE(a_call_is_of_the_innermost_scope_and_has_a_span_of_its_own) {
  BOOST_TEST(next_traceparent().empty());
  const std::string outer(32, 'a'), inner(32, 'b');
  std::set<std::string> spans;
  const auto call_of = [&](const std::string& trace) {
    const std::string header = next_traceparent();
    BOOST_REQUIRE_EQUAL(header.size(), 55U);
    BOOST_TEST(header.substr(0, 36) == "00-" + trace + '-');
    BOOST_TEST(header.substr(52) == "-01");
    BOOST_TEST(header.find_first_not_of("0123456789abcdef-") == header.npos);
    BOOST_TEST(spans.insert(header.substr(36, 16)).second);
  };
  {
    const TraceScope first{outer};
    call_of(outer);
    {
      const TraceScope second{inner};
      call_of(inner);
      const TraceScope unknown{""};
      call_of(inner);
    }
    call_of(outer);
    std::string elsewhere = "something";
    std::thread{[&] { elsewhere = next_traceparent(); }}.join();
    BOOST_TEST(elsewhere.empty());
  }
  BOOST_TEST(next_traceparent().empty());
}

BOOST_AUTO_TEST_SUITE_END()
