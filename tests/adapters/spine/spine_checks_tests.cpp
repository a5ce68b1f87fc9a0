#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/query.h"
#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(spine_checks)

namespace {

Query some_query(test::Generate& make, bool person) {
  return {make.uuid(),
          make.time(),
          make.digits(12),
          make.digits(12),
          {make.uuid(), make.time(), make.nhs_number(), person ? make.person() : make.system()}};
}

std::string written(const Query& query) {
  return *write_query(query, ScheduledMarker::not_configured);
}

struct Spoilt {
  const char* fault;
  const char* about;
  bool person;
  const char* what;
  const char* instead;
};
std::ostream& operator<<(std::ostream& out, const Spoilt& row) {
  return out << row.fault << " " << row.about;
}

const Spoilt spoilt[] = {
    {"ErrorBase1732.INVALID_ID", "", true, "<id root=", "<id toor="},
    {"ErrorBase1732.INVALID_CREATION_TIME", "", true, "<creationTime value=", "<creationTime x="},
    {"ErrorBase1732.INVALID_VERSION_CODE", "", true, "versionCode", "versionKode"},
    {"ErrorBase1732.INCONSISTENT_HL7_INTERACTION_ID", "", true, "extension=\"QUPC_IN000006GB01\"",
     "extension=\"QUPC_IN000007GB01\""},
    {"ErrorBase1732.INVALID_COMM_FUNC_RCV", "", true, "communicationFunctionRcv", "rcv"},
    {"ErrorBase1732.INVALID_COMM_FUNC_SND", "", true, "communicationFunctionSnd", "snd"},
    {"ErrorBase1732.INVALID_CONTROL_ACT", "", true, "ControlActEvent", "ControlAct"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "author1", true, "author1", "author2"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "NHS Number", true, "person.NHSnumber", "person.nhs"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "[authorPerson or authorDevice]", true,
     "AssignedAuthor>", "Nobody>"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "Job Role Code", true, "<code code=", "<code c="},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "Job Role Name", true, "displayName=", "name="},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "Organisation Name", true, "representedOrganization",
     "organization"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "authorID", true, "0.2.0.65", "0.2.0.66"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "authorDevice.orgName", false,
     "maintainingOrganization", "organization"},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "authorDevice.jobRoleCode", false,
     "<code code=", "<code c="},
    {"ErrorBase1712.MANDATORY_DATA_MISSING", "authorDevice.assignedPersonName", false,
     "assignedPerson", "person"},
};

std::string with(std::string text, std::string_view what, std::string_view instead) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + instead.size())) {
    text.replace(at, what.size(), instead);
  }
  return text;
}

SpineFaults faults_of(const std::string& xml) {
  Findings findings;
  const auto document = parse_xml(xml, findings);
  BOOST_REQUIRE(document);
  return check_query(document->root());
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_we_write_passes) {
  test::Generate make{91};
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(in_words(faults_of(written(some_query(make, make.coin())))) == "");
  }
}

// A query is checked before it is written by the same rules as after: whatever is left out of it,
// or is nothing but blanks, both find the same.
BOOST_AUTO_TEST_CASE(a_query_is_found_the_same_before_it_is_written_and_after) {
  test::Generate make{94};
  std::size_t compared = 0;
  std::size_t spoilt_ones = 0;
  for (int i = 0; i < 3'000; ++i) {
    Query query = some_query(make, make.coin());
    Caller& by = query.event.by;
    for (std::string* const field :
         {&query.message_id, &query.to_asid, &query.from_asid, &query.event.id, &by.role_code,
          &by.role_name, &by.organisation_code, &by.organisation_name, &by.person_name, &by.user_id,
          &by.system_id, &by.role_profile_id}) {
      if (make.below(10) == 0) *field = make.coin() ? " " : make.coin() ? "\n\t " : "";
    }
    const auto xml = write_query(query, ScheduledMarker::not_configured);
    if (!xml) continue;  // refused already
    const SpineFaults before = check_query(query);
    BOOST_TEST((before == faults_of(*xml)), in_words(before) << " / " << in_words(faults_of(*xml)));
    ++compared;
    spoilt_ones += before.empty() ? 0U : 1U;
  }
  BOOST_TEST(compared > 500U);
  BOOST_TEST(spoilt_ones > 100U);
}

BOOST_DATA_TEST_CASE(each_gap_raises_the_fault_that_spine_would_raise, data::make(spoilt), row) {
  test::Generate make{92};
  const SpineFaults faults =
      faults_of(with(written(some_query(make, row.person)), row.what, row.instead));
  const SpineFault want{row.fault, row.about};
  BOOST_TEST((std::find(faults.begin(), faults.end(), want) != faults.end()), in_words(faults));
}

BOOST_AUTO_TEST_CASE(each_pattern_passes_its_own_check_and_fails_the_other) {
  test::Generate make{93};
  EbxmlHeader header;
  header.from_party = header.to_party = header.cpa_id = header.conversation_id = "x";
  header.service = query_service;
  header.action = interaction::query;
  header.message_id = make.uuid();
  for (const Pattern pattern : {Pattern::express, Pattern::reliable}) {
    const HttpContent sent = write_ebxml(with_pattern(header, pattern), "<x/>");
    const auto parts = read_mime(sent.content_type, sent.body);
    BOOST_REQUIRE(parts.value);
    Findings findings;
    const auto envelope = parse_xml(parts.value->front().body, findings);
    BOOST_REQUIRE(envelope);
    const bool reliable = pattern == Pattern::reliable;
    const Pattern other = reliable ? Pattern::express : Pattern::reliable;
    BOOST_TEST(in_words(check_ebxml(envelope->root(), pattern)) == "");
    BOOST_TEST(in_words(check_ebxml(envelope->root(), other)) != "");
  }
}

BOOST_AUTO_TEST_CASE(soap_header_and_body_must_name_the_same_systems) {
  test::Generate make{94};
  const Query query = some_query(make, false);
  SoapHeader header{query.message_id,
                    "urn:nhs:names:services:cpisquery/QUPC_IN000006GB01",
                    "https://spine.example/sync-service",
                    "https://us.example/",
                    "",
                    "",
                    query.to_asid,
                    query.from_asid};
  const auto faults = [&] {
    Findings findings;
    const auto document = parse_xml(write_soap(header, written(query)), findings);
    BOOST_REQUIRE(document);
    return in_words(check_soap(document->root()));
  };
  BOOST_TEST(faults() == "");
  header.to_asid = "000000000000";
  BOOST_TEST(faults().find("INCONSISTENT_COMM_FUNC_RCV") != std::string::npos);
  header.message_id = "short";
  BOOST_TEST(faults().find("SOAP_MESSAGE_ID_ERROR") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
