#include "adapters/mesh/message.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

using namespace cpis;
using namespace cpis::mesh;

BOOST_AUTO_TEST_SUITE(message_tests)

namespace {

const Envelope upload{"X26ABC1",       "X26ABC2", "CPIS_UPLOAD",     "cpis-E10-42", "upload",
                      "E10-42.xml.gz", "abc:123", "application/xml", true,          {1, 3}};

struct Step {
  int status;
  std::optional<ChunkRange> range;
  std::size_t asked;
  int next;  // -1: refused
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Step& one) { return out << one.why; }

const std::vector<Step> steps{
    {200, std::nullopt, 1, 0, "a whole message without a range"},
    {200, ChunkRange{1, 1}, 1, 0, "one of one"},
    {200, ChunkRange{2, 2}, 1, 0, "a whole message with its last chunk's range"},
    {206, ChunkRange{1, 3}, 1, 2, "the first of three"},
    {206, ChunkRange{2, 3}, 2, 3, "the second of three"},
    {200, ChunkRange{3, 3}, 3, 0, "the last of three"},
    {206, std::nullopt, 4, 5, "more to come, no range"},
    {200, ChunkRange{1, 3}, 1, -1, "the end at the first of three"},
    {206, ChunkRange{3, 3}, 3, -1, "more after the last"},
    {206, ChunkRange{1, 3}, 2, -1, "the first chunk again"},
    {200, ChunkRange{4, 4}, 3, -1, "another last chunk"},
    {206, std::nullopt, chunks_max, -1, "too many chunks"},
    {404, std::nullopt, 2, -1, "not there"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_envelope_is_read_as_it_was_written) {
  const auto headers = write_envelope(upload);
  BOOST_REQUIRE(headers);
  BOOST_TEST(header(*headers, "MEX-WORKFLOWID") == "CPIS_UPLOAD");
  BOOST_TEST(header(*headers, "mex-chunk-range") == "1:3");
  BOOST_TEST(header(*headers, "content-encoding") == "gzip");
  const auto again = read_envelope(*headers);
  BOOST_REQUIRE(again);
  BOOST_CHECK(*again == upload);
}

BOOST_AUTO_TEST_CASE(a_message_in_one_piece_has_no_range) {
  Envelope one = upload;
  one.range = {1, 1};
  one.gzip = false;
  const auto headers = write_envelope(one);
  BOOST_REQUIRE(headers);
  BOOST_TEST(header(*headers, "mex-chunk-range").empty());
  BOOST_TEST(header(*headers, "content-encoding").empty());
}

BOOST_AUTO_TEST_CASE(headers_that_mesh_refuses_are_not_written) {
  const auto refused = [](const auto& change) {
    Envelope one = upload;
    change(one);
    return !write_envelope(one);
  };
  BOOST_TEST(refused([](Envelope& one) { one.to.clear(); }));
  BOOST_TEST(refused([](Envelope& one) { one.workflow.clear(); }));
  BOOST_TEST(refused([](Envelope& one) { one.to = std::string(101, 'X'); }));
  BOOST_TEST(refused([](Envelope& one) { one.local_id = std::string(301, 'X'); }));
  BOOST_TEST(refused([](Envelope& one) { one.file_name = "a\r\nmex-To: b"; }));
  BOOST_TEST(refused([](Envelope& one) { one.subject = "bell\a"; }));
}

BOOST_AUTO_TEST_CASE(a_foreign_envelope_is_judged_by_header) {
  const auto kind = [](Headers headers) {
    headers.emplace_back("Mex-To", "X26ABC2");
    headers.emplace_back("Mex-WorkflowID", "W");
    const auto read = read_envelope(headers);
    return read ? std::string{"taken"} : std::string{name_of(read.error().kind)};
  };
  BOOST_TEST(kind({}) == "taken");
  BOOST_TEST(kind({{"Content-Encoding", "GZIP"}}) == "taken");
  BOOST_TEST(kind({{"Content-Encoding", "br"}}) == "unsupported");
  BOOST_TEST(kind({{"mex-chunk-range", "2"}}) == "conflict");
  BOOST_TEST(kind({{"mex-subject", "a\x01"}}) == "bad-input");
}

BOOST_AUTO_TEST_CASE(ranges_are_believed_within_bounds) {
  BOOST_CHECK(read_range("2:3") == (ChunkRange{2, 3}));
  BOOST_CHECK(read_range(" 2 : 3 ") == (ChunkRange{2, 3}));
  for (const char* text :
       {"", "2", ":", "0:1", "3:2", "a:b", "1:2:3", "-1:2", "1:10001", "1:99999999999999999999"}) {
    BOOST_TEST(!read_range(text).has_value(), text << " was taken");
  }
}

BOOST_AUTO_TEST_CASE(a_report_names_the_message_that_was_not_delivered) {
  const MessageHead head = read_head({{"MEX-MESSAGETYPE", "REPORT"},
                                      {"Mex-MessageID", "R1"},
                                      {"Mex-LinkedMsgID", "M1"},
                                      {"Mex-LocalID", "cpis-E10-42"},
                                      {"Mex-StatusCode", "14"},
                                      {"Mex-StatusEvent", "SEND"},
                                      {"Mex-StatusDescription", "not collected"},
                                      {"Mex-StatusSuccess", "ERROR"}});
  BOOST_CHECK(head.kind == MessageHead::Kind::report);
  BOOST_TEST(head.linked_message == "M1");
  BOOST_TEST(head.local_id == "cpis-E10-42");
  BOOST_TEST(head.status_code == "14");
  BOOST_CHECK(read_head(write_head(head)) == head);
}

BOOST_AUTO_TEST_CASE(a_download_carries_what_the_sender_said) {
  MessageHead head;
  head.message_id = "M1";
  head.from = "X26ABC2";
  head.to = "X26ABC1";
  head.workflow = "CPIS_RESPONSE";
  head.file_name = "answer.xml";
  head.gzip = true;
  head.range = ChunkRange{1, 2};
  BOOST_CHECK(read_head(write_head(head)) == head);
}

BOOST_DATA_TEST_CASE(chunks_are_fetched_in_order_or_the_message_is_refused, steps) {
  const auto next = next_chunk(sample.status, sample.range, sample.asked);
  BOOST_TEST((next ? static_cast<int>(*next) : -1) == sample.next);
}

BOOST_AUTO_TEST_SUITE_END()
