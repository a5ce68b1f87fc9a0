#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/charset.h"
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
std::string warning_of(test::Generate& make) {
  std::string text = error_of(make);
  for (std::size_t at = 0; (at = text.find("everity=\"Error\"", at)) != std::string::npos;) {
    text.replace(at, 15, "everity=\"Warning\"");
  }
  return text;
}
std::string without(std::string text, std::string_view element) {
  const std::size_t begin = text.find("<" + std::string{element});
  const std::string close = "</" + std::string{element} + ">";
  return text.erase(begin, text.find(close, begin) + close.size() - begin);
}
std::string nameless_ack_of(test::Generate& make) {
  return without(without(ack_of(make), "eb:MessageId"), "eb:RefToMessageId");
}
std::string unserviced_ack_of(test::Generate& make) {
  return without(without(ack_of(make), "eb:Service"), "eb:Action");
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
    {"an ebXML error with status 500", Pattern::reliable, 500, error_of, ReplyKind::refused},
    {"a warning with status 500", Pattern::express, 500, warning_of, ReplyKind::unclear},
    {"a warning: the message goes on", Pattern::reliable, 200, warning_of, ReplyKind::accepted},
    {"an ack without ids", Pattern::reliable, 202, nameless_ack_of, ReplyKind::accepted},
    {"an ack by its element alone", Pattern::reliable, 202, unserviced_ack_of, ReplyKind::accepted},
    {"504 from a proxy", Pattern::sync, 504, garbage, ReplyKind::unclear},
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

namespace {

// An answer as Spine sends it, its parts in any order and under any names.
struct Sent {
  EbxmlHeader header;
  std::string envelope, payload = "<QUQI_IN010000UK14 xmlns=\"urn:hl7-org:v3\"/>";
};
Sent sent(test::Generate& make) {
  Sent out{some_header(make), {}};
  const HttpContent whole = write_ebxml(out.header, out.payload);
  auto parts = read_mime(whole.content_type, whole.body);
  BOOST_REQUIRE(parts.value);
  out.envelope = parts.value->front().body;
  return out;
}
std::string in_parts(const std::vector<MimePart>& parts) { return write_mime(parts, "b b"); }

}  // namespace

// RFC 2387: `start` names the envelope; ebMS 2.0, 3.2: the manifest names the payload.
BOOST_AUTO_TEST_CASE(parts_are_found_by_their_names_before_their_order) {
  test::Generate make{86};
  const Sent made = sent(make);
  const MimePart envelope{"root@x", "text/xml", made.envelope};
  const MimePart payload{made.header.message_id + "@spine.nhs.uk", "application/xml", made.payload};
  const MimePart image{"image@x", "image/png", "not XML"};
  const auto read = [](std::string_view type, const std::vector<MimePart>& parts) {
    const auto message = read_ebxml(type, in_parts(parts));
    BOOST_REQUIRE(message.value);
    return *message.value;
  };
  const std::string named = "multipart/related; boundary=\"b b\"; start=\"<root@x>\"";
  const std::string bare = "Multipart/Related;start=root@x ; type=text/xml; boundary=\"b b\"";
  for (const std::string& type : {named, bare}) {
    for (const auto& parts :
         {std::vector{envelope, payload, image}, std::vector{envelope, image, payload},
          std::vector{image, payload, envelope}}) {
      const EbxmlMessage message = read(type, parts);
      BOOST_TEST((message.header == made.header));
      BOOST_TEST(message.payload == made.payload);
      BOOST_REQUIRE_EQUAL(message.attachments.size(), 1U);
      BOOST_TEST((message.attachments[0] == image));
    }
  }
  // Names that fit nothing: then the order counts, as at Spine.
  const MimePart unnamed{"", "application/xml", made.payload};
  const EbxmlMessage message =
      read("multipart/related; boundary=\"b b\"; start=\"<gone@x>\"", {envelope, unnamed, image});
  BOOST_TEST(message.payload == made.payload);
}

BOOST_AUTO_TEST_CASE(the_bytes_say_whether_a_message_has_parts) {
  test::Generate make{87};
  const Sent made = sent(make);
  const HttpContent whole = write_ebxml(made.header, made.payload);
  for (const char* type : {"text/xml", "application/octet-stream", "multipart/related", ""}) {
    const auto message = read_ebxml(type, whole.body);
    BOOST_REQUIRE(message.value);
    BOOST_TEST(message.value->payload == made.payload, type);
  }
  const std::string ack = "\r\n" + ack_of(make);
  for (const char* type : {"multipart/related; boundary=gone", "multipart/related", "text/xml"}) {
    const auto message = read_ebxml(type, ack);
    BOOST_REQUIRE(message.value);
    BOOST_TEST((message.value->kind == EbxmlKind::acknowledgment), type);
  }
}

// RFC 7303, 3: the charset of the type counts where the document says nothing.
BOOST_AUTO_TEST_CASE(a_charset_that_is_named_outside_the_document_is_undone) {
  const std::string latin = "<a>Zo\xEB \x80</a>";
  const std::string utf8 = "<a>Zo\xC3\xAB \xE2\x82\xAC</a>";
  BOOST_TEST(to_utf8("text/xml; charset=\"ISO-8859-1\"", latin) == utf8);
  BOOST_TEST(to_utf8("text/xml;charset=windows-1252", latin) == utf8);
  BOOST_TEST(to_utf8("text/xml; charset=utf-8", utf8) == utf8);
  BOOST_TEST(to_utf8("text/xml", utf8) == utf8);
  const std::string itself = "<?xml version='1.0' encoding='ISO-8859-1'?>" + latin;
  BOOST_TEST(to_utf8("text/xml; charset=iso-8859-1", itself) == itself);
  test::Generate make{88};
  const Sent made = sent(make);
  const auto message = read_ebxml(
      "multipart/related; boundary=\"b b\"",
      in_parts({{"", "text/xml", made.envelope}, {"", "text/xml; charset=iso-8859-1", latin}}));
  BOOST_REQUIRE(message.value);
  BOOST_TEST(message.value->payload == utf8);
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
