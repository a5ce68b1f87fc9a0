// What a hospital's messages leave beside Patient and Encounter, over FHIR.

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(companion_tests)

namespace {

constexpr std::string_view kin =
    "PD1|||MADE UP PRACTICE^^Y99901|G9999981^Hazel^Gregory^^^Dr^^^GMC\r"
    "NK1|1|OAK^MOSS^^^MR^^L|13\r";

void arrive(const RunningGateway& running) {
  BOOST_TEST(has(running.send(adt("A04", child_without_record, "20180412", "E", "V1", "C1", kin)),
                 "MSA|AA|C1"));
  running.settle();
}

}  // namespace

BOOST_AUTO_TEST_CASE(next_of_kin_staff_and_the_message_of_a_visit_are_found_over_fhir) {
  const RunningGateway running;
  arrive(running);
  const std::string base = "/FHIR/R4/";
  const std::string related = running.get(base + "RelatedPerson?patient=9990000026");
  BOOST_TEST(has(related, "200 "));
  BOOST_TEST(has(related, "\"MOSS\""));
  BOOST_TEST(has(running.get(base + "Practitioner?family=Hazel"), "\"Gregory\""));
  BOOST_TEST(has(running.get(base + "Organization?name=MADE"), "Y99901"));
  const std::string visits =
      running.get(base + "Encounter?patient=9990000026&_revinclude=Provenance:target");
  BOOST_TEST(has(visits, "urn:cpis-gateway:message"));
  const std::string visit = between(visits, "FHIR/R4/Encounter/", "\"");
  const std::string told = running.get(base + "Provenance/" + visit);
  BOOST_TEST(has(told, "200 "));
  BOOST_TEST(has(told, "\"Encounter/" + visit + "\""));
  BOOST_TEST(has(running.get(base + "Provenance?target=Encounter/" + visit), "\"total\":1"));
  // The message it names is one that the store shows.
  const std::string id = between(told, "\"value\":\"", "\"");
  BOOST_TEST(has(running.get("/admin/messages/" + id), "\"control_id\":\"C1\""));
}

BOOST_AUTO_TEST_CASE(nobody_lists_the_next_of_kin_of_all) {
  const RunningGateway running;
  arrive(running);
  for (const std::string type : {"RelatedPerson", "Coverage", "EpisodeOfCare", "Provenance"}) {
    BOOST_TEST(has(running.get("/FHIR/R4/" + type), "400 "), type);
  }
  BOOST_TEST(has(running.get("/FHIR/R4/Location"), "200 "));
}

BOOST_AUTO_TEST_CASE(companions_are_there_after_a_restart) {
  RunningGateway running;
  arrive(running);
  running.restart();
  BOOST_TEST(has(running.get("/FHIR/R4/RelatedPerson?patient=9990000026"), "\"MOSS\""));
}

BOOST_AUTO_TEST_CASE(without_companions_there_are_none) {
  const RunningGateway running{"hl7v2.companions = no\n"};
  arrive(running);
  BOOST_TEST(has(running.get("/FHIR/R4/Patient/9990000026"), "200 "));
  BOOST_TEST(has(running.get("/FHIR/R4/RelatedPerson?patient=9990000026"), "\"total\":0"));
}

// A hospital that never comes back after a restart has an age too: its silence is what alarms.
BOOST_AUTO_TEST_CASE(a_feed_that_nothing_came_in_by_has_an_age) {
  RunningGateway running;
  const std::string age = "cpis_feed_last_message_age_seconds{feed=\"ed\"} ";
  BOOST_TEST(has(running.get("/metrics"), age + "0"));
  BOOST_TEST(has(running.get("/metrics"), "cpis_feed_messages_received_total{feed=\"ed\"} 0"));
  arrive(running);
  BOOST_TEST(has(running.get("/metrics"), "cpis_feed_messages_received_total{feed=\"ed\"} 1"));
  running.restart();
  BOOST_TEST(has(running.get("/metrics"), age));
}

// Taken again after newer ones, the first message changes nothing that they said.
BOOST_AUTO_TEST_CASE(an_old_message_that_is_replayed_leaves_the_newer_person) {
  const RunningGateway running;
  std::string older = adt("A04", child_without_record, "20180412", "E", "V1", "C1", kin);
  const std::string sent = between(older, "CPIS|RXX01|", "|");
  for (std::size_t at = older.find(sent); at != std::string::npos; at = older.find(sent)) {
    older.replace(at, sent.size(), "20260105090000");
  }
  running.send(older);
  running.settle();
  const std::string id = between(running.get("/admin/messages?count=1"), "\"id\":\"", "\"");
  running.send(adt("A08", child_without_record, "20180413", "E", "V1", "C2", kin));
  running.settle();
  const std::string before = running.get("/FHIR/R4/Patient/9990000026");
  BOOST_TEST(has(before, "2018-04-13"));
  BOOST_TEST(has(running.request("POST", "/admin/messages/" + id + "/replay", "", ""), "200 "));
  running.settle();
  const std::string after = running.get("/FHIR/R4/Patient/9990000026");
  BOOST_TEST(between(after, "ETag: ", "\r") == between(before, "ETag: ", "\r"));
  BOOST_TEST(has(after, "2018-04-13"));
}

BOOST_AUTO_TEST_SUITE_END()
