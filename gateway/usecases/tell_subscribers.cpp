#include "gateway/usecases/tell_subscribers.h"

#include <algorithm>
#include <charconv>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/observe/log.h"
#include "gateway/observe/thread_name.h"
#include "gateway/observe/trace.h"
#include "gateway/store/audit_store.h"

namespace cpis::usecases {
namespace {

constexpr std::size_t subscriptions_max = 10'000;
constexpr std::size_t shared_in_one_pass = 64;
constexpr std::size_t sent_in_one_pass = 32;
constexpr std::size_t sockets_in_one_pass = 256;
constexpr std::size_t greetings_in_one_pass = 32;
constexpr std::size_t senders_max = 4;
constexpr std::size_t joined_bytes_max = std::size_t{256} * 1024;
constexpr int handshakes_max = 6;
constexpr std::chrono::milliseconds idle_time{1000};
constexpr std::string_view fhir_json = "application/fhir+json";
constexpr std::string_view order_key = "events";
constexpr int gone_status = 410;

std::string number_text(std::int64_t number) { return std::to_string(number); }

// The events of one delivery, as its payload says: `5` or `5-9`.
struct EventRange {
  std::int64_t first = 0;
  std::int64_t last = 0;

  static EventRange read(std::string_view text) {
    EventRange range;
    const char* const end = text.data() + text.size();
    const char* const dash = std::from_chars(text.data(), end, range.first).ptr;
    range.last = range.first;
    if (dash != end) std::from_chars(dash + 1, end, range.last);
    return range;
  }
  std::string text() const {
    return first == last ? number_text(first) : number_text(first) + '-' + number_text(last);
  }
};

std::size_t content_bytes(const std::vector<store::SubscriptionEvent>& events) {
  std::size_t bytes = 0;
  for (const store::SubscriptionEvent& event : events) bytes += event.what.content.size();
  return bytes;
}

std::optional<Subscription> subscription_of(const resources::Entry& entry) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(entry.body, doc, issues)) return std::nullopt;
  auto read = read_subscription(doc.root());
  if (!read) return std::nullopt;
  read->version = entry.version;
  return *std::move(read);
}

// Another handshake after 2, 4, 8, ... seconds.
Duration handshake_pause(int attempts) { return std::chrono::seconds{1LL << attempts}; }

bool serves_socket(const std::optional<Subscription>& subscription) {
  return subscription && subscription->websocket && subscription->status != "off";
}

std::string_view kind_for(const Subscription& subscription) {
  return subscription.websocket ? websocket_kind : subscription_kind;
}

}  // namespace

TellSubscribers::TellSubscribers(Parts parts)
    : parts_{std::move(parts)}, outbox_{store::OutboxStore::Settings{parts_.retry}} {}

TellSubscribers::~TellSubscribers() { stop(); }

Status TellSubscribers::start() {
  const Status released = parts_.database.write(
      [&](store::Session& session) { return outbox_.release_claims(session, parts_.gateway); });
  if (!released) return released;
  refresh();
  thread_ = std::thread{[this] { run(); }};
  return done;
}

void TellSubscribers::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TellSubscribers::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_all();
}

void TellSubscribers::run() {
  observe::name_thread("subscribers");
  while (true) {
    const Result<std::size_t> sent = step();
    if (!sent) {
      observe::log(observe::Level::error, "subscriptions.store_away",
                   {{"reason", sent.error().message}});
    }
    std::unique_lock lock{mutex_};
    if (stopping_) break;
    if (!sent || *sent == 0) {
      changed_.wait_for(lock, idle_time, [&] { return woken_ || stopping_; });
    }
    woken_ = false;
  }
  const Time now = parts_.clock.now();
  static_cast<void>(
      parts_.database.write([&](store::Session& session) { return note_results(session, now); }));
}

// What the book holds now. A subscription is read again only when it has another version.
void TellSubscribers::refresh() {
  const auto entries = parts_.book.all("Subscription", subscriptions_max);
  if (!entries) {
    return observe::log(observe::Level::error, "subscriptions.too_many", {});
  }
  std::map<std::string, Known, std::less<>> now_known;
  std::array<bool, 4> watched{};
  for (const resources::EntryPtr& entry : *entries) {
    const auto before = known_.find(entry->id);
    Known known = before == known_.end() ? Known{} : before->second;
    if (known.entry != entry) {
      known.entry = entry;
      known.subscription = subscription_of(*entry);
      known.handshakes = 0;
      known.handshake_due = {};
      known.told = parts_.clock.now();
    }
    const auto& subscription = known.subscription;
    if (subscription && subscription->status != "off") {
      watched[static_cast<std::size_t>(subscription->criteria.topic)] = true;
    }
    now_known.emplace(entry->id, std::move(known));
  }
  for (const auto& [id, known] : known_) {
    if (!serves_socket(known.subscription)) continue;
    const auto found = now_known.find(id);
    if (found == now_known.end() || !serves_socket(found->second.subscription)) {
      dropped_.push_back(id);
    }
  }
  known_ = std::move(now_known);
  for (std::size_t i = 0; i < watched.size(); ++i) watched_[i] = watched[i];
}

