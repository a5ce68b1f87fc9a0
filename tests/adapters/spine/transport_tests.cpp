#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/ebxml.h"
#include "adapters/spine/reply.h"
#include "adapters/spine/soap.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(transport)

namespace {

EbxmlHeader some_header(test::Generate& make) {
  EbxmlHeader header;
  header.from_party = "RX1-" + make.digits(6);
  header.to_party = "YES-" + make.digits(7);
  header.cpa_id = "S" + make.digits(8);
  header.conversation_id = make.uuid();
  header.service = query_service;
  header.action = interaction::query;
  header.message_id = make.uuid();
  header.timestamp = make.time();
  if (make.coin()) header.ref_to_message_id = make.uuid();
  return header;
}

std::string fault_of(std::initializer_list<const char*> codes) {
  SoapFault fault{"SOAP:Server", "Application Exception", {}};
  for (const char* code : codes) {
    fault.errors.push_back({"urn:nhs:names:error:tms", code, "Error", "", "text"});
  }
  return write_fault(fault);
}

std::string ack_of(test::Generate& make) {
  return write_acknowledgment(some_header(make), make.uuid(), make.time()).body;
}
std::string error_of(test::Generate& make) {
  return write_message_error(some_header(make), make.uuid(), make.time(),
                             {{"ValueNotRecognized", "Error", "501319:Unknown eb:CPAId"}})
      .body;
}
std::string nrf_of(test::Generate& make) {
  Wrapper wrapper;
  wrapper.message_id = make.uuid();
  wrapper.refers_to = make.uuid();
  return write_soap({}, write_query_failed(wrapper, {no_records_reason()}));
}

struct Row {
  const char* why;
  Pattern pattern;
  int status;
  std::string (*body)(test::Generate&);
  ReplyKind kind;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

std::string nothing(test::Generate&) { return ""; }
std::string garbage(test::Generate&) { return "<html>Service here</html>"; }
std::string passing(test::Generate&) { return fault_of({"200", "206"}); }
std::string mixed(test::Generate&) { return fault_of({"200", "300"}); }
std::string denied(test::Generate&) { return fault_of({"300"}); }
std::string duplicate(test::Generate&) { return fault_of({"401"}); }
std::string bare_fault(test::Generate&) { return fault_of({}); }

const Row rows[] = {
    {"express accepted", Pattern::express, 202, nothing, ReplyKind::accepted},
    {"reliable accepted with an ack", Pattern::reliable, 202, ack_of, ReplyKind::accepted},
    {"an ack with status 200", Pattern::reliable, 200, ack_of, ReplyKind::accepted},
    {"an ebXML error", Pattern::reliable, 200, error_of, ReplyKind::refused},
    {"a sync answer", Pattern::sync, 200, nrf_of, ReplyKind::answered},
    {"a sync answer of rubbish", Pattern::sync, 200, garbage, ReplyKind::unclear},
    {"a sync answer of nothing", Pattern::sync, 200, nothing, ReplyKind::unclear},
    {"an async response of rubbish", Pattern::express, 200, garbage, ReplyKind::unclear},
    {"a passing fault", Pattern::reliable, 500, passing, ReplyKind::resend},
    {"a fault of which one code is not passing", Pattern::reliable, 500, mixed, ReplyKind::refused},
    {"access denied", Pattern::sync, 500, denied, ReplyKind::refused},
    {"a duplicate id: the first attempt arrived", Pattern::reliable, 500, duplicate,
     ReplyKind::accepted},
    {"a fault that says nothing", Pattern::reliable, 500, bare_fault, ReplyKind::unclear},
    {"500 with rubbish", Pattern::reliable, 500, garbage, ReplyKind::unclear},
    {"502 from a proxy", Pattern::sync, 502, nothing, ReplyKind::unclear},
    {"503 from a proxy", Pattern::sync, 503, nothing, ReplyKind::resend},
    {"403", Pattern::express, 403, nothing, ReplyKind::refused},
    {"404", Pattern::express, 404, garbage, ReplyKind::refused},
};

}  // namespace

BOOST_DATA_TEST_CASE(http_responses_are_judged_by_what_may_have_happened, data::make(rows), row) {
  test::Generate make{81};
  const Reply reply = read_reply(row.pattern, row.status, "text/xml", row.body(make));
  BOOST_TEST((reply.kind == row.kind));
  BOOST_TEST(reply.answer.has_value() == (row.kind == ReplyKind::answered));
}

BOOST_AUTO_TEST_CASE(ebxml_messages_read_back_as_they_were_written) {
  test::Generate make{82};
  for (int i = 0; i < 200; ++i) {
    const auto pattern = make.coin() ? Pattern::express : Pattern::reliable;
    const EbxmlHeader header = with_pattern(some_header(make), pattern);
    const std::string payload = "<QUPC_IN000006GB01 xmlns=\"urn:hl7-org:v3\"/>";
    const HttpContent sent = write_ebxml(header, payload);
    for (const std::string& type : {sent.content_type, std::string{}}) {
      const auto read = read_ebxml(type, sent.body);
      BOOST_REQUIRE(read.value);
      const EbxmlMessage want{EbxmlKind::message, header, {}, payload, {}};
      BOOST_TEST((*read.value == want));
      BOOST_TEST(read.findings.empty());
    }
    BOOST_TEST(sent.soap_action == "urn:nhs:names:services:cpisquery/QUPC_IN000006GB01");
  }
}

BOOST_AUTO_TEST_CASE(signals_swap_the_parties_and_name_what_they_are_about) {
  test::Generate make{83};
  const EbxmlHeader header = some_header(make);
  const std::string id = make.uuid();
  const auto ack = read_ebxml("text/xml", write_acknowledgment(header, id, make.time()).body);
  BOOST_REQUIRE(ack.value);
  BOOST_TEST((ack.value->kind == EbxmlKind::acknowledgment));
  BOOST_TEST(ack.value->header.from_party == header.to_party);
  BOOST_TEST(ack.value->header.to_party == header.from_party);
  BOOST_TEST(ack.value->header.ref_to_message_id == header.message_id);
  BOOST_TEST(ack.value->header.conversation_id == header.conversation_id);

  const std::vector<EbxmlError> errors{{"ValueNotRecognized", "Error", "501319:Unknown eb:CPAId"}};
  const auto error =
      read_ebxml("text/xml", write_message_error(header, id, make.time(), errors).body);
  BOOST_REQUIRE(error.value);
  BOOST_TEST((error.value->kind == EbxmlKind::error));
  BOOST_TEST((error.value->errors == errors));
}

BOOST_AUTO_TEST_CASE(soap_messages_and_faults_read_back_as_they_were_written) {
  test::Generate make{84};
  for (int i = 0; i < 100; ++i) {
    const SoapHeader header{make.uuid(),     make.words(2),  "https://spine.example/sync-service",
                            make.words(2),   make.words(1),  make.coin() ? make.uuid() : "",
                            make.digits(12), make.digits(12)};
    const auto read = read_soap(write_soap(header, "<x/>"));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((read.value->header == header));
    BOOST_TEST(!read.value->fault.has_value());

    const SoapFault fault{"SOAP:Server",
                          make.words(3),
                          {{"ctx", make.digits(3), "Error", make.words(2), make.words(4)}}};
    const auto refused = read_soap(write_fault(fault));
    BOOST_REQUIRE(refused.value && refused.value->fault);
    BOOST_TEST((*refused.value->fault == fault));
  }
}

BOOST_AUTO_TEST_SUITE_END()
