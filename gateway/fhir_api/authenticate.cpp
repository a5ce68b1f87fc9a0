#include "gateway/fhir_api/authenticate.h"

#include <string>
#include <utility>

#include "gateway/fhir_api/answers.h"

namespace cpis::fhir_api {
namespace {

std::string challenge(const auth::Refusal& refusal) {
  std::string value = "Bearer realm=\"cpis-gateway\"";
  if (refusal.error.empty()) return value;
  value +=
      ", error=\"" + std::string{refusal.error} + "\", error_description=\"" + refusal.says + '"';
  if (!refusal.scope.empty()) value += ", scope=\"" + refusal.scope + '"';
  return value;
}

std::string_view issue_code(int status) {
  if (status == 429 || status == 503) return "throttled";
  return status == 401 ? "login" : "forbidden";
}

}  // namespace

http::Response refusal_answer(const auth::Refusal& refusal) {
  fhir_r4::OutcomeIssue issue;
  issue.code = issue_code(refusal.status);
  if (refusal.status == 401 || refusal.status == 403) issue.detail_code = "ACCESS_DENIED";
  issue.diagnostics = refusal.says;
  http::Response response = outcome_answer(refusal.status, issue);
  if (refusal.status == 401 || !refusal.error.empty()) {
    response.set("WWW-Authenticate", challenge(refusal));
  }
  if (refusal.retry_after_s > 0) {
    response.set("Retry-After", std::to_string(refusal.retry_after_s));
  }
  return response;
}

http::Response Authenticate::refuse(const http::Request& request, std::string_view client,
                                    const auth::Refusal& refusal) const {
  refusals_.note(request, client, refusal);
  return refusal_answer(refusal);
}

std::variant<auth::IdentityPtr, http::Response> Authenticate::run(
    const http::Request& request) const {
  auth::Verdict verdict = gatekeeper_.check(request);
  if (const auto* refusal = std::get_if<auth::Refusal>(&verdict)) {
    return refuse(request, "", *refusal);
  }
  auto who = std::get<auth::IdentityPtr>(std::move(verdict));
  if (const int wait_s = gatekeeper_.count_request(*who); wait_s > 0) {
    return refuse(
        request, who->client,
        {429, "", "this client sends more requests than it is registered for", "", wait_s});
  }
  return who;
}

std::optional<CareSetting> stated_setting(const http::Request& request, CareSetting otherwise) {
  auto stated = request.headers("IsUnscheduledAccessEvent");
  for (const std::string_view value : request.headers("IsUnscheduledEvent")) {
    stated.push_back(value);
  }
  if (stated.empty()) return otherwise;
  for (const std::string_view value : stated) {
    if (!http::same_name(value, stated.front())) return std::nullopt;
  }
  if (http::same_name(stated.front(), "true")) return CareSetting::unscheduled;
  if (http::same_name(stated.front(), "false")) return CareSetting::scheduled;
  return std::nullopt;
}

}  // namespace cpis::fhir_api
