#include <future>
#include <utility>

#include "adapters/spine/cpis_fhir.h"
#include "adapters/spine/oauth.h"
#include "adapters/spine/sds.h"
#include "conformance/peers/spine/spine_state.h"

namespace cpis::peers {
namespace {

constexpr std::string_view fhir_json = "application/fhir+json";

PeerReply json(int status, std::string body) {
  return {status, std::string{fhir_json}, std::move(body)};
}

PeerReply outcome(int status, std::string_view issue, std::string_view code) {
  return json(status, spine::write_outcome("error", issue, code, ""));
}

spine::Contract contract_of(const SpinePeer::State& state) {
  spine::Contract contract;
  contract.party_key = state.settings.party_key;
  contract.cpa_id = state.settings.cpa_id;
  contract.fqdn = "localhost";
  contract.pattern = state.settings.pattern;
  const std::string_view path = contract.pattern == spine::Pattern::sync ? "/sync-service"
                                : contract.pattern == spine::Pattern::express
                                    ? "/reliablemessaging/queryrequest"
                                    : "/reliablemessaging/reliablerequest";
  contract.url = state.base_url() + std::string{path};
  return contract;
}

PeerReply answer_pds(const SpinePeer::State& state, const std::string& path,
                     const std::string& query) {
  const std::string last = path.substr(path.rfind('/') + 1);
  const std::lock_guard lock{state.mutex};
  if (last == "Patient") {
    std::vector<spine::PdsPerson> found;
    for (const auto& [number, person] : state.people) {
      const bool family = query.find("family=" + person.family) != std::string::npos;
      const bool born =
          person.birth_date &&
          query.find("birthdate=eq" + to_iso(*person.birth_date)) != std::string::npos;
      if (family && born) found.push_back(person);
    }
    if (found.size() > 1) return outcome(200, "multiple-matches", "TOO_MANY_MATCHES");
    return json(200, spine::write_patient_searchset(found));
  }
  const auto number = NhsNumber::parse(last);
  if (!number) return outcome(400, "value", "INVALID_RESOURCE_ID");
  const auto at = state.people.find(*number);
  if (at == state.people.end()) return outcome(404, "not_found", "RESOURCE_NOT_FOUND");
  return json(200, spine::write_patient(at->second));
}

PeerReply answer_cpis(SpinePeer::State& state, const std::string& path, const std::string& query) {
  const std::size_t bar = query.find("%7C");
  const auto person =
      bar == std::string::npos ? std::nullopt : NhsNumber::parse(query.substr(bar + 3, 10));
  if (!person) return outcome(400, "invalid", "INVALID_SEARCH_DATA");
  std::promise<ProtectionAnswer> promise;
  auto future = promise.get_future();
  const Time now = state.clock.now();
  state.source.ask({peer_uuid(), *person, {}, now, now + std::chrono::seconds{20}},
                   [&](ProtectionAnswer answer) { promise.set_value(std::move(answer)); });
  const ProtectionAnswer answer = future.get();
  if (std::holds_alternative<CouldNotAsk>(answer)) {
    return outcome(503, "transient", "UNABLE_TO_CALL_SERVICE");
  }
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  const bool teams = path.find("/CareTeam") != std::string::npos;
  return json(200, teams ? spine::write_care_teams(record) : spine::write_audit_events(record));
}

}  // namespace

PeerReply answer_lookup(SpinePeer::State& state, const std::string& path, const std::string& query,
                        const std::string& body) {
  if (path == "/sds/Device") {
    return json(200, spine::write_devices({{state.settings.asid, state.settings.party_key}}));
  }
  if (path == "/sds/Endpoint") return json(200, spine::write_endpoints({contract_of(state)}));
  if (path.find("/personal-demographics/") == 0) return answer_pds(state, path, query);
  if (path.find("/cpis/") == 0) return answer_cpis(state, path, query);
  if (path == "/oauth2/token") {
    const bool signed_request = body.find("client_assertion=") != std::string::npos;
    if (!signed_request) return json(400, R"({"error_description":"Missing client_assertion"})");
    return json(200, spine::write_token({peer_uuid(), std::chrono::seconds{599}}));
  }
  return outcome(404, "not-found", "RESOURCE_NOT_FOUND");
}

}  // namespace cpis::peers
