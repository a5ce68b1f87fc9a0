// The end of the demo: the clinician's own system is told. A CDS card is asked for as an EHR asks,
// and a Subscription's notification is received by a real HTTP server, all through public doors.
#include <chrono>
#include <string>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/console/demo_story.h"
#include "gateway/console/http_get.h"
#include "gateway/usecases/subscription.h"

namespace cpis::console {
namespace {

constexpr std::string_view visit = "ED-000009";

bool read_json(const std::string& text, fhir::Document& doc) {
  fhir::Issues issues;
  fhir::json::ReadOptions options;
  options.fragment = true;
  options.strict = false;
  return fhir::json::read_view(text, doc, issues, options);
}

std::string call_of(const registry::IndexedPerson& person) {
  return R"({"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",)"
         R"("context":{"userId":"Practitioner/demo-clinician","patientId":"ehr-1"},)"
         R"("prefetch":{"patient":{"resourceType":"Patient","id":"ehr-1","identifier":[{)"
         R"("system":"https://fhir.nhs.uk/Id/nhs-number","value":")" +
         std::string{person.nhs_number.digits()} + R"("}]}}})";
}

// What the EHR would show; empty when there is no card of this kind.
std::string card_of(const Stage& stage, const registry::IndexedPerson& person,
                    std::string_view indicator, std::string& detail) {
  const auto answer =
      http_ask({stage.world.base + "/cds-services/cpis-patient-view", {}, {}, call_of(person)});
  fhir::Document doc;
  if (!answer || answer->status != 200 || !read_json(answer->body, doc)) return {};
  for (const fhir::Element& card : doc.root().children("cards")) {
    if (card.value_of("indicator") != indicator) continue;
    detail = card.value_of("detail");
    return std::string{card.value_of("summary")};
  }
  return {};
}

void cards_are_shown(Stage& stage) {
  stage.story.chapter("The EHR opens a patient and asks by CDS Hooks");
  std::string detail;
  const std::string critical = card_of(stage, stage.cast.child_on_plan, "critical", detail);
  if (!critical.empty()) stage.story.tell("card (critical): " + critical);
  stage.story.check(!critical.empty() && contains(detail, "01632960002"),
                    "a critical card names the plan and the council's emergency telephone");
  const std::string info = card_of(stage, stage.cast.child_without_record, "info", detail);
  if (!info.empty()) stage.story.tell("card (info): " + info);
  stage.story.check(!info.empty() && contains(detail, "says nothing about risk"),
                    "without a record the card says so, and that it says nothing about risk");
}

std::string subscription(const Stage& stage) {
  const std::string extension{usecases::backport_base};
  return R"({"resourceType":"Subscription","status":"requested","reason":"Emergency department",)"
         R"("criteria":")" +
         usecases::url_of(usecases::row_of(usecases::Topic::record_arrived)) +
         R"(","_criteria":{"extension":[{"url":")" + extension +
         R"(backport-filter-criteria","valueString":"Encounter?patient=Patient/)" +
         std::string{stage.cast.child_on_plan.nhs_number.digits()} +
         R"("}]},"channel":{"type":"rest-hook","endpoint":")" + stage.receiver.url() +
         R"(","payload":"application/fhir+json","_payload":{"extension":[{"url":")" + extension +
         R"(backport-payload-content","valueCode":"full-resource"}]}}})";
}

// What came of this kind, once it is there.
std::string wait_for(Stage& stage, std::string_view kind) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds_max};
  std::size_t seen = 0;
  while (std::chrono::steady_clock::now() < until) {
    const std::vector<std::string> all = stage.receiver.wait_for(seen + 1, 1);
    for (const std::string& body : all) {
      if (contains(body, "\"valueCode\":\"" + std::string{kind} + '"')) return body;
    }
    seen = all.size();
  }
  return {};
}

// What is noted after an answer went out is asked for until it is there.
bool comes_to_say(Stage& stage, const std::string& path, std::string_view text) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds_max};
  while (std::chrono::steady_clock::now() < until) {
    if (contains(get(stage.world, path), text)) return true;
  }
  return false;
}

void subscriber_is_told(Stage& stage) {
  Story& story = stage.story;
  story.chapter("The emergency department subscribes to arrivals of people with a record");
  HttpAsk ask{stage.world.base + "/FHIR/R4/Subscription", {}, {}, subscription(stage)};
  ask.content_type = "application/fhir+json";
  const auto made = http_ask(ask);
  story.check(made && made->status == 201, "the Subscription is taken (201)");
  story.check(!wait_for(stage, "handshake").empty(), "its endpoint gets the handshake");
  story.check(comes_to_say(stage, "/admin/subscriptions", "\"status\":\"active\""),
              "the subscription is active");
  const auto answer =
      send_mllp(stage.world.gateway->feed_port("ed"),
                demo_message("A04", stage.cast.child_on_plan, visit, "DEMO-9", false, stage.now));
  story.check(answer && contains(*answer, "MSA|AA|DEMO-9"), "the child comes again (A04, AA)");
  const std::string told = wait_for(stage, "event-notification");
  story.check(contains(told, "\"resourceType\":\"Encounter\"") &&
                  contains(told, "child-protection-information-system-flag") &&
                  contains(told, "01632960002"),
              "the endpoint gets event 1: Encounter, Flag and the council's telephones");
  story.check(comes_to_say(stage, "/metrics", "cpis_subscription_notifications_total 1\n"),
              "the notification was taken");
}

}  // namespace

void alerts_are_pushed(Stage& stage) {
  cards_are_shown(stage);
  subscriber_is_told(stage);
}

}  // namespace cpis::console
