#include "gateway/usecases/subscription.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/usecases/notification.h"

namespace cpis::usecases {
namespace {

namespace data = boost::unit_test::data;

const std::string folder = "https://cpis-gateway.example/fhir/SubscriptionTopic/";

struct Row {
  std::string criteria;
  std::string filter;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

const Row rows[] = {
    {folder + "notice-for-council", "", true, "a topic by its url"},
    {folder + "notice-for-council|1.0", "AuditEvent?organization=999", true, "with a version"},
    {"Flag?topic=plan-changed-for-a-person-present", "", true, "a topic for clients of R4"},
    {"Encounter?topic=check-could-not-be-completed&service-provider=RXX01", "", true,
     "the name that R4 has for the place"},
    {"Encounter?topic=check-could-not-be-completed&patient:identifier=x%7C9990000018", "", true,
     "a patient by NHS number"},
    {"", "", false, "nothing"},
    {folder, "", false, "a folder of topics"},
    {folder + "Notice-for-council", "", false, "another case"},
    {"Encounter?topic=plan-changed-for-a-person-present", "", false, "another focus"},
    {"Encounter?topic=check-could-not-be-completed&topic=check-could-not-be-completed", "", false,
     "two topics"},
    {"Encounter?status=arrived", "", false, "a search"},
    {"Encounter?topic=check-could-not-be-completed&birthdate=2018", "", false, "no filter of ours"},
    {"Encounter?topic=check-could-not-be-completed&patient:missing=true", "", false, "a modifier"},
    {"Encounter?topic=check-could-not-be-completed&patient=", "", false, "an empty value"},
    {folder + "notice-for-council", "Encounter?organization=999", false,
     "a filter of another type"},
    {folder + "notice-for-council", "organization=999", false, "a filter without a type"},
    {folder + "notice-for-council", "AuditEvent?organization=a b", false, "a value with a blank"},
};

Subscription example() {
  fhir::Document doc;
  fhir::Issues issues;
  const std::string text =
      R"({"resourceType":"Subscription","id":"s1","status":"active","reason":"x","criteria":")" +
      folder +
      R"(person-with-a-record-has-arrived","channel":{"type":"rest-hook",)"
      R"("endpoint":"https://ehr.example/hook","payload":"application/fhir+json","_payload":)"
      R"({"extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/)"
      R"(StructureDefinition/backport-payload-content","valueCode":"full-resource"}]},)"
      R"("extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/)"
      R"(StructureDefinition/backport-heartbeat-period","valueUnsignedInt":60},)"
      R"({"url":"http://hl7.org/fhir/uv/subscriptions-backport/)"
      R"(StructureDefinition/backport-timeout","valueUnsignedInt":7}]}})";
  BOOST_REQUIRE(fhir::json::read(text, doc, issues));
  auto read = read_subscription(doc.root());
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  return *std::move(read);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_tests)

BOOST_DATA_TEST_CASE(criteria_are_topics_with_filters_or_refused, data::make(rows), row) {
  std::vector<std::string_view> filters;
  if (!row.filter.empty()) filters.push_back(row.filter);
  const auto read = read_criteria(row.criteria, filters);
  BOOST_TEST(static_cast<bool>(read) == row.good, (read ? "" : read.error().message));
  if (!read) BOOST_TEST(read.error().message.starts_with("Subscription.criteria: "));
}

BOOST_AUTO_TEST_CASE(all_filters_must_be_met_by_any_of_their_values) {
  const auto read = read_criteria(folder + "person-with-a-record-has-arrived",
                                  {"Encounter?patient=Patient/1,2&organization=RXX01"});
  BOOST_REQUIRE(read);
  BOOST_TEST(read->wants("1", "RXX01"));
  BOOST_TEST(read->wants("2", "RXX01"));
  BOOST_TEST(!read->wants("3", "RXX01"));
  BOOST_TEST(!read->wants("1", "RYY01"));
  BOOST_TEST(!read->wants("", ""));
}

BOOST_AUTO_TEST_CASE(the_channel_of_the_backport_is_read) {
  const Subscription read = example();
  BOOST_TEST((read.criteria.topic == Topic::record_arrived));
  BOOST_TEST((read.content == PayloadContent::full_resource));
  BOOST_TEST(read.heartbeat_seconds == 60);
  BOOST_TEST(read.timeout_seconds == 7);
  BOOST_TEST(read.owner.empty());
}

BOOST_AUTO_TEST_CASE(content_decides_what_a_notification_discloses) {
  const Subscription subscription = example();
  store::SubscriptionEvent event{4, {}};
  event.what.at = *parse_iso_time("2026-01-05T09:00:00Z");
  event.what.focus = "Encounter/e1";
  event.what.subject = "9990000018";
  event.what.content =
      R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Flag",)"
      R"("id":"f1"}},{"resource":{"resourceType":"Encounter","id":"e1"}}]})";
  const auto bundle = [&](PayloadContent content) {
    const Notification what{
        subscription, NotificationType::event_notification, 9, {event}, content};
    return notification_bundle(what, "https://gateway.example/FHIR/R4", event.what.at);
  };
  const std::string whole = bundle(PayloadContent::full_resource);
  // The focus comes first, whatever its place was.
  BOOST_TEST(whole.find(R"("resource":{"resourceType":"Encounter")") <
             whole.find(R"("resource":{"resourceType":"Flag")"));
  BOOST_TEST(whole.find(R"("valueString":"9")") != std::string::npos);
  const std::string ids = bundle(PayloadContent::id_only);
  BOOST_TEST(ids.find("Encounter/e1") != std::string::npos);
  BOOST_TEST(ids.find(R"("resourceType":"Flag")") == std::string::npos);
  const std::string empty = bundle(PayloadContent::empty);
  BOOST_TEST(empty.find("Encounter/e1") == std::string::npos);
  BOOST_TEST(empty.find(R"("valueString":"4")") != std::string::npos);
  BOOST_TEST(shown_resources({event}, PayloadContent::full_resource) == "Encounter/e1 Flag/f1");
  BOOST_TEST(shown_resources({event}, PayloadContent::id_only) == "Encounter/e1");
  BOOST_TEST(shown_resources({event}, PayloadContent::empty) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpis::usecases
