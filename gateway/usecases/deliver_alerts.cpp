#include "gateway/usecases/deliver_alerts.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <utility>
#include <vector>

#include "gateway/observe/log.h"

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
    : parts_{std::move(parts)}, outbox_{store::OutboxStore::Settings{parts_.retry, {}}} {}

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
  while (true) {
    const Result<std::size_t> tried = step();
    if (!tried) {
      observe::log(observe::Level::error, "outbox.store_away", {{"reason", tried.error().message}});
    }
    std::unique_lock lock{mutex_};
    if (stopping_) return;
    if (!tried || *tried == 0) {
      changed_.wait_for(lock, idle_time, [&] { return woken_ || stopping_; });
    }
    woken_ = false;
  }
}

Result<std::size_t> DeliverAlerts::step() {
  std::vector<store::OutboxItem> due;
  const Status claimed = parts_.database.write([&](store::Session& session) -> Status {
    auto items = outbox_.claim(session, parts_.gateway, parts_.clock.now(), tried_in_one_pass);
    if (!items) return items.error();
    due = *std::move(items);
    return done;
  });
  if (!claimed) return claimed.error();
  // Lines of one file are appended and flushed together: a flush for each would hold up the store.
  std::map<std::string, std::string> lines;
  for (const store::OutboxItem& item : due) {
    if (item.kind == "alert.file") lines[item.destination] += item.payload;
  }
  std::map<std::string, bool> appended;
  for (const auto& [file, text] : lines) appended[file] = append_lines(file, text);
  std::vector<Outcome> outcomes;
  for (const store::OutboxItem& item : due) {
    if (item.kind != "alert.file") {
      outcomes.push_back(deliver(item));
    } else if (appended[item.destination]) {
      outcomes.push_back({true, false, ""});
    } else {
      outcomes.push_back({false, false, "the alert file cannot be written"});
    }
  }
  if (const Status noted = note(due, outcomes); !noted) return noted.error();
  return due.size();
}

DeliverAlerts::Outcome DeliverAlerts::deliver(const store::OutboxItem& item) const {
  if (item.kind != "alert.webhook" || !parts_.post) {
    return {false, true, "no one delivers this kind"};
  }
  const Result<int> status =
      parts_.post(item.destination, item.content_type, item.payload, std::to_string(item.id));
  if (!status) return {false, false, status.error().message};
  if (*status >= 200 && *status < 300) return {true, false, ""};
  return {false, is_final(*status), "HTTP " + std::to_string(*status)};
}

Status DeliverAlerts::note(const std::vector<store::OutboxItem>& items,
                           const std::vector<Outcome>& outcomes) {
  if (items.empty()) return done;
  const Time now = parts_.clock.now();
  for (std::size_t i = 0; i < items.size(); ++i) {
    ++(outcomes[i].ok ? delivered_ : failed_);
    if (outcomes[i].ok) continue;
    observe::log(observe::Level::warning, "alert.not_delivered",
                 {{"delivery", items[i].id},
                  {"kind", items[i].kind},
                  {"attempts", items[i].attempts},
                  {"reason", outcomes[i].error}});
  }
  return parts_.database.write([&](store::Session& session) -> Status {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const Status noted = note_one(session, items[i], outcomes[i], now); !noted) return noted;
    }
    return done;
  });
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
