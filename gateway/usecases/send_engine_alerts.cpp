#include "gateway/usecases/send_engine_alerts.h"

#include <optional>
#include <utility>

#include "adapters/hl7v2/ack_reader.h"
#include "adapters/hl7v2/header.h"
#include "gateway/observe/log.h"
#include "gateway/observe/thread_name.h"

namespace cpis::usecases {
namespace {

constexpr std::chrono::milliseconds idle_time{1000};
// After a failure the engine is left alone for a moment, whatever else is due for it.
constexpr std::chrono::milliseconds rest_time{1000};

}  // namespace

struct SendEngineAlerts::Line {
  explicit Line(Destination to) : destination{std::move(to)}, outbox{{destination.retry}} {}
  const Destination destination;
  const store::OutboxStore outbox;
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> failed{0};
  bool away = false;  // the last attempt failed; the line's own thread only
  std::thread thread;
};

SendEngineAlerts::SendEngineAlerts(const Parts& parts, std::vector<Destination> destinations)
    : parts_{parts} {
  for (Destination& destination : destinations) {
    lines_.push_back(std::make_unique<Line>(std::move(destination)));
  }
}

SendEngineAlerts::~SendEngineAlerts() { stop(); }

Status SendEngineAlerts::start() {
  if (lines_.empty()) return done;
  const Status released = parts_.database.write([&](store::Session& session) {
    return store::OutboxStore{}.release_claims(session, parts_.gateway);
  });
  if (!released) return released;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    lines_[i]->thread = std::thread{[this, i] { run(i); }};
  }
  return done;
}

void SendEngineAlerts::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (const auto& line : lines_) {
    if (line->thread.joinable()) line->thread.join();
  }
}

void SendEngineAlerts::wake() {
  {
    const std::lock_guard lock{mutex_};
    ++woken_;
  }
  changed_.notify_all();
}

void SendEngineAlerts::run(std::size_t at) {
  observe::name_thread("engine-alerts");
  std::uint64_t seen = 0;
  while (true) {
    const Result<std::size_t> tried = step(at);
    if (!tried) {
      observe::log(observe::Level::error, "outbox.store_away", {{"reason", tried.error().message}});
    }
    std::unique_lock lock{mutex_};
    if (stopping_) return;
    if (!tried || lines_[at]->away) {
      changed_.wait_for(lock, rest_time, [&] { return stopping_; });
    } else if (*tried == 0) {
      changed_.wait_for(lock, idle_time, [&] { return stopping_ || woken_ != seen; });
    }
    if (stopping_) return;
    seen = woken_;
  }
}

Result<std::size_t> SendEngineAlerts::step(std::size_t at) {
  Line& line = *lines_[at];
  std::optional<store::OutboxItem> item;
  const Status claimed = parts_.database.write([&](store::Session& session) -> Status {
    auto items =
        line.outbox.claim(session, parts_.gateway, parts_.clock.now(), 1,
                          {.kind = engine_alert_kind, .destination = line.destination.name});
    if (!items) return items.error();
    item.reset();
    if (!items->empty()) item = std::move(items->front());
    return done;
  });
  if (!claimed) return claimed.error();
  line.away = false;
  if (!item) return std::size_t{0};
  const Outcome outcome = deliver(line, *item);
  line.away = !outcome.ok && !outcome.final;
  ++(outcome.ok ? line.delivered : outcome.final ? line.refused : line.failed);
  if (!outcome.ok) {
    observe::log(observe::Level::warning, "alert.not_delivered",
                 {{"delivery", item->id},
                  {"kind", item->kind},
                  {"feed", line.destination.name},
                  {"attempts", item->attempts},
                  {"reason", outcome.why}});
  }
  const Time now = parts_.clock.now();
  const Status noted = parts_.database.write([&](store::Session& session) -> Status {
    if (outcome.ok) return line.outbox.delivered(session, item->id, now);
    if (outcome.final) return line.outbox.refused(session, item->id, outcome.why, now);
    const auto state = line.outbox.failed(session, item->id, outcome.why, now);
    if (!state) return state.error();
    return done;
  });
  if (!noted) return noted.error();
  return std::size_t{1};
}

SendEngineAlerts::Outcome SendEngineAlerts::deliver(const Line& line,
                                                    const store::OutboxItem& item) const {
  const Result<std::string> answer = line.destination.send(item.payload);
  if (!answer) return {false, false, answer.error().message};
  const auto ack = hl7v2::read_ack(*answer);
  if (!ack) return {false, false, "the answer is no acknowledgement"};
  if (ack->control_id != hl7v2::read_header(item.payload).control_id) {
    return {false, false, "the acknowledgement is for another message"};
  }
  switch (hl7v2::meaning_of(*ack)) {
    case hl7v2::AckMeaning::accepted:
      return {true, false, ""};
    case hl7v2::AckMeaning::refused:
      return {false, true, "the engine refused the message: " + ack->code};
    case hl7v2::AckMeaning::later:
      return {false, false, "the engine rejected the message for now: " + ack->code};
    case hl7v2::AckMeaning::unknown:
      break;
  }
  return {false, false, "the acknowledgement has no code that is known"};
}

std::vector<SendEngineAlerts::Counts> SendEngineAlerts::counts() const {
  std::vector<Counts> all;
  for (const auto& line : lines_) {
    all.push_back({line->destination.name, line->delivered, line->refused, line->failed});
  }
  return all;
}

}  // namespace cpis::usecases