Result<std::size_t> TellSubscribers::step() {
  refresh();
  for (const std::string& id :
       sockets_ == nullptr ? std::vector<std::string>{} : sockets_->take_newly_bound()) {
    if (const auto found = known_.find(id); found != known_.end()) found->second.greet = true;
  }
  const Time now = parts_.clock.now();
  end_what_is_over(now);
  std::vector<Job> jobs;
  shared_ = 0;
  const Status prepared = parts_.database.write(
      [&](store::Session& session) { return prepare(session, now, jobs); }, store::Urgency::later);
  if (!prepared) return prepared.error();
  tried_.clear();
  dropped_.clear();
  turn_ = next_turn_;
  counts_.events += shared_;
  add_greetings(jobs, now);
  for (Job& job : jobs) compose(job, now);
  send_all(jobs);
  const Time after = parts_.clock.now();
  for (Job& job : jobs) conclude(job, after);
  for (const auto& [id, why] : std::exchange(ended_, {})) {
    const auto found = known_.find(id);
    if (found == known_.end() || !found->second.subscription) continue;
    ++counts_.given_up;
    change_status(*found->second.subscription, "error", why);
  }
  return jobs.size() + shared_;
}

// One transaction: what became of the last calls, the new events, and the calls that are due.
Status TellSubscribers::prepare(store::Session& session, Time now, std::vector<Job>& jobs) {
  jobs.clear();
  shared_ = 0;
  ended_.clear();
  if (const Status noted = note_results(session, now); !noted) return noted;
  if (const Status withdrawn = withdraw_dropped(session); !withdrawn) return withdrawn;
  if (const Status shared = share_out(session, now); !shared) return shared;
  if (const Status taken = take_due(session, now, jobs); !taken) return taken;
  return take_for_sockets(session, now, jobs);
}

Status TellSubscribers::withdraw_dropped(store::Session& session) {
  for (const std::string& id : dropped_) {
    if (const Status back = outbox_.withdraw(session, websocket_kind, id); !back) return back;
  }
  return done;
}

bool TellSubscribers::is_bound(const std::string& id) const {
  return sockets_ != nullptr && sockets_->is_bound(id);
}

bool TellSubscribers::is_greeted(const std::string& id) const {
  return sockets_ != nullptr && sockets_->is_greeted(id);
}

Status TellSubscribers::note_results(store::Session& session, Time now) {
  // Whether it was the last attempt.
  const auto note_failure = [&](const Job& job) -> Result<bool> {
    if (job.gone) {
      const Status refused = outbox_.refused(session, job.item.id, job.trouble, now);
      if (!refused) return refused.error();
      return true;
    }
    const auto state = outbox_.failed(session, job.item.id, job.trouble, now);
    if (!state) return state.error();
    return *state == store::OutboxState::dead;
  };
  for (const Job& job : tried_) {
    Status noted = done;
    if (job.taken) {
      noted = outbox_.delivered(session, job.item.id, now);
    } else if (const Result<bool> last = note_failure(job); !last) {
      noted = last.error();
    } else if (*last) {
      ended_[job.subscription.id] = job.trouble;
      noted = outbox_.withdraw(session, job.item.kind, job.subscription.id);
    }
    // Our claim ran out and somebody else has it: theirs to note.
    if (!noted && noted.error().kind != ErrorKind::conflict) return noted;
  }
  return done;
}

