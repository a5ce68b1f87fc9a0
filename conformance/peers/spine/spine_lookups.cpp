#include <future>
#include <utility>

#include "adapters/spine/cpis_fhir.h"
#include "adapters/spine/json.h"
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

// Of a restricted person no address, telephone or GP leaves PDS (spine.md 9.1).
std::string patient_of(const SpinePeer::State& state, const spine::PdsPerson& person) {
  const auto home = state.homes.find(person.nhs_number);
  const bool told = home != state.homes.end() && !person.restricted;
  return spine::write_patient(person, told ? &home->second : nullptr);
}

bool matches(const SpinePeer::State& state, const spine::PdsPerson& person,
             const std::string& query) {
  const bool by_place = query.find("address-postalcode=") != std::string::npos ||
                        query.find("general-practitioner=") != std::string::npos;
  if (by_place && person.restricted) return false;
  const auto home = state.homes.find(person.nhs_number);
  const std::string postcode = home == state.homes.end() ? "" : home->second.postcode;
  if (by_place &&
      query.find("address-postalcode=" + spine::url_encoded(postcode)) == std::string::npos) {
    return false;
  }
  return query.find("family=" + spine::url_encoded(person.family)) != std::string::npos &&
         person.birth_date &&
         query.find("birthdate=eq" + to_iso(*person.birth_date)) != std::string::npos;
}

PeerReply answer_pds(const SpinePeer::State& state, const LookupRequest& in) {
  if (!in.authorization.starts_with("Bearer ")) return outcome(401, "login", "ACCESS_DENIED");
  const std::string last = in.path.substr(in.path.rfind('/') + 1);
  const std::lock_guard lock{state.mutex};
  if (last == "Patient") {
    std::vector<spine::PdsPerson> found;
    for (const auto& [number, person] : state.people) {
      if (number == person.nhs_number && matches(state, person, in.query)) found.push_back(person);
    }
    if (found.size() > 1) return outcome(200, "multiple-matches", "TOO_MANY_MATCHES");
    return json(200, spine::write_patient_searchset(found));
  }
  const auto number = NhsNumber::parse(last);
  if (!number) return outcome(400, "value", "INVALID_RESOURCE_ID");
  const auto at = state.people.find(*number);
  if (at == state.people.end()) return outcome(404, "not_found", "RESOURCE_NOT_FOUND");
  return json(200, patient_of(state, at->second));
}

// Somebody else, for an answer that is about the wrong person.
NhsNumber another_than(const NhsNumber& person) {
  for (std::uint64_t value = person.value() == 9990000018 ? 9990000026 : 9990000018;; ++value) {
    if (const auto other = NhsNumber::from_value(value)) return *other;
  }
}

// What the FHIR API says when it will not answer; nothing when it will. A fault that passes is told
// to each first question, so that asking again would be seen.
std::optional<PeerReply> refusal(SpinePeer::State& state, Misbehaviour how,
                                 const std::string& request_id) {
  switch (how) {
    case Misbehaviour::http_500:
      return PeerReply{500, "text/plain", "trouble"};
    case Misbehaviour::soap_fault:
      return outcome(403, "forbidden", "ACCESS_DENIED");
    case Misbehaviour::mcci_error:
      return outcome(200, "processing", "SIMULATED_ERROR");
    case Misbehaviour::garbage:
      return PeerReply{200, "text/html", "<html><body>Service here</body></html>"};
    case Misbehaviour::passing_fault: {
      const std::lock_guard lock{state.mutex};
      if (!state.faulted_once.insert(request_id).second) return std::nullopt;
      return outcome(503, "transient", "UNABLE_TO_CALL_SERVICE");
    }
    default:
      return std::nullopt;
  }
}

ProtectionAnswer ask(SpinePeer::State& state, const NhsNumber& person, const LookupRequest& in) {
  std::promise<ProtectionAnswer> promise;
  auto future = promise.get_future();
  const Time now = state.clock.now();
  // The looks of one question are one look, however many resources are read for it.
  state.source.ask({in.trace_id.empty() ? peer_uuid() : in.trace_id,
                    person,
                    {},
                    now,
                    now + std::chrono::seconds{20}},
                   [&](ProtectionAnswer answer) { promise.set_value(std::move(answer)); });
  return future.get();
}

PeerReply answer_cpis(SpinePeer::State& state, const LookupRequest& in) {
  const std::size_t bar = in.query.find("%7C");
  const auto person =
      bar == std::string::npos ? std::nullopt : NhsNumber::parse(in.query.substr(bar + 3, 10));
  if (!person) return outcome(400, "invalid", "INVALID_SEARCH_DATA");
  if (!in.authorization.starts_with("Bearer ")) return outcome(401, "login", "ACCESS_DENIED");
  const Misbehaviour how = in.told ? *in.told : state.scripted(*person);
  const bool teams = in.path.find("/CareTeam") != std::string::npos;
  if (teams) {
    const std::lock_guard lock{state.mutex};
    state.seen.push_back({in.trace_id, in.trace_id, *person, in.authorization});
  }
  const bool silent = how == Misbehaviour::never;
  if (silent || how == Misbehaviour::late) {
    state.pause(silent ? state.settings.late_by * 3 : state.settings.late_by);
  }
  if (auto refused = refusal(state, how, in.trace_id)) return *std::move(refused);
  ProtectionAnswer answer = ask(state, *person, in);
  if (std::holds_alternative<CouldNotAsk>(answer)) {
    return outcome(503, "transient", "UNABLE_TO_CALL_SERVICE");
  }
  auto* record = how == Misbehaviour::nrf ? nullptr : std::get_if<ProtectionRecord>(&answer);
  if (record != nullptr && how == Misbehaviour::wrong_reference) {
    for (HeldPlan& held : record->plans) held.subject.nhs_number = another_than(*person);
  }
  PeerReply reply =
      json(200, teams ? spine::write_care_teams(record) : spine::write_audit_events(record));
  reply.wire = how;
  return reply;
}

}  // namespace

PeerReply answer_lookup(SpinePeer::State& state, const LookupRequest& in) {
  if (in.path == "/sds/Device") {
    return json(200, spine::write_devices({{state.settings.asid, state.settings.party_key}}));
  }
  if (in.path == "/sds/Endpoint") return json(200, spine::write_endpoints({contract_of(state)}));
  if (in.path.find("/personal-demographics/") == 0) return answer_pds(state, in);
  if (in.path.find("/cpis/") == 0) return answer_cpis(state, in);
  if (in.path == "/oauth2/token") {
    const bool signed_request = in.body.find("client_assertion=") != std::string::npos;
    if (!signed_request) return json(400, R"({"error_description":"Missing client_assertion"})");
    return json(200, spine::write_token({peer_uuid(), std::chrono::seconds{599}}));
  }
  return outcome(404, "not-found", "RESOURCE_NOT_FOUND");
}

}  // namespace cpis::peers
