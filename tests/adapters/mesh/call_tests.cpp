#include "adapters/mesh/call.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

using namespace cpis::mesh;

BOOST_AUTO_TEST_SUITE(call_tests)

namespace {

struct Shape {
  Call call;
  const char* method;
  const char* target;
};
std::ostream& operator<<(std::ostream& out, const Shape& one) { return out << one.target; }

const std::vector<Shape> shapes{
    {{Operation::handshake, "X26ABC1", "", 1, page_default, "", ""},
     "POST",
     "/messageexchange/X26ABC1"},
    {{Operation::list_inbox, "X26ABC1", "", 1, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/inbox"},
    {{Operation::list_inbox, "X26ABC1", "", 1, 10, "a+b/c=", "!CPIS_*"},
     "GET",
     "/messageexchange/X26ABC1/inbox?max_results=10&workflow_filter=%21CPIS_%2A&"
     "continue_from=a%2Bb%2Fc%3D"},
    {{Operation::count_inbox, "X26ABC1", "", 1, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/count"},
    {{Operation::download, "X26ABC1", "20200529155357895317_3573F8", 1, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/inbox/20200529155357895317_3573F8"},
    {{Operation::head_message, "X26ABC1", "M1", 1, page_default, "", ""},
     "HEAD",
     "/messageexchange/X26ABC1/inbox/M1"},
    {{Operation::download_chunk, "X26ABC1", "M1", 2, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/inbox/M1/2"},
    {{Operation::acknowledge, "X26ABC1", "M1", 1, page_default, "", ""},
     "PUT",
     "/messageexchange/X26ABC1/inbox/M1/status/acknowledged"},
    {{Operation::send, "X26ABC1", "", 1, page_default, "", ""},
     "POST",
     "/messageexchange/X26ABC1/outbox"},
    {{Operation::send_chunk, "X26ABC1", "M1", 3, page_default, "", ""},
     "POST",
     "/messageexchange/X26ABC1/outbox/M1/3"},
    {{Operation::track_message, "X26ABC1", "M1", 1, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/outbox/tracking?messageID=M1"},
    {{Operation::track_local, "X26ABC1", "cpis-E10-42/a", 1, page_default, "", ""},
     "GET",
     "/messageexchange/X26ABC1/outbox/tracking/cpis-E10-42%2Fa"},
    {{Operation::endpoint_lookup, "x26", "CPIS_UPLOAD", 1, page_default, "", ""},
     "GET",
     "/messageexchange/endpointlookup/x26/CPIS_UPLOAD"},
    {{Operation::workflow_search, "", "CPIS_UPLOAD", 1, page_default, "", ""},
     "GET",
     "/messageexchange/workflowsearch/CPIS_UPLOAD"},
};

struct Filter {
  const char* filter;
  bool takes;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Filter& one) { return out << one.why; }

const std::vector<Filter> filters{
    {"", true, "no filter"},
    {"CPIS_ACK", true, "exact"},
    {"CPIS", false, "exact, another"},
    {"!CPIS", true, "not exact"},
    {"!CPIS_ACK", false, "not, and it is"},
    {"CPIS*", true, "begins with"},
    {"!CPIS*", false, "does not begin with"},
    {"*IS_A*", true, "contains"},
    {"!*_ACK*", false, "does not contain"},
};

}  // namespace

BOOST_DATA_TEST_CASE(each_call_is_written_as_the_openapi_says_and_read_back, shapes) {
  const Line line = write_call(sample.call);
  BOOST_TEST(line.method == sample.method);
  BOOST_TEST(line.target == sample.target);
  const auto again = read_call(sample.method, sample.target);
  BOOST_REQUIRE(again.has_value());
  BOOST_CHECK(*again == sample.call);
}

BOOST_AUTO_TEST_CASE(paths_that_no_call_has_are_refused) {
  for (const char* target :
       {"/", "/messageexchange/", "/messageexchange//inbox", "/messageexchange/X/inbox/M/0",
        "/messageexchange/X/inbox/M/2/3", "/messageexchange/X/inbox/M/x", "/other/X/inbox",
        "/messageexchange/X/inbox?max_results=9", "/messageexchange/X/inbox?max_results=5001",
        "/messageexchange/X/outbox/tracking", "/messageexchange/X%2/inbox",
        "/messageexchange/X%00/inbox"}) {
    BOOST_TEST(!read_call("GET", target).has_value(), target << " was taken");
  }
  BOOST_TEST(!read_call("DELETE", "/messageexchange/X/inbox").has_value());
  for (const char bare : {'\0', '\n', ' ', '\x7f', '\xff'}) {
    const std::string target = std::string{"/messageexchange/X"} + bare + "Y/inbox";
    BOOST_TEST(!read_call("GET", target).has_value(), static_cast<int>(bare) << " was taken");
  }
}

BOOST_AUTO_TEST_CASE(the_next_page_stays_at_the_inbox) {
  BOOST_TEST(next_page("/messageexchange/X/inbox?max_results=10&continue_from=k%3D%3D&new=1", "X")
                 .value() == "/messageexchange/X/inbox?max_results=10&continue_from=k%3D%3D&new=1");
  BOOST_TEST(
      next_page("https://mesh.example/messageexchange/X/inbox?continue_from=k", "X").value() ==
      "/messageexchange/X/inbox?continue_from=k");
  BOOST_TEST(!next_page("/messageexchange/Y/inbox?continue_from=k", "X").has_value());
  BOOST_TEST(!next_page("/messageexchange/X/outbox?continue_from=k", "X").has_value());
  BOOST_TEST(!next_page("/messageexchange/X/inbox", "X").has_value());
  BOOST_TEST(!next_page("https://elsewhere", "X").has_value());
  BOOST_TEST(!next_page("/messageexchange/X/inbox?continue_from=k\r\nHost: y", "X").has_value());
}

BOOST_DATA_TEST_CASE(workflow_filters_select_as_published, filters) {
  BOOST_TEST(filter_takes(sample.filter, "CPIS_ACK") == sample.takes);
}

BOOST_AUTO_TEST_CASE(the_accept_header_chooses_the_version) {
  BOOST_TEST(api_version("").value() == 1);
  BOOST_TEST(api_version("application/json").value() == 1);
  BOOST_TEST(api_version("application/vnd.mesh.v1+json").value() == 1);
  BOOST_TEST(api_version("text/html, application/vnd.mesh.v2+json; q=1").value() == 2);
  BOOST_TEST(!api_version("application/vnd.mesh.two+json").has_value());
  BOOST_TEST(!api_version("application/vnd.mesh.v2").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
