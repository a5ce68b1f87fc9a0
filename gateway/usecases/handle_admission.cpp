#include "gateway/usecases/handle_admission.h"

#include <utility>

#include "adapters/hl7v2/understanding.h"
#include "gateway/edge/ids.h"
#include "gateway/observe/log.h"
#include "gateway/store/resource_store.h"

namespace cpis::usecases {
namespace {

constexpr std::size_t claimed_max = 256;
constexpr std::size_t open_works_max = 512;
// More messages than this waiting to be kept is a burst; one message is processed in each pace.
constexpr std::size_t burst_min = 16;
constexpr std::chrono::milliseconds burst_pace{2};
// Between two looks at the inbox when nobody wakes us (another gateway's messages, retries).
constexpr std::chrono::milliseconds idle_time{1000};
constexpr std::chrono::milliseconds trouble_time{500};
constexpr std::chrono::milliseconds last_answers_time{1000};

std::string first_fault(const Findings& findings) {
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::fatal) return finding.rule + ": " + finding.text;
  }
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::error) return finding.rule + ": " + finding.text;
  }
  return "nothing to act on";
}

}  // namespace

struct HandleAdmission::Deliveries {
  struct One {
    std::int64_t id = 0;
    std::string_view kind;
    std::string destination;
    std::string content_type;
    std::string payload;
  };
  std::vector<One> all;
  std::string order_key;
  std::string correlation;
  Time now{};

  Status append(store::Session& session, const store::OutboxStore& outbox) const {
    for (const One& one : all) {
      const Status kept = outbox.append(session, {one.id, one.kind, one.destination, order_key,
                                                  correlation, one.content_type, one.payload, now});
      if (!kept) return kept;
    }
    return done;
  }
};

HandleAdmission::HandleAdmission(const Parts& parts, AdmissionSettings settings)
    : parts_{parts}, settings_{std::move(settings)} {}

HandleAdmission::~HandleAdmission() { stop(); }

Status HandleAdmission::start() {
  const Status released = parts_.database.write(
      [&](store::Session& session) { return inbox_.release_claims(session, settings_.gateway); });
  if (!released) return released;
  const Status loaded =
      parts_.database.read([&](store::Session& session) { return known_.load(session); });
  if (!loaded) return loaded;
  thread_ = std::thread{[this] { run(); }};
  return done;
}

void HandleAdmission::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HandleAdmission::wake() {
  {
    const std::lock_guard lock{mutex_};
    if (woken_) return;
    woken_ = true;
  }
  changed_.notify_all();
}

void HandleAdmission::run() {
  resolve_open_questions();
  while (true) {
    take_answers();
    const bool more = take_batch();
    std::unique_lock lock{mutex_};
    if (stopping_) break;
    if (failed_) {
      changed_.wait_for(lock, trouble_time, [&] { return stopping_; });
      lock.unlock();
      reload();
      continue;
    }
    if (!more) {
      changed_.wait_for(lock, idle_time, [&] { return woken_ || stopping_ || !answers_.empty(); });
    }
    woken_ = false;
  }
  take_last_answers();
}

// At the end: outcomes that are about to come are kept now, and not found out after the restart. A
// source that takes its time is not waited for; its questions are resolved at the next start.
void HandleAdmission::take_last_answers() {
  wait_for_commits(0);
  {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, last_answers_time, [&] { return open_questions_ == 0; });
  }
  take_answers();
  wait_for_commits(0);
}

// What is in memory may be ahead of a commit that failed: start again from the store.
bool HandleAdmission::reload() {
  wait_for_commits(0);
  AttendanceBook fresh;
  const Status released = parts_.database.write(
      [&](store::Session& session) { return inbox_.release_claims(session, settings_.gateway); });
  const Status loaded =
      released ? parts_.database.read([&](store::Session& s) { return fresh.load(s); }) : released;
  if (!loaded) {
    observe::log(observe::Level::error, "admission.store_away",
                 {{"reason", loaded.error().message}});
    return false;
  }
  {
    const std::lock_guard lock{book_mutex_};
    known_ = std::move(fresh);
  }
  {
    const std::lock_guard lock{mutex_};
    failed_ = false;
  }
  resolve_open_questions();
  return true;
}

bool HandleAdmission::take_batch() {
  std::vector<store::InboxItem> items;
  const Status claimed = parts_.database.write([&](store::Session& session) -> Status {
    auto taken = inbox_.claim(session, settings_.gateway, parts_.clock.now(), claimed_max);
    if (!taken) return taken.error();
    items = *std::move(taken);
    return done;
  });
  if (!claimed) {
    observe::log(observe::Level::error, "admission.claim_failed",
                 {{"reason", claimed.error().message}});
    return false;
  }
  for (const store::InboxItem& item : items) {
    {
      const std::lock_guard lock{mutex_};
      if (failed_) break;
    }
    give_way();
    take(item);
    take_answers();
  }
  wait_for_commits(0);
  return items.size() == claimed_max;
}

