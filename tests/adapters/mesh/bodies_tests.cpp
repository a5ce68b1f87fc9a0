#include "adapters/mesh/bodies.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "adapters/mesh/codes.h"
#include "tests/support/golden.h"

using namespace cpis;
using namespace cpis::mesh;

BOOST_AUTO_TEST_SUITE(bodies_tests)

namespace {

std::string told(const MeshError& error) {
  return "error message=" + error.message_id + " event=" + error.event + " code=" + error.code +
         " text=" + error.text + "\n";
}

// What each reader makes of one body.
std::string told(const std::string& body) {
  std::string out;
  if (const auto page = read_inbox(body)) {
    out += "inbox";
    for (const std::string& id : page->messages) out += ' ' + id;
    out += " next=" + page->next;
    if (page->approximate_count) out += " about=" + std::to_string(*page->approximate_count);
    out += '\n';
  }
  if (const auto id = read_sent(body)) out += "sent " + *id + '\n';
  if (const auto tracking = read_tracking(body)) {
    out += "tracking " + tracking->message_id + " local=" + tracking->local_id +
           " workflow=" + tracking->workflow + " to=" + tracking->recipient + " is " +
           std::string{name_of(tracking->stage)} + " code=" + tracking->status_code +
           " text=" + tracking->status_text + '\n';
  }
  return out + told(read_error(body));
}

}  // namespace

BOOST_AUTO_TEST_CASE(bodies_are_read_as_kept) {
  test::check_golden_cases("mesh", 12, [](const std::string& body) { return told(body); });
}

BOOST_AUTO_TEST_CASE(an_inbox_is_written_for_the_version_that_was_asked_for) {
  const InboxPage page{{"A1", "B2"}, "/messageexchange/X/inbox?continue_from=k", 12};
  const auto two = read_inbox(write_inbox(page, "/messageexchange/X/inbox", 2));
  BOOST_REQUIRE(two);
  BOOST_CHECK(*two == page);
  const auto one = read_inbox(write_inbox(page, "/messageexchange/X/inbox", 1));
  BOOST_REQUIRE(one);
  BOOST_TEST(one->messages == page.messages, boost::test_tools::per_element());
  BOOST_TEST(one->next.empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_in_both_versions) {
  const Tracking sent{"M1",           "cpis-E10-42", "W",    "X26ABC2",
                      "acknowledged", "00",          "done", Stage::acknowledged};
  const Tracking lost{"M1", "cpis-E10-42",   "W",          "X26ABC2", "undeliverable",
                      "14", "not collected", Stage::failed};
  const MeshError error{"M1", "SEND", "12", "Unregistered to address"};
  for (const int version : {1, 2}) {
    BOOST_TEST(*read_sent(write_sent("M1", version)) == "M1");
    BOOST_CHECK(read_tracking(write_tracking(sent, version))->stage == Stage::acknowledged);
    BOOST_CHECK(read_tracking(write_tracking(lost, version))->stage == Stage::failed);
    BOOST_TEST(read_tracking(write_tracking(lost, version))->status_code == "14");
    BOOST_CHECK(read_error(write_error(error, version)) == error);
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_could_leave_its_path_is_none) {
  BOOST_TEST(is_message_id("20200529155357895317_3573F8"));
  BOOST_TEST(is_message_id("SIMPLE_MESSAGE"));
  for (const char* id : {"", ".", "..", "a/b", "a?b", "a b", "a%2F"})
    BOOST_TEST(!is_message_id(id));
  BOOST_TEST(!is_message_id(std::string(101, 'A')));
  BOOST_TEST(!read_inbox(R"({"messages":["../other/inbox"]})"));
}

BOOST_AUTO_TEST_CASE(a_failure_says_what_its_caller_has_to_do) {
  const auto with = [](std::string code) { return MeshError{"", "SEND", std::move(code), ""}; };
  BOOST_CHECK(retry_of(503, {}) == Retry::later);
  BOOST_CHECK(retry_of(500, with("12")) == Retry::later);
  BOOST_CHECK(retry_of(429, {}) == Retry::later);
  BOOST_CHECK(retry_of(403, {}) == Retry::configuration);
  BOOST_CHECK(retry_of(417, with("12")) == Retry::configuration);
  BOOST_CHECK(retry_of(406, {}) == Retry::configuration);
  BOOST_CHECK(retry_of(400, with("06")) == Retry::configuration);
  BOOST_CHECK(retry_of(417, with("15")) == Retry::never);
}

BOOST_AUTO_TEST_CASE(the_published_codes_are_all_known) {
  for (const char* code : {"02", "06", "07", "08", "11", "12", "14", "15", "16", "17"}) {
    BOOST_TEST(find_code(code) != nullptr, code << " is missing");
  }
  BOOST_CHECK(remedy_of("14") == Remedy::collect);
  BOOST_CHECK(remedy_of("15") == Remedy::content);
  BOOST_CHECK(remedy_of("99") == Remedy::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
