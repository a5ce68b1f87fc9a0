#include "gateway/net/pds_source.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "gateway/observe/trace.h"

namespace cpis::net {
namespace {

constexpr std::chrono::milliseconds between_tries{20};

}  // namespace

PdsSource::PdsSource(PdsSourceSettings settings, PdsClient& pds, ProtectionSource& asked,
                     const Clock& clock)
    : settings_{settings},
      pds_{pds},
      asked_{asked},
      clock_{clock},
      breaker_{settings.failures_max, settings.rest},
      pool_{WorkerPool::Settings{settings.threads, settings.waiting_max, {}}} {}

PdsSource::~PdsSource() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  pool_.drain();
}

void PdsSource::ask(ProtectionQuestion question, Done answered) {
  struct Asked {
    ProtectionQuestion question;
    Done answered;
  };
  auto shared = std::make_shared<Asked>(Asked{std::move(question), std::move(answered)});
  const bool taken = pool_.try_submit([this, shared, came = clock_.now()] {
    confirm_and_ask(std::move(shared->question), came, std::move(shared->answered));
  });
  if (taken) return;
  ++counters_.unconfirmed;
  asked_.ask(std::move(shared->question), std::move(shared->answered));
}

// False when the source is ending.
bool PdsSource::pause() {
  std::unique_lock lock{mutex_};
  return !stop_.wait_for(lock, between_tries, [&] { return stopping_; });
}

// `busy` is the rate, ours or theirs: wait for a place. Whatever else there is to say is final.
Result<spine::PdsRead> PdsSource::read_in_turn(const ProtectionQuestion& question, Time came) {
  const Time until = std::min(came + settings_.patience, came + (question.deadline - came) / 2);
  for (;;) {
    // Nobody waits for a place that comes too late.
    if (clock_.now() + pds_.wait() >= until) {
      return Error{ErrorKind::busy, "PDS has no place in time"};
    }
    auto read = pds_.read(question.person);
    if (read || read.error().kind != ErrorKind::busy) return read;
    if (!pause()) return Error{ErrorKind::unavailable, "the gateway is stopping"};
  }
}

Result<spine::PdsRead> PdsSource::confirm(const ProtectionQuestion& question, Time came) {
  const observe::TraceScope trace{question.trace};
  if (!breaker_.may_call(clock_.now())) {
    return Error{ErrorKind::unavailable, "the circuit to PDS is open"};
  }
  auto read = read_in_turn(question, came);
  const bool there =
      read || read.error().kind == ErrorKind::not_found || read.error().kind == ErrorKind::busy;
  there ? breaker_.succeeded() : breaker_.failed(clock_.now());
  return read;
}

void PdsSource::confirm_and_ask(ProtectionQuestion question, Time came, Done answered) {
  const auto read = confirm(question, came);
  if (!read && read.error().kind == ErrorKind::not_found) {
    ++counters_.unknown;
    return answered(CouldNotAsk{
        {ErrorKind::bad_input,
         "the national demographics service knows nobody with this NHS number, so nobody was "
         "asked about; this is not an answer that no record is held"},
        false});
  }
  if (!read) {
    ++counters_.unconfirmed;
  } else {
    if (read->person.restricted) ++counters_.restricted;
    ++(read->superseded ? counters_.superseded : counters_.confirmed);
    question.person = read->person.nhs_number;
  }
  asked_.ask(std::move(question), std::move(answered));
}

}  // namespace cpis::net
