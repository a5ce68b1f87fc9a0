#include "gateway/usecases/deliver_alerts.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <utility>
#include <vector>

#include "gateway/observe/log.h"
#include "gateway/observe/thread_name.h"
#include "gateway/observe/trace.h"
#include "gateway/usecases/send_engine_alerts.h"
#include "gateway/usecases/tell_subscribers.h"

namespace cpis::usecases {
namespace {

constexpr std::size_t tried_in_one_pass = 64;
constexpr std::chrono::milliseconds idle_time{1000};

bool append_lines(const std::string& path, std::string_view line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file < 0) return false;
  // One write: lines of several writers do not mix.
  const ssize_t written = ::write(file, line.data(), line.size());
  const bool whole = written == static_cast<ssize_t>(line.size()) && ::fdatasync(file) == 0;
  ::close(file);
  return whole;
}

bool is_final(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
}

}  // namespace

DeliverAlerts::DeliverAlerts(Parts parts)
    : parts_{std::move(parts)}, outbox_{store::OutboxStore::Settings{parts_.retry}} {}

DeliverAlerts::~DeliverAlerts() { stop(); }

Status DeliverAlerts::start() {
  const Status released = parts_.database.write(
      [&](store::Session& session) { return outbox_.release_claims(session, parts_.gateway); });
  if (!released) return released;
  thread_ = std::thread{[this] { run(); }};
  return done;
}

void DeliverAlerts::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeliverAlerts::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_all();
}

void DeliverAlerts::run() {
  observe::name_thread("alerts");
  while (true) {
    const Result<std::size_t> tried = step();
    if (!tried) {
      observe::log(observe::Level::error, "outbox.store_away", {{"reason", tried.error().message}});
    }
    std::unique_lock lock{mutex_};
    if (stopping_) break;
    if (!tried || *tried == 0) {
      changed_.wait_for(lock, idle_time, [&] { return woken_ || stopping_; });
    }
    woken_ = false;
  }
  const Time now = parts_.clock.now();
  static_cast<void>(
      parts_.database.write([&](store::Session& session) { return note_tried(session, now); }));
}

// One commit notes what became of the last deliveries and takes the next. When it fails, they are
// noted by the next one that succeeds.
Result<std::size_t> DeliverAlerts::step() {
  std::vector<store::OutboxItem> due;
  const Time now = parts_.clock.now();
  const Status claimed = parts_.database.write(
      [&](store::Session& session) -> Status {
        if (const Status noted = note_tried(session, now); !noted) return noted;
        auto items =
            outbox_.claim(session, parts_.gateway, now, tried_in_one_pass,
                          {.not_kinds = {engine_alert_kind, subscription_kind, websocket_kind}});
        if (!items) return items.error();
        due = *std::move(items);
        return done;
      },
      store::Urgency::later);
  if (!claimed) return claimed.error();
  tried_.clear();
  // Lines of one file are appended and flushed together: a flush for each would hold up the store.
  std::map<std::string, std::string> lines;
  for (const store::OutboxItem& item : due) {
    if (item.kind == "alert.file") lines[item.destination] += item.payload;
  }
  std::map<std::string, bool> appended;
  for (const auto& [file, text] : lines) appended[file] = append_lines(file, text);
  for (store::OutboxItem& item : due) {
    Outcome outcome{true, false, ""};
    if (item.kind != "alert.file") {
      outcome = deliver(item);
    } else if (!appended[item.destination]) {
      outcome = {false, false, "the alert file cannot be written"};
    }
    count(item, outcome);
    item.payload.clear();
    tried_.push_back({std::move(item), std::move(outcome)});
  }
  return tried_.size();
}

void DeliverAlerts::count(const store::OutboxItem& item, const Outcome& outcome) {
  ++(outcome.ok ? delivered_ : failed_);
  if (outcome.ok) return;
  observe::log(observe::Level::warning, "alert.not_delivered",
               {{"delivery", item.id},
                {"kind", item.kind},
                {"attempts", item.attempts},
                {"reason", outcome.error}});
}

DeliverAlerts::Outcome DeliverAlerts::deliver(const store::OutboxItem& item) const {
  if (item.kind != "alert.webhook" || !parts_.post) {
    return {false, true, "no one delivers this kind"};
  }
  const observe::TraceScope trace{item.correlation_id};
  const Result<int> status =
      parts_.post(item.destination, item.content_type, item.payload, std::to_string(item.id));
  if (!status) return {false, false, status.error().message};
  if (*status >= 200 && *status < 300) return {true, false, ""};
  return {false, is_final(*status), "HTTP " + std::to_string(*status)};
}

Status DeliverAlerts::note_tried(store::Session& session, Time now) const {
  for (const Tried& one : tried_) {
    const Status noted = note_one(session, one.item, one.outcome, now);
    // Our claim ran out and somebody else has it: theirs to note.
    if (!noted && noted.error().kind != ErrorKind::conflict) return noted;
  }
  return done;
}

Status DeliverAlerts::note_one(store::Session& session, const store::OutboxItem& item,
                               const Outcome& outcome, Time now) const {
  if (outcome.ok) return outbox_.delivered(session, item.id, now);
  if (outcome.final) return outbox_.refused(session, item.id, outcome.error, now);
  const auto state = outbox_.failed(session, item.id, outcome.error, now);
  if (!state) return state.error();
  return done;
}

}  // namespace cpis::usecases