Status TellSubscribers::share_out(store::Session& session, Time now) {
  const auto waiting = store_.waiting(session, shared_in_one_pass);
  if (!waiting) return waiting.error();
  for (const store::Happening& happening : *waiting) {
    const Status ours = store_.share_out(session, happening.id);
    if (!ours && ours.error().kind == ErrorKind::conflict) continue;
    if (!ours) return ours;
    const TopicRow* topic = find_topic(happening.topic);
    for (const auto& [id, known] : known_) {
      const auto& wanted = known.subscription;
      if (!wanted || topic == nullptr || wanted->criteria.topic != topic->topic) continue;
      const bool counts = wanted->status == "active" || wanted->status == "error";
      if (!counts || !wanted->criteria.wants(happening.subject, happening.organisation) ||
          !parts_.rights.concerns(wanted->owner, happening.organisation)) {
        continue;
      }
      const auto number = store_.add_event(session, id, happening);
      if (!number) return number.error();
      ++shared_;
      if (wanted->status != "active") continue;
      const std::string payload = number_text(*number);
      const Status kept =
          outbox_.append(session, {parts_.ids.next(now), kind_for(*wanted), id, order_key,
                                   happening.correlation_id, "text/plain", payload, now});
      if (!kept) return kept;
    }
  }
  return done;
}

// Deliveries of subscriptions that are not served any more are taken back.
Status TellSubscribers::take_due(store::Session& session, Time now, std::vector<Job>& jobs) {
  const auto items =
      outbox_.claim(session, parts_.gateway, now, sent_in_one_pass, {.kind = subscription_kind});
  if (!items) return items.error();
  for (const store::OutboxItem& item : *items) {
    if (const Status taken = take_item(session, now, item, jobs); !taken) return taken;
  }
  return done;
}

// One for each subscriber that is there and has had its handshake; the next comes with the next
// pass, so that their order is kept. A pass goes on where the last one ended, so that each has its
// turn however many listen.
Status TellSubscribers::take_for_sockets(store::Session& session, Time now,
                                         std::vector<Job>& jobs) {
  next_turn_ = turn_;
  std::size_t asked = 0;
  auto place = known_.upper_bound(turn_);
  for (std::size_t seen = 0; seen < known_.size() && asked < sockets_in_one_pass; ++seen, ++place) {
    if (place == known_.end()) place = known_.begin();
    const auto& [id, known] = *place;
    const bool listens = serves_socket(known.subscription) &&
                         known.subscription->status == "active" && is_greeted(id);
    if (!listens) continue;
    ++asked;
    next_turn_ = id;
    const auto items =
        outbox_.claim(session, parts_.gateway, now, 1, {.kind = websocket_kind, .destination = id});
    if (!items) return items.error();
    for (const store::OutboxItem& item : *items) {
      if (const Status taken = take_item(session, now, item, jobs); !taken) return taken;
    }
  }
  return done;
}

// At the first attempt what waits behind it goes along, as far as the subscription's maximum and
// the size of a notification allow; from then on they are one delivery.
Result<std::vector<store::SubscriptionEvent>> TellSubscribers::events_of(
    store::Session& session, const Subscription& subscription,
    const store::OutboxItem& item) const {
  EventRange range = EventRange::read(item.payload);
  std::vector<store::OutboxItem> joined;
  if (item.attempts == 1 && subscription.events_in_one > 1) {
    const auto most = static_cast<std::size_t>(subscription.events_in_one);
    auto behind = outbox_.behind(session, item, most - 1);
    if (!behind) return behind.error();
    for (store::OutboxItem& other : *behind) {
      const EventRange next = EventRange::read(other.payload);
      const bool fits = next.last - range.first < subscription.events_in_one;
      if (next.first != range.last + 1 || !fits) break;
      range.last = next.last;
      joined.push_back(std::move(other));
    }
  }
  auto events =
      store_.events(session, item.destination, range.first, range.last, events_in_one_max);
  if (!events) return events;
  while (!joined.empty() && content_bytes(*events) > joined_bytes_max) {
    range.last = EventRange::read(joined.back().payload).first - 1;
    joined.pop_back();
    std::erase_if(*events, [&](const auto& event) { return event.number > range.last; });
  }
  if (joined.empty()) return events;
  const Status one = outbox_.join(session, item, range.text(), joined);
  if (!one) return one.error();
  return events;
}

Status TellSubscribers::take_item(store::Session& session, Time now, const store::OutboxItem& item,
                                  std::vector<Job>& jobs) {
  const auto found = known_.find(item.destination);
  const bool served = found != known_.end() && found->second.subscription &&
                      found->second.subscription->status == "active";
  if (!served) return outbox_.withdraw(session, item.kind, item.destination);
  Job job;
  job.subscription = *found->second.subscription;
  job.item = item;
  auto events = events_of(session, job.subscription, item);
  if (!events) return events.error();
  if (events->empty()) return outbox_.refused(session, item.id, "the event was purged", now);
  job.events = *std::move(events);
  if (const std::string why = parts_.rights.refuse(job.subscription); !why.empty()) {
    ended_[job.subscription.id] = why;
    return outbox_.withdraw(session, item.kind, item.destination);
  }
  for (const store::SubscriptionEvent& event : job.events) {
    if (item.attempts > 1) break;
    if (const Status audited = audit(session, job, event, now); !audited) return audited;
  }
  jobs.push_back(std::move(job));
  return done;
}