void HandleAdmission::give_way() {
  if (!parts_.arriving || parts_.arriving() < burst_min) return;
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, burst_pace, [&] { return stopping_; });
}

void HandleAdmission::take(const store::InboxItem& item) {
  const auto feed = settings_.feeds.find(item.feed);
  const FeedPolicy& policy =
      feed == settings_.feeds.end() ? settings_.feeds.begin()->second : feed->second;
  const hl7v2::Understanding read = hl7v2::understand(item.body, policy.reading);
  if (!read.event) {
    const bool unusable = hl7v2::rule_for(read.intake).verdict != hl7v2::Verdict::accept;
    if (unusable) return quarantine(item, first_fault(read.findings));
    ++counts_.ignored;
    return apply(item, {});
  }
  const AdmissionContext context{item.feed, policy.reading.organisation_ods, policy.check,
                                 settings_.rules, parts_.clock.now()};
  AdmissionPlanner planner{known_, context, random_hex_id, random_uuid};
  apply(item, planner.plan(*read.event));
  ++counts_.processed;
}

void HandleAdmission::quarantine(const store::InboxItem& item, const std::string& reason) {
  ++counts_.quarantined;
  observe::log(observe::Level::warning, "hl7.message.quarantined",
               {{"feed", item.feed}, {"message", item.id}, {"reason", reason}});
  const Time now = parts_.clock.now();
  submit([this, id = item.id, reason,
          now](store::Session& session) { return inbox_.quarantine(session, id, reason, now); },
         {});
}

void HandleAdmission::apply(const store::InboxItem& item, AdmissionChanges planned) {
  const Time now = parts_.clock.now();
  auto changes = std::make_shared<AdmissionChanges>(std::move(planned));
  {
    const std::lock_guard lock{book_mutex_};
    for (const PatientState& patient : changes->patients) known_.put(patient);
    for (const auto& [identity, id] : changes->links) known_.link(identity, id);
    for (const AttendanceState& attendance : changes->attendances) known_.put(attendance);
  }
  auto alert = std::make_shared<Deliveries>();
  if (changes->review) {
    ++counts_.reviews;
    *alert = deliveries(AlertKind::needs_review, *changes->review, nullptr,
                        std::string{rules::words_of(changes->review->decision)});
  }
  auto change_ids = std::make_shared<std::vector<std::int64_t>>();
  for (std::size_t i = 0; i < changes->resources.size(); ++i) {
    change_ids->push_back(parts_.ids.next(now));
  }
  auto versions = std::make_shared<std::vector<std::int64_t>>(changes->resources.size());
  submit(
      [this, changes, alert, change_ids, versions, now, id = item.id](store::Session& session) {
        const store::ResourceStore resources;
        for (std::size_t i = 0; i < changes->resources.size(); ++i) {
          const ResourceBody& body = changes->resources[i];
          const auto version = resources.put(
              session, {body.type, body.id, body.body, now, (*change_ids)[i], std::nullopt});
          if (!version) return Status{version.error()};
          (*versions)[i] = *version;
        }
        for (const PatientState& patient : changes->patients) {
          if (const Status saved = save(session, patient, now); !saved) return saved;
        }
        for (const auto& [identity, patient] : changes->links) {
          if (const Status saved = save_link(session, identity, patient); !saved) return saved;
        }
        for (const AttendanceState& attendance : changes->attendances) {
          if (const Status saved = save(session, attendance, now); !saved) return saved;
        }
        if (const Status kept = alert->append(session, outbox_); !kept) return kept;
        return inbox_.finish(session, id, now);
      },
      [this, changes, versions, alert, now, feed = item.feed] {
        for (std::size_t i = 0; i < changes->resources.size(); ++i) {
          const ResourceBody& body = changes->resources[i];
          parts_.book.put(body.type, body.id, (*versions)[i], now, body.body);
        }
        if (!alert->all.empty() && parts_.alert_waiting) parts_.alert_waiting();
        if (changes->check) ask(*changes->check, feed);
      });
}

void HandleAdmission::ask(const PlannedCheck& check, const std::string& feed) {
  ++counts_.asked;
  CheckRequest request{check.person, settings_.check_caller, check.question_id, "adt.arrival",
                       feed,         check.question_id};
  {
    const std::lock_guard lock{mutex_};
    ++open_questions_;
  }
  parts_.check.run(std::move(request), [this, check](ProtectionAnswer answer) {
    {
      const std::lock_guard lock{mutex_};
      --open_questions_;
      answers_.push_back({check, std::move(answer)});
    }
    changed_.notify_all();
  });
}

