#include "gateway/fhir_api/other_places.h"

#include <algorithm>

#include "fhir/json/writer.h"
#include "gateway/fhir_api/cds_cards.h"
#include "gateway/fhir_api/websocket_token.h"

namespace cpis::fhir_api {
namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view hl7 = "application/hl7-v2";

const std::vector<OtherPlace>& fixed() {
  using enum Asker;
  static const std::vector<OtherPlace> places{
      {"/FHIR/R4/metadata", "get", "system", "The CapabilityStatement", anybody, "",
       "application/fhir+json"},
      {"/FHIR/R4/openapi.json", "get", "system", "This document"},
      {"/HL7/v2", "post", "HL7 v2", "An ADT message; answered with its acknowledgement", client,
       hl7, hl7},
      {"/HL7/v2/$convert", "post", "HL7 v2", "As FHIR resources; nothing is kept", client, hl7,
       "application/fhir+json", "feed"},
      {"/health/live", "get", "operations", "The process answers"},
      {"/health/ready", "get", "operations", "The store answers and nothing has failed"},
      {"/metrics", "get", "operations", "Prometheus text", anybody, "", "text/plain"},
      {"/admin/notices", "get", "operations", "Notices to councils", admin, "", json,
       "state council count"},
      {"/admin/notices/{id}", "get", "operations", "Opens a notice; who opens it is kept", admin},
      {"/admin/notices/{id}/openings", "get", "operations", "Who has opened it", admin},
      {"/admin/accesses", "get", "operations", "Looks that are recorded", admin, "", json, "count"},
      {"/admin/messages", "get", "operations", "The inbox, and stored HL7 v2 messages", admin, "",
       json, "feed state after count"},
      {"/admin/messages/{id}", "get", "operations", "What is understood of one", admin, "", json,
       "full"},
      {"/admin/messages/{id}/replay", "post", "operations", "It is worked on again", admin},
      {"/admin/messages/replay", "post", "operations", "A range of them is", admin, "", json,
       "from to feed state"},
      {"/admin/alerts", "get", "operations", "The outbox: deliveries that were given up", admin},
      {"/admin/alerts/{id}/send-again", "post", "operations", "Another round of attempts", admin},
      {"/admin/subscriptions", "get", "operations", "Who is to be told what, and where it stands",
       admin},
      {"/admin/events", "get", "operations", "Counts as they change, as server-sent events", admin,
       "", "text/event-stream"},
      {"/admin/work-list", "get", "operations", "What councils' staff have to do", admin, "", json,
       "council state"},
      {"/admin/work-list", "post", "operations", "Takes, closes or approves an item", admin, json},
      {"/admin/attendances", "get", "operations", "Attendances of a person and their checks", admin,
       "", json, "patient"},
      {"/cds-services", "get", "CDS Hooks", "The services there are"},
      {std::string{websocket_path}, "get", "Subscriptions",
       "A websocket (RFC 6455) that a token of $get-ws-binding-token opens", anybody},
  };
  return places;
}

std::string quoted(std::string_view text) {
  std::string out;
  fhir::json::write_string(out, text);
  return out;
}

// Letters and digits only: `/admin/notices/{id}` is `admin-notices-id-get`.
std::string id_of(const OtherPlace& place) {
  std::string id;
  for (const char c : place.path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) id += c;
    if (c == '/' && !id.empty()) id += '-';
  }
  return id + '-' + std::string{place.method};
}

std::string parameter(std::string_view name, std::string_view in) {
  return R"({"name":)" + quoted(name) + R"(,"in":)" + quoted(in) +
         (in == "path" ? R"(,"required":true)" : "") + R"(,"schema":{"type":"string"}})";
}

std::string parameters_of(const OtherPlace& place) {
  std::string out;
  if (place.path.find("{id}") != std::string::npos) out = parameter("id", "path");
  std::string_view names = place.query;
  while (!names.empty()) {
    const std::size_t blank = names.find(' ');
    out += (out.empty() ? "" : ",") + parameter(names.substr(0, blank), "query");
    names.remove_prefix(blank == names.npos ? names.size() : blank + 1);
  }
  return '[' + out + ']';
}

std::string content(std::string_view type) {
  const bool structured = type.ends_with("json");
  return R"({"content":{)" + quoted(type) + R"(:{"schema":{"type":)" +
         (structured ? "\"object\"" : "\"string\"") + "}}}}";
}

}  // namespace

std::vector<OtherPlace> other_places(bool token_endpoint) {
  std::vector<OtherPlace> places = fixed();
  for (const CdsService& service : cds_services) {
    const std::string path = "/cds-services/" + std::string{service.id};
    places.push_back({path, "post", "CDS Hooks", service.title, Asker::cds_client, json});
    places.push_back({path + "/feedback", "post", "CDS Hooks", "What became of its cards",
                      Asker::cds_client, json});
  }
  if (token_endpoint) {
    places.push_back({"/oauth2/token", "post", "authorization",
                      "A bearer token for a signed assertion", Asker::asserted_client,
                      "application/x-www-form-urlencoded"});
    places.push_back({"/oauth2/jwks", "get", "authorization", "The key that verifies them"});
    places.push_back({"/FHIR/R4/.well-known/smart-configuration", "get", "authorization",
                      "How a SMART client gets a token here"});
  }
  return places;
}

std::string openapi_operation(const OtherPlace& place, bool token_demanded) {
  const bool needs_nothing = place.asker == Asker::anybody || place.asker == Asker::asserted_client;
  std::string out = quoted(place.method) + R"(:{"operationId":)" + quoted(id_of(place)) +
                    R"(,"summary":)" + quoted(place.summary) + R"(,"tags":[)" + quoted(place.tag) +
                    R"(],"parameters":)" + parameters_of(place);
  if (token_demanded && needs_nothing) out += R"(,"security":[])";
  if (token_demanded && place.asker == Asker::cds_client) out += R"(,"security":[{"cds":[]}])";
  if (!place.sends.empty()) out += R"(,"requestBody":)" + content(place.sends);
  std::string answer = content(place.answers);
  answer.insert(1, R"("description":"The answer, or an OperationOutcome",)");
  return out + R"(,"responses":{"default":)" + answer + "}}";
}

}  // namespace cpis::fhir_api