// Who is told what about whom, before anybody is.
Status TellSubscribers::audit(store::Session& session, const Job& job,
                              const store::SubscriptionEvent& event, Time now) const {
  const Subscription& subscription = job.subscription;
  if (subscription.content == PayloadContent::empty) return done;
  const auto caller = parts_.rights.caller_of(subscription.owner);
  if (!caller) return Error{ErrorKind::forbidden, "the owner is not registered"};
  std::string shown = shown_resources({event}, subscription.content);
  if (!subscription.criteria.by_topic) shown = event.what.focus;
  const std::string detail =
      "Subscription/" + subscription.id + " event " + number_text(event.number) + "; " + shown;
  store::AuditEntry entry = store::entry_by(*caller);
  entry.at = now;
  const std::string& cause = event.what.correlation_id;
  entry.correlation_id = cause.empty() ? job.item.correlation_id : cause;
  entry.source = subscription.owner;
  entry.action = "Subscription.notify";
  entry.subject = event.what.subject;
  entry.outcome = "told";
  entry.detail = detail;
  const auto row = store::AuditStore{}.append(session, entry);
  if (!row) return row.error();
  return done;
}

void TellSubscribers::end_what_is_over(Time now) {
  std::vector<Subscription> over;
  for (const auto& [id, known] : known_) {
    const auto& subscription = known.subscription;
    const bool ends = subscription && subscription->status != "off" && subscription->end;
    if (ends && *subscription->end <= now) over.push_back(*subscription);
  }
  // Each change brings `known_` up to date: not while it is walked.
  for (const Subscription& subscription : over) change_status(subscription, "off", "");
}

// Handshakes of those that ask to begin, and heartbeats of those that have heard nothing.
void TellSubscribers::add_greetings(std::vector<Job>& jobs, Time now) {
  std::size_t added = 0;
  for (auto& [id, known] : known_) {
    if (!known.subscription || added == greetings_in_one_pass) continue;
    const Subscription& subscription = *known.subscription;
    Job job;
    job.subscription = subscription;
    if (subscription.websocket && (subscription.status == "off" || !is_bound(id))) continue;
    const bool begins = subscription.websocket
                            ? known.greet
                            : subscription.status == "requested" && known.handshake_due <= now;
    if (begins) {
      job.kind = CallKind::handshake;
    } else if (subscription.status == "active" && subscription.heartbeat_seconds > 0 &&
               (!subscription.websocket || is_greeted(id)) &&
               known.told + std::chrono::seconds{subscription.heartbeat_seconds} <= now) {
      job.kind = CallKind::heartbeat;
    } else {
      continue;
    }
    known.told = now;
    known.greet = false;
    jobs.push_back(std::move(job));
    ++added;
  }
}

void TellSubscribers::compose(Job& job, Time now) const {
  const Subscription& subscription = job.subscription;
  SubscriberCall& call = job.call;
  call.method = "POST";
  call.url = subscription.endpoint;
  call.headers = subscription.headers;
  call.timeout_seconds = subscription.timeout_seconds;
  if (job.kind == CallKind::event) {
    const EventRange range{job.events.front().number, job.events.back().number};
    call.headers.emplace_back("Idempotency-Key", subscription.id + '-' + range.text());
  }
  if (!subscription.criteria.by_topic) {
    if (job.kind != CallKind::event || !subscription.has_payload) return;
    const store::Happening& what = job.events.front().what;
    call.body = focus_resource(what);
    if (call.body.empty()) return;
    // R4: a rest-hook with a payload is an update below the endpoint.
    call.method = "PUT";
    if (!call.url.ends_with('/')) call.url += '/';
    call.url += what.focus;
    call.headers.emplace_back("Content-Type", fhir_json);
    return;
  }
  std::int64_t last = job.events.empty() ? 0 : job.events.back().number;
  if (job.kind != CallKind::event) {
    static_cast<void>(parts_.database.read([&](store::Session& session) -> Status {
      const auto counted = store_.last_event(session, subscription.id);
      if (!counted) return counted.error();
      last = *counted;
      return done;
    }));
  }
  const NotificationType type = job.kind == CallKind::handshake ? NotificationType::handshake
                                : job.kind == CallKind::heartbeat
                                    ? NotificationType::heartbeat
                                    : NotificationType::event_notification;
  Notification what{subscription, type, last};
  if (job.kind == CallKind::event) {
    what.events = job.events;
    what.content = subscription.content;
  }
  call.body = notification_bundle(what, parts_.base(), now);
  call.headers.emplace_back("Content-Type", fhir_json);
}

