#include "gateway/fhir_api/fhir_service.h"

#include <memory>
#include <utility>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/capability.h"
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

// True when the client takes FHIR JSON (RFC 9110, 12.5.1; only what we can send is looked for).
bool accepts_json(const http::Request& request, const http::QueryString& query) {
  if (const auto format = query.first("_format")) {
    return *format == "json" || *format == "application/json" || *format == fhir_json ||
           *format == "application/fhir json";
  }
  const auto accept = request.header("Accept");
  if (!accept || accept->empty()) return true;
  for (const std::string_view good :
       {"*/*", "application/*", "application/fhir+json", "application/json", "json"}) {
    if (accept->find(good) != accept->npos) return true;
  }
  return false;
}

http::Response not_acceptable() {
  fhir_r4::OutcomeIssue issue;
  issue.code = "not-supported";
  issue.diagnostics = "only application/fhir+json can be sent";
  return outcome_answer(406, issue);
}

struct Target {
  std::string type;
  std::string id;
  bool search_by_post = false;
  bool valid = true;
};

Target target_of(std::string_view below) {
  Target target;
  const std::size_t slash = below.find('/');
  target.type = below.substr(0, slash);
  if (slash == below.npos) return target;
  const auto rest = http::percent_decode(below.substr(slash + 1));
  if (!rest || rest->empty() || rest->find('/') != rest->npos) {
    target.valid = false;
  } else if (*rest == "_search") {
    target.search_by_post = true;
  } else {
    target.id = *rest;
  }
  return target;
}

}  // namespace

std::string FhirService::base_of(const http::Request& request) const {
  if (!services_.settings.base_url.empty()) {
    return services_.settings.base_url + std::string{base_path};
  }
  const std::string_view host = request.host().empty() ? "localhost" : request.host();
  return (request.peer().encrypted ? "https://" : "http://") + std::string{host} +
         std::string{base_path};
}

void FhirService::handle(http::Request&& request, http::Reply&& reply) {
  const std::string correlation = request.correlation_id();
  const auto refuse = [&](http::Response response) {
    response.set("X-Correlation-ID", correlation);
    reply.send(std::move(response));
  };
  const std::string base = base_of(request);
  // The NHS England shapes also answer at the root.
  const std::string_view path = request.path();
  const std::size_t skip = path.starts_with(base_path) ? base_path.size() + 1 : 1;
  const std::string below{path.substr(std::min(skip, path.size()))};
  const auto query = http::QueryString::parse(request.query());
  if (!query) return refuse(error_answer(query.error()));
  if (!accepts_json(request, *query)) return refuse(not_acceptable());
  const bool reading = request.method() == "GET" || request.method() == "HEAD";
  if (below == "metadata") {
    if (!reading) return refuse(not_allowed("GET, HEAD"));
    const config::Settings& settings = services_.settings;
    const std::string token_url =
        settings.token_endpoint.enabled ? settings.base_url + "/oauth2/token" : "";
    http::Response response{200, std::string{fhir_json},
                            capability_statement(base, services_.settings.demand_token, token_url)};
    return refuse(std::move(response));
  }
  auto identity = authenticate_.run(request);
  if (auto* response = std::get_if<http::Response>(&identity)) return refuse(std::move(*response));
  const auto who = std::get<auth::IdentityPtr>(std::move(identity));
  if (const auto refused = refuse_by_scope(*who, request.method(), below, *query)) {
    services_.refusals.note(request, who->client, *refused);
    return refuse(refusal_answer(*refused));
  }
  route({std::move(request), std::move(reply), who->caller, who->client, who->admin, base, "",
         *query, correlation, who},
        below);
}

// Reading definitions takes time: never on the loop.
void FhirService::validate(Exchange&& exchange, std::string type) const {
  if (exchange.request.method() != "POST") return exchange.send(not_allowed("POST"));
  auto place = services_.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([this, asked, type = std::move(type)] {
    asked->send(validate_.run(type, asked->query, asked->request.take_body()));
  });
}

void FhirService::terminology(Exchange&& exchange, TerminologyTarget target) const {
  const std::string_view method = exchange.request.method();
  if (method != "GET" && method != "POST") return exchange.send(not_allowed("GET, POST"));
  auto place = services_.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([this, asked, target = std::move(target)] {
    asked->send(
        terminology_.run(target, asked->query, asked->request.take_body(), services_.clock.now()));
  });
}

void FhirService::route(Exchange&& exchange, std::string_view below) const {
  if (below == "$validate") return validate(std::move(exchange), "");
  if (below.ends_with("/$validate")) {
    return validate(std::move(exchange), std::string{below.substr(0, below.find('/'))});
  }
  if (auto asked = terminology_target(below)) {
    return terminology(std::move(exchange), *std::move(asked));
  }
  Target target = target_of(below);
  if (!target.valid || !serves(target.type)) return exchange.send(not_found());
  const std::string_view method = exchange.request.method();
  if (target.search_by_post) {
    if (method != "POST") return exchange.send(not_allowed("POST"));
    const auto type = exchange.request.header("Content-Type").value_or("");
    if (!type.starts_with("application/x-www-form-urlencoded")) {
      fhir_r4::OutcomeIssue issue;
      issue.code = "not-supported";
      issue.diagnostics = "a search by POST has an application/x-www-form-urlencoded body";
      return exchange.send(outcome_answer(415, issue));
    }
    auto form = http::QueryString::parse(exchange.request.body());
    if (!form) return exchange.send(error_answer(form.error()));
    exchange.query = *std::move(form);
    if (const auto refused = refuse_by_scope(*exchange.who, method, below, exchange.query)) {
      services_.refusals.note(exchange.request, exchange.client, *refused);
      return exchange.send(refusal_answer(*refused));
    }
  } else if (method != "GET" && method != "HEAD") {
    return exchange.send(not_allowed("GET, HEAD"));
  }
  const Route* found = find_route(target.type, target.id.empty() ? "search-type" : "read");
  if (found == nullptr) return exchange.send(not_found());
  exchange.id = std::move(target.id);
  // A HEAD would notify a council for an answer nobody sees: it is refused for looks.
  const bool is_look =
      target.type != "Patient" && target.type != "Encounter" && target.type != "Organization";
  if (method == "HEAD" && is_look) {
    return exchange.send(not_allowed("GET"));
  }
  found->handle(services_, std::move(exchange));
}

}  // namespace cpis::fhir_api
