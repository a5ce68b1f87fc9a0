#include "gateway/net/pds_client.h"

#include <algorithm>
#include <charconv>

#include "gateway/edge/ids.h"

namespace cpis::net {

namespace {

constexpr int too_many_requests = 429;
constexpr std::chrono::seconds rest_max{60};

// Retry-After in seconds; a date, or nothing, is a second.
Duration retry_after(const HttpOutcome& outcome) {
  const std::string_view text = outcome.header("Retry-After");
  long seconds = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (wrong != std::errc{} || end != text.data() + text.size()) seconds = 1;
  return std::clamp<Duration>(std::chrono::seconds{seconds}, Duration{0}, rest_max);
}

}  // namespace

// `next_` is when the bucket would be empty of debts; a burst may run that far ahead.
Time RateLimit::next_place(Time now) const {
  return std::max({next_, rest_until_, now - interval_ * (burst_ - 1)});
}

Duration RateLimit::take(Time now) {
  const std::lock_guard lock{mutex_};
  const Time place = next_place(now);
  if (place > now) return place - now;
  next_ = place + interval_;
  return Duration{0};
}

Duration RateLimit::wait(Time now) {
  const std::lock_guard lock{mutex_};
  return std::max(Duration{0}, Duration{next_place(now) - now});
}

void RateLimit::rest_until(Time until) {
  const std::lock_guard lock{mutex_};
  rest_until_ = std::max(rest_until_, until);
}

Result<HttpOutcome> PdsClient::get(const std::string& path) {
  // The same request id on both tries: PDS de-duplicates by it.
  const std::string request_id = random_uuid();
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (limit_.take(clock_.now()) > Duration{0}) {
      return Error{ErrorKind::busy, "PDS may be asked only so many times a second"};
    }
    const auto token = tokens_.access_token();
    // `busy` is PDS's alone: that is waited for, and asked again.
    if (!token && token.error().kind == ErrorKind::busy) {
      return Error{ErrorKind::unavailable, token.error().message};
    }
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
    if (outcome.status == too_many_requests) {
      limit_.rest_until(clock_.now() + retry_after(outcome));
    }
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
