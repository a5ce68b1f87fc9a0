#include "gateway/fhir_api/authenticate.h"

#include "gateway/fhir_api/answers.h"
#include "gateway/store/sha256.h"

namespace cpis::fhir_api {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

http::Response refuse() {
  fhir_r4::OutcomeIssue issue;
  issue.code = "login";
  issue.detail_code = "ACCESS_DENIED";
  issue.diagnostics = "a bearer token of a registered client is needed";
  http::Response response = outcome_answer(401, issue);
  response.set("WWW-Authenticate", "Bearer realm=\"cpis-gateway\"");
  return response;
}

}  // namespace

Authenticate::Authenticate(const config::Settings& settings) : settings_{settings} {
  for (const config::Client& client : settings.clients) {
    by_token_.emplace(client.token_sha256, &client);
  }
}

std::variant<Identity, http::Response> Authenticate::run(const http::Request& request) const {
  if (!settings_.demand_token) return Identity{settings_.default_caller, "default", true};
  constexpr std::string_view scheme = "bearer ";
  const std::string_view given = request.header("Authorization").value_or("");
  const bool bearer =
      given.size() > scheme.size() && http::same_name(given.substr(0, scheme.size()), scheme);
  if (!bearer) return refuse();
  // Looked up by its hash: how long a comparison takes says nothing about the token.
  const auto hash = store::sha256(given.substr(scheme.size()));
  const auto found = by_token_.find(hex(store::bytes_of(hash)));
  if (found == by_token_.end()) return refuse();
  return Identity{found->second->caller, found->second->name, found->second->admin};
}

std::optional<CareSetting> stated_setting(const http::Request& request, CareSetting otherwise) {
  auto stated = request.header("IsUnscheduledAccessEvent");
  if (!stated) stated = request.header("IsUnscheduledEvent");
  if (!stated) return otherwise;
  if (http::same_name(*stated, "true")) return CareSetting::unscheduled;
  if (http::same_name(*stated, "false")) return CareSetting::scheduled;
  return std::nullopt;
}

}  // namespace cpis::fhir_api