void TellSubscribers::send_all(std::vector<Job>& jobs) const {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) send(jobs[i]);
  };
  std::vector<std::thread> more;
  for (std::size_t i = 1; i < std::min(senders_max, jobs.size()); ++i) more.emplace_back(work);
  work();
  for (std::thread& thread : more) thread.join();
}

void TellSubscribers::send(Job& job) const {
  if (std::string why = parts_.rights.refuse(job.subscription); !why.empty()) {
    job.trouble = std::move(why);
    return;
  }
  if (job.subscription.websocket) {
    const std::string& id = job.subscription.id;
    if (sockets_ != nullptr) {
      job.taken = job.kind == CallKind::handshake ? sockets_->greet(id, job.call.body)
                                                  : sockets_->send(id, job.call.body);
    }
    if (!job.taken) job.trouble = "nobody listens at the websocket, or not fast enough";
    return;
  }
  const observe::TraceScope trace{job.kind == CallKind::event ? job.item.correlation_id
                                                              : job.subscription.id};
  const Result<int> status = parts_.post(job.call);
  if (!status) {
    job.trouble = status.error().message;
    return;
  }
  job.taken = *status >= 200 && *status < 300;
  job.gone = *status == gone_status;
  if (!job.taken) job.trouble = "the endpoint answered HTTP " + std::to_string(*status);
}

void TellSubscribers::conclude(Job& job, Time now) {
  const auto found = known_.find(job.subscription.id);
  if (!job.taken) {
    ++counts_.failed;
    observe::log(observe::Level::warning, "subscription.not_told",
                 {{"subscription", job.subscription.id}, {"reason", job.trouble}});
  }
  if (job.kind == CallKind::event) {
    if (job.taken) ++counts_.delivered;
    if (job.taken && found != known_.end()) found->second.told = now;
    job.item.payload.clear();
    job.events.clear();
    tried_.push_back(std::move(job));
    return;
  }
  if (job.kind == CallKind::heartbeat) {
    if (job.taken) ++counts_.heartbeats;
    return;
  }
  if (job.taken) {
    ++counts_.handshakes;
    if (job.subscription.status == "active") return;
    return change_status(job.subscription, "active", "");
  }
  // Whoever comes to us comes again.
  if (found == known_.end() || job.subscription.websocket) return;
  if (++found->second.handshakes >= handshakes_max || job.gone) {
    ended_[job.subscription.id] = "no handshake: " + job.trouble;
  }
  found->second.handshake_due = now + handshake_pause(found->second.handshakes);
}

// As its owner would: another version, unless somebody else was faster.
void TellSubscribers::change_status(const Subscription& subscription, std::string_view status,
                                    const std::string& error) {
  const auto entry = parts_.book.find("Subscription", subscription.id);
  fhir::Document doc;
  fhir::Issues issues;
  if (!entry || entry->version != subscription.version ||
      !fhir::json::read_view(entry->body, doc, issues)) {
    return;
  }
  doc.set(doc.root(), "status", status);
  doc.remove_all(doc.root(), "error");
  if (!error.empty()) doc.set(doc.root(), "error", error);
  if (const fhir::Element* meta = doc.root().first("meta")) {
    doc.remove_all(doc.edit(*meta), "versionId");
    doc.remove_all(doc.edit(*meta), "lastUpdated");
    if (!meta->has_children()) doc.remove_all(doc.root(), "meta");
  }
  ResourceWrite write;
  write.type = "Subscription";
  write.id = subscription.id;
  write.body = fhir::json::write(doc.root());
  write.if_version = subscription.version;
  Writer writer;
  writer.caller = parts_.rights.caller_of(subscription.owner).value_or(Caller{});
  writer.client = parts_.gateway;
  writer.correlation_id = subscription.id;
  const auto written = parts_.writes.run({std::move(write)}, writer);
  observe::log(written ? observe::Level::info : observe::Level::warning, "subscription.status",
               {{"subscription", subscription.id}, {"status", status}});
  refresh();
}

}  // namespace cpis::usecases
