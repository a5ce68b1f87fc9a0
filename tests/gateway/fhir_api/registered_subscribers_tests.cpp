#include "gateway/fhir_api/registered_subscribers.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

using namespace cpis::fhir_api;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(registered_subscribers_tests)

namespace {

const std::vector<std::string> allowed{"https://ehr.example/hooks", "http://127.0.0.1:9000/",
                                       "http://[::1]:9000", "http://ehr.example/plain"};

struct Row {
  std::string_view endpoint;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

const Row rows[] = {
    {"https://ehr.example/hooks", true, "the url itself"},
    {"https://ehr.example/hooks/ward-7?x=1", true, "below it"},
    {"http://127.0.0.1:9000/hook", true, "this machine without TLS"},
    {"http://[::1]:9000/hook", true, "this machine by IPv6"},
    {"", false, "nothing"},
    {"https://ehr.example/hooks-of-others", false, "beside it"},
    {"https://ehr.example/other", false, "elsewhere on the host"},
    {"https://ehr.example.evil.example/hooks", false, "a longer host"},
    {"https://ehr.example:444/hooks", false, "another port"},
    {"https://ehr.example@evil.example/hooks", false, "the host as a user"},
    {"https://ehr.example/hooks/../admin", false, "a way out"},
    {"https://ehr.example/hooks/%2e%2e/admin", false, "an encoded way out"},
    {"https://ehr.example/hooks#x", false, "a fragment"},
    {"https://ehr.example\\hooks", false, "a backslash"},
    {"https://ehr.example/hooks a", false, "a blank"},
    {"HTTPS://ehr.example/hooks", false, "another spelling"},
    {"http://ehr.example/plain", false, "no TLS to another machine, though it is listed"},
    {"http://127.0.0.1.evil.example:9000/hook", false, "a host that begins like this machine"},
    {"http://127.0.0.1:9001/hook", false, "another port of this machine"},
    {"file:///etc/passwd", false, "another scheme"},
};

}  // namespace

BOOST_DATA_TEST_CASE(an_endpoint_lies_below_an_allowed_url, data::make(rows), row) {
  BOOST_TEST(is_allowed_endpoint(row.endpoint, allowed) == row.good);
  BOOST_TEST(!is_allowed_endpoint(row.endpoint, {}));
}

BOOST_AUTO_TEST_SUITE_END()
