#include "gateway/net/pds_client.h"

#include <algorithm>

#include "gateway/edge/ids.h"

namespace cpis::net {

Duration RateLimit::take(Time now) {
  const std::lock_guard lock{mutex_};
  // `next_` is when the bucket would be empty of debts; a burst may run that far ahead.
  const Time earliest = now - interval_ * (burst_ - 1);
  const Time place = std::max(next_, earliest);
  if (place > now) return place - now;
  next_ = place + interval_;
  return Duration{0};
}

Result<HttpOutcome> PdsClient::get(const std::string& path) {
  // The same request id on both tries: PDS de-duplicates by it.
  const std::string request_id = random_uuid();
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (limit_.take(clock_.now()) > Duration{0}) {
      return Error{ErrorKind::busy, "PDS may be asked only so many times a second"};
    }
    const auto token = tokens_.access_token();
    if (!token) return token.error();
    HttpCall call;
    call.url = settings_.base_url + path;
    call.headers = {{"Authorization", "Bearer " + *token},
                    {"X-Request-ID", request_id},
                    {"X-Correlation-ID", request_id}};
    if (!settings_.organisation.empty()) {
      call.headers.emplace_back("NHSD-End-User-Organisation-ODS", settings_.organisation);
    }
    HttpOutcome outcome = sender_.send(call);
    if (outcome.kind != HttpOutcome::Kind::answered) return outcome.why;
    if (outcome.status != 401 || attempt == 1) return outcome;
    tokens_.refused(*token);  // once: a new token, and the same question
  }
  return Error{ErrorKind::forbidden, "PDS refuses our token"};
}

Result<spine::PdsRead> PdsClient::read(const NhsNumber& number) {
  const auto outcome = get(spine::patient_path(number));
  if (!outcome) return outcome.error();
  return spine::read_patient(outcome->status, outcome->body, number);
}

Result<spine::PdsPerson> PdsClient::trace(const spine::PdsTraits& traits) {
  const auto path = spine::patient_search(traits);
  if (!path) return path.error();
  const auto outcome = get(*path);
  if (!outcome) return outcome.error();
  return spine::read_search(outcome->status, outcome->body);
}

}  // namespace cpis::net
