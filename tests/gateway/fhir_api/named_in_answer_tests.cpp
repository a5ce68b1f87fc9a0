#include "gateway/fhir_api/named_in_answer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(named_in_answer_tests)

namespace {

struct Case {
  std::string_view body, names, why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

std::string names_of(std::string_view body) {
  std::string names;
  for (const NamedResource& each : named_in(body)) names += each.text(true) + ' ';
  return names;
}

constexpr Case cases[] = {
    {R"({"resourceType":"Patient","id":"p1","meta":{"versionId":"3"}})", "Patient/p1/_history/3 ",
     "a resource"},
    {R"({"id":"p1","active":true,"resourceType":"Patient"})", "Patient/p1 ", "in any order"},
    {R"({"resourceType":"Patient","id":"p1","contained":[{"resourceType":"Flag","id":"c"}]})",
     "Patient/p1 ", "what is contained is a part of it"},
    {R"({"resourceType":"Patient","id":"p1","name":[{"id":"n1","text":"\"id\":\"x\" {[\\"}]})",
     "Patient/p1 ", "ids of elements and quotes in texts are none"},
    {R"({"resourceType":"Bundle","id":"b","entry":[)"
     R"({"fullUrl":"https://x/Patient/p1","resource":{"resourceType":"Patient","id":"p1"},)"
     R"("search":{"mode":"match"}},)"
     R"({"resource":{"resourceType":"Flag","id":"f","subject":{"reference":"Patient/p2"}}}]})",
     "Patient/p1 Flag/f ", "the entries of a Bundle, and not what they refer to"},
    {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"f"}},)"
     R"({"resource":{"resourceType":"Flag","id":"f"}}]})",
     "Flag/f ", "each once"},
    {R"({"resourceType":"Bundle","type":"history","entry":[)"
     R"({"fullUrl":"https://x/FHIR/R4/Patient/p1",)"
     R"("request":{"method":"DELETE","url":"Patient/p1"}},)"
     R"({"fullUrl":"https://x/FHIR/R4/Patient/p1",)"
     R"("resource":{"resourceType":"Patient","id":"p1","meta":{"versionId":"1"}}}]})",
     "Patient/p1 Patient/p1/_history/1 ", "the end of a resource in a history"},
    {R"({"resourceType":"OperationOutcome","id":"o"})", "", "an outcome"},
    {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"OperationOutcome",)"
     R"("id":"w"}},{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Parameters","id":"1"}}]})",
     "", "outcomes and parameters among entries"},
    {R"({"resourceType":"ValueSet","expansion":{"total":1}})", "", "without an id"},
    {"", "", "nothing"},
    {R"({"resourceType":"Patient","id":"p1)", "Patient/p1 ", "cut off"},
    {R"("]}{["\)", "", "no JSON"},
};

}  // namespace

BOOST_DATA_TEST_CASE(an_answer_names_what_it_shows, boost::unit_test::data::make(cases), row) {
  BOOST_TEST(names_of(row.body) == row.names);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_nested_too_deeply_is_not_followed) {
  const std::string deep(100'000, '[');
  BOOST_TEST(named_in(R"({"resourceType":"Patient","id":"p1","x":)" + deep).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
