#include "gateway/fhir_api/fhir_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/capability.h"
#include "gateway/fhir_api/forwarded.h"
#include "gateway/fhir_api/openapi.h"
#include "gateway/fhir_api/permission.h"
#include "gateway/fhir_api/routes.h"

namespace cpis::fhir_api {
namespace {

http::Response not_found() { return error_answer({ErrorKind::not_found, "there is nothing here"}); }

http::Response not_allowed(std::string_view allowed) {
  fhir_r4::OutcomeIssue issue;
  issue.code = "not-supported";
  issue.diagnostics = "this interaction is not offered here; allowed: " + std::string{allowed};
  http::Response response = outcome_answer(405, issue);
  response.set("Allow", std::string{allowed});
  return response;
}

bool is_chain_to_person(std::string_view name) {
  constexpr std::string_view chains[] = {"patient.identifier", "patient:Patient.identifier",
                                         "subject.identifier", "subject:Patient.identifier"};
  return std::find(std::begin(chains), std::end(chains), name) != std::end(chains);
}

// For searches of the national record: whose compartment it is becomes the parameter `patient`, and
// a chain to the identifier of the person, as other servers have it, is what R4 calls :identifier.
void name_person(Exchange& exchange) {
  const Target& target = exchange.target;
  const bool compartment = !target.compartment.empty() && target.type != "Flag";
  const auto& asked = exchange.query.parameters();
  const bool chained = std::any_of(asked.begin(), asked.end(),
                                   [](const auto& each) { return is_chain_to_person(each.name); });
  if (!compartment && !chained) return;
  auto all = asked;
  for (http::QueryParameter& each : all) {
    if (!is_chain_to_person(each.name)) continue;
    each.name = each.name.substr(0, each.name.find_first_of(":.")) + ":identifier";
  }
  if (compartment) all.push_back({"patient", target.compartment + '/' + target.id});
  if (auto query = http::QueryString::parse(http::write_query(all))) {
    exchange.query = *std::move(query);
  }
}

http::Response options_answer(const Exchange& exchange, const std::string& below) {
  const Target target = target_of("OPTIONS", below);
  http::Response response{204};
  const bool open = below == "metadata" || below == "openapi.json";
  const std::string allowed = open ? "GET, HEAD" : target.allowed;
  if (allowed.empty()) return not_found();
  response.set("Allow", allowed + ", OPTIONS");
  if (allowed.find("PATCH") != std::string::npos) {
    response.set("Accept-Patch",
                 "application/json-patch+json, application/fhir+json, application/fhir+xml");
  }
  // A preflight of a web page (the Fetch standard); the origin is looked at by `send`.
  if (exchange.request.header("Access-Control-Request-Method") && !exchange.cors_origin.empty()) {
    response.set("Access-Control-Allow-Methods", allowed);
    response.set("Access-Control-Allow-Headers",
                 "Authorization, Accept, Content-Type, Content-Encoding, Prefer, If-Match, "
                 "If-None-Match, If-Modified-Since, If-None-Exist, IsUnscheduledAccessEvent, "
                 "TraceID, X-Correlation-ID");
    response.set("Access-Control-Max-Age", "600");
  }
  return response;
}

std::optional<http::Response> read_form(Exchange& exchange) {
  const auto type = exchange.request.header("Content-Type").value_or("");
  if (!type.starts_with("application/x-www-form-urlencoded")) {
    fhir_r4::OutcomeIssue issue;
    issue.code = "not-supported";
    issue.diagnostics = "a search by POST has an application/x-www-form-urlencoded body";
    return outcome_answer(415, issue);
  }
  auto form = http::QueryString::parse(exchange.request.body());
  if (!form) return error_answer(form.error());
  // Parameters of the URL and of the body count alike (3.1.0.8.1).
  if (!exchange.query.parameters().empty()) {
    auto all = exchange.query.parameters();
    all.insert(all.end(), form->parameters().begin(), form->parameters().end());
    form = http::QueryString::parse(http::write_query(all));
    if (!form) return error_answer(form.error());
  }
  exchange.query = *std::move(form);
  auto wishes = read_wishes(exchange.request, exchange.query);
  if (auto* response = std::get_if<http::Response>(&wishes)) return std::move(*response);
  exchange.wishes = std::get<Wishes>(std::move(wishes));
  return std::nullopt;
}

}  // namespace

FhirService::FhirService(const Services& services)
    : services_{services},
      audit_{{services.database, services.clock, services.book, services.settings.audit_all}},
      authenticate_{services.gatekeeper, services.refusals} {
  services_.dispatch = [this](Exchange&& exchange, const std::string& below) {
    route(std::move(exchange), below);
  };
}

std::string FhirService::origin_of(const http::Request& request) const {
  const auto origin = request.header("Origin");
  if (!origin) return {};
  for (const std::string& allowed : services_.settings.cors_origins) {
    if (allowed == "*" || allowed == *origin) return std::string{*origin};
  }
  return {};
}

void FhirService::handle(http::Request&& request, http::Reply&& reply) {
  const std::string_view path = request.path();
  // The NHS England shapes also answer at the root.
  const std::size_t skip = path.starts_with(base_path) ? base_path.size() + 1 : 1;
  const std::string below{path.substr(std::min(skip, path.size()))};
  auto query = http::QueryString::parse(request.query());
  std::string correlation = request.correlation_id();
  Exchange exchange{std::move(request),     std::move(reply), {}, {}, false, {}, {}, {},
                    std::move(correlation), nullptr};
  exchange.base = external_url(exchange.request, services_.settings) + std::string{base_path};
  exchange.cors_origin = origin_of(exchange.request);
  if (!query) return exchange.send(error_answer(query.error()));
  exchange.query = *std::move(query);
  auto wishes = read_wishes(exchange.request, exchange.query);
  if (auto* response = std::get_if<http::Response>(&wishes)) {
    return exchange.send(std::move(*response));
  }
  exchange.wishes = std::get<Wishes>(std::move(wishes));
  serve(std::move(exchange), below);
}

// What needs no caller. False: go on.
bool FhirService::answer_openly(Exchange& exchange, const std::string& below) const {
  const std::string_view method = exchange.request.method();
  if (method == "OPTIONS") {
    exchange.send(options_answer(exchange, below));
    return true;
  }
  if (below != "metadata" && below != "openapi.json") return false;
  if (method != "GET" && method != "HEAD") {
    exchange.send(not_allowed("GET, HEAD"));
  } else if (below == "metadata") {
    const config::Settings& settings = services_.settings;
    const std::string token_url =
        settings.token_endpoint.enabled ? settings.base_url + "/oauth2/token" : "";
    exchange.send({200, std::string{fhir_json},
                   capability_statement(exchange.base, settings.demand_token, token_url)});
  } else {
    exchange.send({200, "application/json",
                   openapi_document(exchange.base, services_.settings.demand_token,
                                    services_.settings.token_endpoint.enabled)});
  }
  return true;
}

void FhirService::serve(Exchange&& exchange, const std::string& below) const {
  if (answer_openly(exchange, below)) return;
  auto identity = authenticate_.run(exchange.request);
  if (auto* response = std::get_if<http::Response>(&identity)) {
    return exchange.send(std::move(*response));
  }
  exchange.who = std::get<auth::IdentityPtr>(std::move(identity));
  exchange.caller = exchange.who->caller;
  exchange.client = exchange.who->client;
  exchange.admin = exchange.who->admin;
  route(std::move(exchange), below);
}

void FhirService::route(Exchange&& exchange, const std::string& below) const {
  const std::string_view method = exchange.request.method();
  // Entries of a batch come by here too: each needs its own permission.
  if (const auto refused = refuse_by_scope(*exchange.who, method, below, exchange.query)) {
    services_.refusals.note(exchange.request, exchange.client, *refused);
    return exchange.send(refusal_answer(*refused));
  }
  exchange.target = target_of(exchange.request.method(), below);
  const Target& target = exchange.target;
  if (target.route == nullptr) {
    return exchange.send(target.allowed.empty() ? not_found() : not_allowed(target.allowed));
  }
  exchange.audit = &audit_;
  if (target.search_by_post) {
    if (auto response = read_form(exchange)) return exchange.send(*std::move(response));
    if (const auto refused = refuse_by_scope(*exchange.who, method, below, exchange.query)) {
      services_.refusals.note(exchange.request, exchange.client, *refused);
      return exchange.send(refusal_answer(*refused));
    }
  }
  if (target.route->look && target.route->interaction == "search-type") {
    name_person(exchange);
  }
  target.route->handle(services_, std::move(exchange));
}

}  // namespace cpis::fhir_api
