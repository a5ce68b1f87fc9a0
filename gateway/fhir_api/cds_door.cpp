#include "gateway/fhir_api/cds_door.h"

#include <memory>
#include <utility>

#include "adapters/fhir_r4/attendance_reader.h"
#include "fhir/json/reader.h"
#include "gateway/auth/registered_client.h"
#include "gateway/edge/ids.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/cds_cards.h"
#include "gateway/fhir_api/forwarded.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/http/http_server.h"
#include "gateway/store/audit_store.h"

namespace cpis::fhir_api {
namespace {

constexpr std::string_view feedback_end = "/feedback";
constexpr std::string_view no_number =
    "No NHS number that can be used is known for this person, so nobody could be asked.";

http::Response cards(std::string text) {
  http::Response response{200, "application/json", std::move(text)};
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response bad_call(const std::string& text) {
  return error_answer({ErrorKind::bad_input, text});
}

bool is_json(const http::Request& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  return http::same_name(type.substr(0, type.find(';')), "application/json");
}

// Why this caller gets no cards in this care setting; empty when it does.
std::string_view refuse_cards(const auth::Identity& who, CareSetting setting) {
  for (const std::string_view type : {"Flag", "CarePlan", "CareTeam", "Organization"}) {
    const bool reads =
        who.may.allows(type, auth::Action::read) || who.may.allows(type, auth::Action::search);
    if (!reads) return "this caller is not permitted to read what the cards show";
  }
  return auth::refuse_look(who, setting);
}

// Who the patient of a call is: of the prefetch, else of what is known here under that id.
PatientIdentity person_of(const Services& services, const CdsRequest& call, bool& known) {
  known = true;
  if (call.person) return *call.person;
  const auto entry = services.book.find("Patient", call.patient_id);
  fhir::Document doc;
  fhir::Issues issues;
  known = entry && fhir::json::read_view(entry->body, doc, issues);
  if (known) return fhir_r4::read_identity(doc.root());
  PatientIdentity identity;
  // Where the EHR's ids are NHS numbers, as those of PDS are.
  identity.nhs_number = NhsNumber::parse(call.patient_id);
  known = identity.nhs_number.has_value();
  return identity;
}

// As the audit names it: a FHIR reference or an id, whatever else the EHR put there is left out.
std::string user_of(std::string_view id) {
  constexpr std::size_t bytes_max = 128;
  std::string user;
  for (const char c : id.substr(0, bytes_max)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    user += plain || std::string_view{"/.-_:|"}.find(c) != std::string_view::npos ? c : '_';
  }
  return user;
}

}  // namespace

struct CdsDoor::Asked {
  http::Request request;
  http::Reply reply;
  auth::IdentityPtr who;
};

bool CdsDoor::serves(std::string_view asked) {
  return asked == path || (asked.starts_with(path) && asked[path.size()] == '/');
}

http::Response CdsDoor::dressed(const http::Request& request, http::Response response) const {
  response.set("X-Correlation-ID", request.correlation_id());
  const auto origin = request.header("Origin");
  for (const std::string& allowed : services_.settings.cors_origins) {
    if (!origin || (allowed != "*" && allowed != *origin)) continue;
    response.set("Access-Control-Allow-Origin", std::string{*origin});
    response.add("Vary", "Origin");
    if (request.method() == "OPTIONS") {
      response.set("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
      response.set("Access-Control-Allow-Headers", "Authorization, Content-Type");
    }
    break;
  }
  return response;
}

void CdsDoor::handle(http::Request&& request, http::Reply&& reply) {
  const std::string_view asked = request.path();
  const std::string_view method = request.method();
  const bool discovery = asked == path || asked == "/cds-services/";
  const auto send = [&](http::Response response) {
    reply.send(dressed(request, std::move(response)));
  };
  if (method == "OPTIONS") {
    http::Response response{204};
    response.set("Allow", discovery ? "GET, HEAD, OPTIONS" : "POST, OPTIONS");
    return send(std::move(response));
  }
  if (discovery && (method == "GET" || method == "HEAD")) {
    return send({200, "application/json", cds_discovery()});
  }
  if (discovery || method != "POST") {
    http::Response response =
        error_answer({ErrorKind::unsupported, "this method is not offered here"});
    response.status = 405;
    response.set("Allow", discovery ? "GET, HEAD, OPTIONS" : "POST, OPTIONS");
    return send(std::move(response));
  }
  http::offload(services_.workers, std::move(request), std::move(reply),
                [this](http::Request&& body, http::Reply&& later) {
                  work(std::move(body), std::move(later));
                });
}

// The JWT of CDS Hooks ("Trusting CDS Clients"); without authentication the default caller.
CdsDoor::Verdict CdsDoor::authenticate(const http::Request& request) const {
  const auto refuse = [&](auth::Refusal refusal) -> http::Response {
    services_.refusals.note(request, "", refusal);
    return refusal_answer(refusal);
  };
  if (!services_.settings.demand_token) {
    auto verdict = services_.gatekeeper.check(request);
    if (const auto* refusal = std::get_if<auth::Refusal>(&verdict)) return refuse(*refusal);
    return std::get<auth::IdentityPtr>(std::move(verdict));
  }
  constexpr std::string_view scheme = "bearer ";
  const auto given = request.headers("Authorization");
  if (given.size() != 1 || given[0].size() <= scheme.size() ||
      !http::same_name(given[0].substr(0, scheme.size()), scheme)) {
    return refuse({401, "invalid_token", "a JWT signed by a registered client is needed"});
  }
  const std::string audience =
      external_url(request, services_.settings) + std::string{request.path()};
  auto client =
      assertions_.verify(given[0].substr(scheme.size()), audience, auth::Subject::anybody);
  if (!client && client.error().kind != ErrorKind::forbidden) return error_answer(client.error());
  if (!client) return refuse({401, "invalid_token", client.error().message});
  auto identity = std::make_shared<const auth::Identity>(auth::own_identity(**client));
  if (const int wait = services_.gatekeeper.count_request(*identity); wait > 0) {
    http::Response response = error_answer({ErrorKind::busy, "this client asks too often"});
    response.status = 429;
    response.set("Retry-After", std::to_string(wait));
    return response;
  }
  return identity;
}

void CdsDoor::work(http::Request&& request, http::Reply&& reply) {
  Asked asked{std::move(request), std::move(reply), nullptr};
  const auto send = [&](http::Response response) {
    asked.reply.send(dressed(asked.request, std::move(response)));
  };
  std::string below{asked.request.path().substr(path.size() + 1)};
  const bool feeds_back = below.ends_with(feedback_end);
  if (feeds_back) below.resize(below.size() - feedback_end.size());
  auto who = authenticate(asked.request);
  if (auto* refused = std::get_if<http::Response>(&who)) return send(std::move(*refused));
  asked.who = std::get<auth::IdentityPtr>(std::move(who));
  const CdsService* service = find_cds_service(below);
  if (service == nullptr) {
    return send(error_answer({ErrorKind::not_found, "there is no such service"}));
  }
  if (!is_json(asked.request)) {
    http::Response response = bad_call("a call has a body of application/json");
    response.status = 415;
    return send(std::move(response));
  }
  if (feeds_back) return send(feedback(asked, service->id));
  auto call = read_cds_request(asked.request.take_body());
  if (!call) return send(bad_call(call.error().message));
  if (call->hook != service->hook) {
    return send(bad_call("this service is for the hook " + std::string{service->hook}));
  }
  answer(std::move(asked), *call, service->hook);
}

void CdsDoor::answer(Asked&& given, const CdsRequest& call, std::string_view hook) {
  auto asked = std::make_shared<Asked>(std::move(given));
  const auto send = [this, asked](http::Response response) {
    asked->reply.send(dressed(asked->request, std::move(response)));
  };
  const auth::Identity& who = *asked->who;
  Caller caller = who.caller;
  const auto setting = stated_setting(asked->request, caller.setting);
  if (!setting) return send(bad_call("IsUnscheduledAccessEvent must be true or false"));
  caller.setting = *setting;
  if (const std::string_view why = refuse_cards(who, *setting); !why.empty()) {
    const auth::Refusal refusal = auth::not_permitted(std::string{why});
    services_.refusals.note(asked->request, who.client, refusal);
    return send(refusal_answer(refusal));
  }
  bool known = false;
  const PatientIdentity person = person_of(services_, call, known);
  if (!known) {
    http::Response response =
        error_answer({ErrorKind::not_found, "this patient is not known here: send the prefetch"});
    response.status = 412;
    return send(std::move(response));
  }
  if (!person.nhs_number || person.nhs_number_ambiguous) {
    return send(cards(cds_unasked_card(no_number)));
  }
  usecases::CheckRequest check{
      *person.nhs_number,         caller,     asked->request.correlation_id(),
      "cds." + std::string{hook}, who.client, ""};
  check.types = {"Flag", "CareTeam"};
  check.on_behalf_of = user_of(call.user_id);
  check.trace_id = asked->request.trace_id();
  const Time now = services_.clock.now();
  check.question_id =
      services_.looks.question_id(caller, *person.nhs_number, now, ordered_uuid(now));
  const std::string base = external_url(asked->request, services_.settings) + "/FHIR/R4";
  services_.check.run(std::move(check), [send, base, now](ProtectionAnswer answer) {
    const auto* failed = std::get_if<CouldNotAsk>(&answer);
    if (failed != nullptr && failed->why.kind == ErrorKind::forbidden) {
      return send(error_answer(failed->why));
    }
    send(cards(cds_cards(answer, base, london_date(now))));
  });
}

http::Response CdsDoor::feedback(Asked& asked, std::string_view service) {
  const auto all = read_cds_feedback(asked.request.take_body());
  if (!all) return bad_call(all.error().message);
  const Caller& caller = asked.who->caller;
  const Time now = services_.clock.now();
  const Status kept = services_.database.write([&](store::Session& session) -> Status {
    for (const CdsFeedback& one : *all) {
      const std::string detail = std::string{service} + " card " + one.card +
                                 (one.reason.empty() ? "" : " reason " + one.reason);
      store::AuditEntry entry = store::entry_by(caller);
      entry.at = now;
      entry.correlation_id = asked.request.correlation_id();
      entry.source = asked.who->client;
      entry.action = "cds.feedback";
      entry.outcome = one.outcome;
      entry.detail = detail;
      const auto row = store::AuditStore{}.append(session, entry);
      if (!row) return row.error();
    }
    return done;
  });
  if (!kept) return error_answer(kept.error());
  return {200, "application/json", "{}"};
}

}  // namespace cpis::fhir_api