void HandleAdmission::take_answers() {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock{mutex_};
    answers.swap(answers_);
  }
  for (const Answer& one : answers) take_answer(one.check, one.answer);
}

void HandleAdmission::take_answer(const PlannedCheck& check, const ProtectionAnswer& answer) {
  const AttendanceState* known = known_.attendance_by_id(check.attendance_id);
  if (known == nullptr || known->question_id != check.question_id) return;
  AttendanceState attendance = *known;
  if (const auto* record = std::get_if<ProtectionRecord>(&answer)) {
    ++counts_.records;
    attendance.check = CheckState::records;
    keep_outcome(std::move(attendance), AlertKind::record_held, record, "");
  } else if (std::get_if<NoneHeld>(&answer) != nullptr) {
    ++counts_.none_held;
    attendance.check = CheckState::none_held;
    keep_outcome(std::move(attendance), std::nullopt, nullptr, "");
  } else {
    ++counts_.could_not;
    const auto& failed = std::get<CouldNotAsk>(answer);
    attendance.check = CheckState::could_not;
    observe::log(observe::Level::warning, "check.could_not_ask",
                 {{"encounter", attendance.id},
                  {"kind", name_of(failed.why.kind)},
                  {"reason", failed.why.message}});
    keep_outcome(std::move(attendance), AlertKind::could_not_ask, nullptr,
                 std::string{name_of(failed.why.kind)});
  }
}

void HandleAdmission::resolve_open_questions() {
  for (AttendanceState& open : known_.unresolved()) {
    const PatientState* patient = known_.patient(open.patient_id);
    if (parts_.questions_can_be_repeated && patient != nullptr && patient->nhs_number) {
      ask({*patient->nhs_number, open.id, open.question_id}, open.feed);
      continue;
    }
    ++counts_.could_not;
    open.check = CheckState::could_not;
    keep_outcome(open, AlertKind::could_not_ask, nullptr,
                 "the gateway was restarted while the question was out");
  }
}

HandleAdmission::Deliveries HandleAdmission::deliveries(AlertKind kind,
                                                        const AttendanceState& attendance,
                                                        const ProtectionRecord* record,
                                                        const std::string& why) {
  Deliveries made;
  made.now = parts_.clock.now();
  made.order_key = attendance.id;
  made.correlation = attendance.question_id;
  if (!settings_.webhook_url.empty()) {
    const auto encounter = parts_.book.find("Encounter", attendance.id);
    made.all.push_back(
        {parts_.ids.next(made.now), "alert.webhook", settings_.webhook_url, "application/fhir+json",
         alert_bundle(kind, attendance, record, why, encounter ? encounter->body : "", made.now)});
  }
  if (!settings_.alert_file.empty()) {
    made.all.push_back({parts_.ids.next(made.now), "alert.file", settings_.alert_file,
                        "application/x-ndjson",
                        alert_line(kind, attendance, record, why, made.now)});
  }
  return made;
}

void HandleAdmission::keep_outcome(AttendanceState attendance, std::optional<AlertKind> alert,
                                   const ProtectionRecord* record, const std::string& why) {
  auto made = std::make_shared<Deliveries>();
  if (alert) *made = deliveries(*alert, attendance, record, why);
  const Time now = parts_.clock.now();
  {
    const std::lock_guard lock{book_mutex_};
    known_.put(attendance);
  }
  submit(
      [this, attendance, made, now](store::Session& session) {
        if (const Status saved = save(session, attendance, now); !saved) return saved;
        return made->append(session, outbox_);
      },
      [this, made] {
        if (!made->all.empty() && parts_.alert_waiting) parts_.alert_waiting();
      });
}

void HandleAdmission::submit(store::Work work, std::function<void()> committed) {
  wait_for_commits(open_works_max - 1);
  {
    const std::lock_guard lock{mutex_};
    ++open_works_;
  }
  const auto settled = [this, committed = std::move(committed)](const Status& status) {
    if (status && committed) committed();
    {
      const std::lock_guard lock{mutex_};
      --open_works_;
      if (!status) failed_ = true;
    }
    if (!status) {
      observe::log(observe::Level::error, "admission.commit_failed",
                   {{"reason", status.error().message}});
    }
    changed_.notify_all();
  };
  if (!parts_.database.submit(std::move(work), settled)) {
    settled(Error{ErrorKind::busy, "the store's queue is full"});
  }
}

void HandleAdmission::wait_for_commits(std::size_t open_max) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return open_works_ <= open_max; });
}

std::vector<AttendanceState> HandleAdmission::attendances_of(std::string_view patient_id) const {
  const std::lock_guard lock{book_mutex_};
  return known_.attendances_of(patient_id);
}

HandleAdmission::Sizes HandleAdmission::sizes() const {
  const std::lock_guard lock{book_mutex_};
  return {known_.people(), known_.attendances()};
}

}  // namespace cpis::usecases
