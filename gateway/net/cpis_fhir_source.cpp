#include "gateway/net/cpis_fhir_source.h"

#include <memory>
#include <utility>

#include "adapters/spine/cpis_fhir.h"
#include "gateway/observe/trace.h"

namespace cpis::net {

CpisFhirSource::CpisFhirSource(CpisFhirSettings settings, HttpSender& sender, TokenOf token_of,
                               const Clock& clock)
    : settings_{std::move(settings)},
      sender_{sender},
      token_of_{std::move(token_of)},
      clock_{clock},
      breaker_{settings_.failures_max, settings_.rest},
      pool_{WorkerPool::Settings{settings_.threads, settings_.waiting_max, {}}} {}

HttpOutcome CpisFhirSource::get(const std::string& path, const ProtectionQuestion& question,
                                const std::string& token) {
  HttpCall call;
  call.url = settings_.base_url + path;
  call.headers = {{"Authorization", "Bearer " + token},
                  {"TraceID", question.id},
                  {"X-Request-ID", question.id},
                  {"Accept", "application/fhir+json"},
                  {"IsUnscheduledAccessEvent",
                   std::string{spine::unscheduled_header(question.caller.setting)}}};
  return sender_.send(call);
}

ProtectionAnswer CpisFhirSource::answer(const ProtectionQuestion& question) {
  const observe::TraceScope trace{question.trace};
  const auto not_asked = [](ErrorKind kind, std::string why) {
    return CouldNotAsk{{kind, std::move(why)}, false};
  };
  if (question.caller.kind != Caller::Kind::person) {
    return not_asked(ErrorKind::forbidden, "the CP-IS FHIR API allows no unattended access");
  }
  const Time now = clock_.now();
  if (now >= question.deadline) return not_asked(ErrorKind::timeout, "the deadline has passed");
  if (!breaker_.may_call(now)) {
    return not_asked(ErrorKind::unavailable, "the circuit to the CP-IS FHIR API is open");
  }
  const auto token = token_of_(question);
  if (!token) return CouldNotAsk{token.error(), false};
  return ask_with(*token, question);
}

ProtectionAnswer CpisFhirSource::ask_with(std::string token, const ProtectionQuestion& question) {
  const std::string path = settings_.patient_flag_form ? spine::patient_flag_path(question.person)
                                                       : spine::care_team_path(question.person);
  HttpOutcome plans = get(path, question, token);
  if (plans.status == 401 && settings_.token_refused) {
    settings_.token_refused(token);
    auto renewed = token_of_(question);
    if (!renewed) return CouldNotAsk{renewed.error(), false};
    token = *std::move(renewed);
    plans = get(path, question, token);
  }
  const bool answered = plans.kind == HttpOutcome::Kind::answered;
  answered&& plans.status < 500 ? breaker_.succeeded() : breaker_.failed(clock_.now());
  if (!answered) return CouldNotAsk{plans.why, plans.kind == HttpOutcome::Kind::lost};
  ProtectionAnswer told = spine::read_plans(plans.status, plans.body, question.person);
  auto* record = std::get_if<ProtectionRecord>(&told);
  if (record == nullptr || settings_.patient_flag_form) return told;
  // The looks are an addition: without them the plans are shown all the same, as incomplete.
  const HttpOutcome looks = get(spine::audit_event_path(question.person), question, token);
  auto history = spine::read_history(looks.status, looks.body, question.person);
  if (history.value) record->accesses = std::move(*history.value);
  record->incomplete = record->incomplete || !history.value || has_errors(history.findings);
  return told;
}

void CpisFhirSource::count(const ProtectionAnswer& answer) {
  if (const auto* unknown = std::get_if<CouldNotAsk>(&answer)) {
    ++counters_.failed[static_cast<std::size_t>(unknown->why.kind)];
  } else {
    ++(std::holds_alternative<NoneHeld>(answer) ? counters_.none_held : counters_.answered);
  }
}

void CpisFhirSource::ask(ProtectionQuestion question, Done answered) {
  auto place = pool_.reserve();
  if (!place) {
    return answered(CouldNotAsk{{ErrorKind::busy, "too many questions are waiting"}, false});
  }
  place->submit([this, question = std::move(question), told = std::move(answered)] {
    ++counters_.asked;
    ProtectionAnswer outcome = answer(question);
    count(outcome);
    told(std::move(outcome));
  });
}

}  // namespace cpis::net
