#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/fhir_api/answers.h"

namespace data = boost::unit_test::data;
using namespace cpis;

BOOST_AUTO_TEST_SUITE(could_not_ask_tests)

namespace {

struct Row {
  const char* why;
  ErrorKind kind;
  bool may_have_been_received;
  int status;
  std::string retry_after;
  std::string detail;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

constexpr const char* away = "UNABLE_TO_CALL_SERVICE";
constexpr const char* useless = "FAILURE_TO_PROCESS_MESSAGE";
const Row rows[] = {
    {"nobody at home", ErrorKind::unavailable, false, 503, "2", away},
    {"our own queue is full", ErrorKind::busy, false, 503, "2", away},
    {"the service says that it is away", ErrorKind::unavailable, true, 503, "", away},
    {"the connection broke, or nothing came", ErrorKind::timeout, true, 504, "", away},
    {"the time was over before it was sent", ErrorKind::timeout, false, 504, "", away},
    {"the answer cannot be read", ErrorKind::fault, true, 502, "", useless},
    {"our message was refused", ErrorKind::fault, false, 500, "", useless},
    {"we may not ask", ErrorKind::forbidden, true, 403, "", "ACCESS_DENIED"},
    {"no such number", ErrorKind::bad_input, false, 400, "", ""},
};

}  // namespace

// A question that may have been heard is never answered with an invitation to put it again.
BOOST_DATA_TEST_CASE(what_is_told_depends_on_what_may_have_been_heard, data::make(rows), row) {
  const http::Response told =
      fhir_api::could_not_ask_answer({{row.kind, "x"}, row.may_have_been_received});
  BOOST_TEST(told.status == row.status);
  BOOST_TEST(told.header("Retry-After") == row.retry_after);
  BOOST_TEST(told.body.find("\"total\"") == std::string::npos);
  const bool detailed = told.body.find('"' + row.detail + '"') != std::string::npos;
  BOOST_TEST((detailed || row.detail.empty()));
}

BOOST_AUTO_TEST_SUITE_END()
