#include <boost/test/unit_test.hpp>

#include "adapters/spine/query.h"
#include "adapters/spine/smsp.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"

using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(query)

namespace {

Query some_query(test::Generate& make) {
  Query query{make.uuid(), make.time(), make.digits(12), make.digits(12), make.access()};
  return query;
}

std::string written(const Query& query, ScheduledMarker marker = ScheduledMarker::not_configured) {
  const auto xml = write_query(query, marker);
  BOOST_REQUIRE_MESSAGE(xml, (xml ? "" : xml.error().message));
  return *xml;
}

}  // namespace

BOOST_AUTO_TEST_CASE(queries_read_back_as_they_were_written) {
  test::Generate make{41};
  for (int i = 0; i < 300; ++i) {
    const Query query = some_query(make);
    const auto read = read_query(written(query));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == query));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(written_queries_are_valid_against_the_published_schema) {
  if (!test::schemas_here()) return;
  test::Generate make{42};
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(test::why_invalid(written(some_query(make)), "QUPC_IN000006GB01.xsd") == "");
  }
}

// Safety: without the marker a scheduled query would notify social care.
BOOST_AUTO_TEST_CASE(a_scheduled_query_is_refused_until_the_place_of_its_marker_is_configured) {
  test::Generate make{43};
  Query query = some_query(make);
  query.event.by.setting = CareSetting::scheduled;
  const auto refused = write_query(query, ScheduledMarker::not_configured);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == ErrorKind::unsupported));
  for (const auto marker : {ScheduledMarker::first_child, ScheduledMarker::query_parameter}) {
    const auto read = read_query(written(query, marker));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == query));
  }
}

BOOST_AUTO_TEST_CASE(an_unscheduled_query_never_carries_the_marker) {
  test::Generate make{44};
  for (const auto marker : {ScheduledMarker::first_child, ScheduledMarker::query_parameter}) {
    BOOST_TEST(written(some_query(make), marker).find("accessEventType") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(nobody_asks_without_a_name_a_role_and_an_organisation) {
  test::Generate make{45};
  for (std::string Caller::*member :
       {&Caller::organisation_code, &Caller::organisation_name, &Caller::role_code,
        &Caller::role_name, &Caller::person_name}) {
    Query query = some_query(make);
    (query.event.by.*member).clear();
    const auto refused = write_query(query, ScheduledMarker::not_configured);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == ErrorKind::bad_input));
  }
}

BOOST_AUTO_TEST_CASE(a_person_is_named_in_the_wrapper_too_and_a_system_is_not) {
  test::Generate make{46};
  Query query = some_query(make);
  query.event.by = make.person();
  query.event.by.role_profile_id = "100000000001";
  BOOST_TEST(written(query).find("AgentPersonSDS") != std::string::npos);
  query.event.by = make.system();
  BOOST_TEST(written(query).find("AgentPersonSDS") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(smsp_queries_read_back_as_they_were_written) {
  test::Generate make{47};
  for (int i = 0; i < 100; ++i) {
    const ItkHead head{make.uuid(), "uuid_" + make.uuid(), "RX1", "RX2"};
    const AccessEvent event = make.access();
    const auto xml = write_smsp_query(head, event, ScheduledMarker::not_configured);
    BOOST_REQUIRE(xml);
    const auto read = read_smsp_query(*xml);
    BOOST_REQUIRE(read.value);
    BOOST_TEST((read.value->head == head));
    BOOST_TEST((read.value->event == event));
  }
}

BOOST_AUTO_TEST_SUITE_END()
