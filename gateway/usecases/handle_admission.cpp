#include "gateway/usecases/handle_admission.h"

#include <algorithm>
#include <utility>

#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/understanding.h"
#include "gateway/edge/ids.h"
#include "gateway/observe/log.h"
#include "gateway/observe/thread_name.h"
#include "gateway/store/resource_store.h"
#include "gateway/usecases/kept_resource.h"
#include "gateway/usecases/send_engine_alerts.h"
#include "gateway/usecases/write_resources.h"

namespace cpis::usecases {
namespace {

// Small enough that an acknowledgement never waits long for the commit of a batch.
constexpr std::size_t claimed_max = 64;
// More than one batch at a time: a commit of many costs little more than one of few.
constexpr std::size_t brought_at_once = 256;
// With fewer messages than this nothing is lost by leaving their commit to the next arrival's.
constexpr std::size_t worth_a_commit = 16;
// This many messages waiting to be kept at once is a burst. Then the writer belongs to them, and
// processing takes the share that the age of its oldest message calls for.
constexpr std::size_t burst_min = 16;
struct Share {
  Duration age_max;
  std::size_t claimed;
  std::chrono::milliseconds pause;
};
constexpr Share shares[] = {
    {std::chrono::seconds{5}, 16, std::chrono::milliseconds{20}},
    {std::chrono::seconds{10}, 64, std::chrono::milliseconds{5}},
};
// Between two looks at the inbox when nobody wakes us (retries; another gateway's messages).
constexpr std::chrono::milliseconds idle_time{1000};
constexpr std::chrono::milliseconds shared_idle_time{200};
constexpr std::chrono::milliseconds trouble_time{500};
constexpr std::chrono::milliseconds busy_time{20};

std::string first_fault(const Findings& findings) {
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::fatal) return finding.rule + ": " + finding.text;
  }
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::error) return finding.rule + ": " + finding.text;
  }
  return "nothing to act on";
}

bool is_test(const AdtEvent& event) {
  return event.processing_id.starts_with('T') || event.processing_id.starts_with('D');
}

std::shared_ptr<const FeedMappings> published_mappings() {
  Findings none;  // a test holds that the published tables have no fault
  return std::make_shared<const FeedMappings>(FeedMappings::open({}, none));
}

}  // namespace

void AdmissionCounts::add(const BatchCounts& batch) {
  processed += batch.processed;
  ignored += batch.ignored;
  tests += batch.tests;
  asked += batch.asked;
  records += batch.records;
  none_held += batch.none_held;
  could_not += batch.could_not;
  reviews += batch.reviews;
}

HandleAdmission::HandleAdmission(const Parts& parts, AdmissionSettings settings)
    : parts_{parts},
      settings_{std::move(settings)},
      inbox_{store::InboxStore::Settings{.marks_claims = !parts_.database.is_exclusive()}},
      lead_{parts_.database, parts_.clock},
      mappings_{settings_.mappings ? settings_.mappings : published_mappings()},
      resources_{parts_.book, *mappings_, settings_.companions} {}

HandleAdmission::~HandleAdmission() { stop(); }

Status HandleAdmission::start() {
  const Status loaded =
      parts_.database.read([&](store::Session& session) { return known_.load(session); });
  if (!loaded) return loaded;
  if (lead_.leads()) {
    const Status released = parts_.database.write(
        [&](store::Session& session) { return inbox_.release_claims(session); });
    if (!released) return released;
  }
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
  observe::name_thread("admission");
  ahead_ = lead_.leads() && !resolve_open_questions();
  while (true) {
    const bool more = step();
    std::unique_lock lock{mutex_};
    if (stopping_) break;
    if (!more && !ahead_) {
      const bool leading = lead_.leads();
      changed_.wait_for(lock, lead_.is_shared() ? shared_idle_time : idle_time,
                        [&] { return woken_ || stopping_ || (leading && !answers_.empty()); });
    }
    woken_ = false;
  }
  take_last_answers();
  lead_.give_back();
}

// One commit: what the messages of the last one change, and the next messages. True when there may
// be more to do at once.
bool HandleAdmission::step() {
  if (ahead_ && !pause(trouble_time)) return false;
  if (!leads()) return false;
  if (ahead_ && !reload()) return false;
  claim_next_ = claim_size();
  AdmissionBatch batch{parts_.clock.now()};
  resources_.begin();
  take_answers(batch);
  const std::vector<store::InboxItem> items = std::exchange(claimed_, {});
  for (const store::InboxItem& item : items) take(item, batch);
  one_by_one_ -= std::min(one_by_one_, items.size());
  if (const Status kept = keep(batch); !kept) {
    recover(batch, kept.error());
    return true;
  }
  const Duration behind =
      claimed_.empty() ? Duration{0} : parts_.clock.now() - claimed_.front().received_at;
  counts_.behind_micros = std::max(behind, Duration{0}).count();
  return !claimed_.empty();
}

// How many messages to take next; in a burst after a pause that leaves the writer to receiving.
std::size_t HandleAdmission::claim_size() {
  if (one_by_one_ > 0) return 1;
  if (!parts_.arriving || parts_.arriving() < burst_min) return claimed_max;
  const Duration behind{counts_.behind_micros.load()};
  for (const Share& share : shares) {
    if (behind >= share.age_max) continue;
    pause(share.pause);
    return share.claimed;
  }
  return claimed_max;
}

// False when the gateway is told to stop.
bool HandleAdmission::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

const FeedPolicy& HandleAdmission::policy_of(const std::string& feed) const {
  const auto found = settings_.feeds.find(feed);
  return found == settings_.feeds.end() ? settings_.feeds.begin()->second : found->second;
}

void HandleAdmission::take(const store::InboxItem& item, AdmissionBatch& batch) {
  if (item.feed == WriteResources::feed_name) return take_resource(item, batch);
  const FeedPolicy& policy = policy_of(item.feed);
  const hl7v2::Understanding read = hl7v2::understand(item.body, policy.reading);
  if (!read.event) {
    const bool unusable = hl7v2::rule_for(read.intake).verdict != hl7v2::Verdict::accept;
    if (unusable) return batch.set_aside({item.id, first_fault(read.findings), item.feed});
    ++batch.counts().ignored;
    return batch.finish(item.id);
  }
  if (!policy.process_tests && is_test(*read.event)) {
    ++batch.counts().tests;
    return batch.finish(item.id);
  }
  take(*read.event, *read.message, item, policy, batch);
  for (const std::string& part : hl7v2::further_parts(*read.message)) {
    const hl7v2::Understanding other = hl7v2::understand(part, policy.reading);
    if (other.event) take(*other.event, *other.message, item, policy, batch);
  }
  batch.finish(item.id);
  ++batch.counts().processed;
}

void HandleAdmission::take(const AdtEvent& event, const hl7v2::Message& message,
                           const store::InboxItem& item, const FeedPolicy& policy,
                           AdmissionBatch& batch) {
  const AdmissionContext context{item.feed,    policy.reading.organisation_ods,
                                 policy.check, settings_.rules,
                                 batch.now(),  !settings_.companions};
  AdmissionPlanner planner{known_, context, ordered_hex_id, ordered_uuid};
  AdmissionChanges changes = planner.plan(event);
  resources_.complete({message, event, policy.reading, item.feed, item.id, batch.now()}, changes);
  use(event, item, std::move(changes), batch);
}

// A Patient or Encounter that was written over FHIR: an arrival like any other.
void HandleAdmission::take_resource(const store::InboxItem& item, AdmissionBatch& batch) {
  std::string why;
  const auto patient = [this](std::string_view id) { return patient_of_store(id); };
  auto kept = read_kept_resource(item.body, patient, why);
  if (!kept) return batch.set_aside({item.id, why, item.feed});
  kept->event.occurred = item.received_at;
  const FeedPolicy& policy = policy_of(item.feed);
  const AdmissionContext context{item.feed, policy.reading.organisation_ods, policy.check,
                                 settings_.rules, batch.now()};
  AdmissionPlanner planner{known_, context, ordered_hex_id, ordered_uuid};
  const PatientState* const before = known_.patient(kept->patient_id);
  const bool was_shielded = before != nullptr && before->shielded;
  AdmissionChanges changes = planner.plan_kept(kept->event, kept->patient_id, kept->encounter_id);
  changes.patient_id = kept->patient_id;
  if (kept->event.details.shielded && !was_shielded) {
    resources_.hide_rest(kept->patient_id, changes);
  }
  use(kept->event, item, std::move(changes), batch);
  batch.finish(item.id);
  ++batch.counts().processed;
}

// Of the store, and not of the book: an Encounter that was written together with its Patient, or
// through another gateway, is here before the book has heard of the person.
std::optional<std::string> HandleAdmission::patient_of_store(std::string_view id) const {
  std::optional<std::string> body;
  const Status read = parts_.database.read([&](store::Session& session) -> Status {
    auto found = store::ResourceStore{}.read(session, "Patient", id);
    if (!found) return found.error();
    body.reset();
    if (*found && !(*found)->deleted) body = std::move((*found)->body);
    return done;
  });
  if (read) return body;
  const auto held = parts_.book.find("Patient", id);
  return held ? std::optional{held->body} : std::nullopt;
}

void HandleAdmission::use(const AdtEvent& event, const store::InboxItem& item,
                          AdmissionChanges changes, AdmissionBatch& batch) {
  {
    const std::lock_guard lock{book_mutex_};
    for (const PatientState& patient : changes.patients) known_.put(patient);
    for (const auto& [identity, id] : changes.links) known_.link(identity, id);
    for (const AttendanceState& attendance : changes.attendances) known_.put(attendance);
  }
  batch.add(changes);
  event_ = &event;
  if (changes.review) {
    ++batch.counts().reviews;
    announce(changes.review->id, item, batch);
    tell(AlertKind::needs_review, *changes.review, nullptr,
         rules::words_of(changes.review->decision), batch);
  }
  if (changes.check) {
    announce(changes.check->attendance_id, item, batch);
    decide(*changes.check, item.feed, batch);
  }
  event_ = nullptr;
}

// The outcome may come after this message is forgotten: which it was is kept, when it matters.
void HandleAdmission::announce(const std::string& attendance, const store::InboxItem& item,
                               AdmissionBatch& batch) {
  event_attendance_ = attendance;
  if (settings_.engines.contains(item.feed)) batch.add(Announcement{attendance, item.id});
}

// Asks now, inside the transaction, when the answer is in this store; otherwise after the commit.
void HandleAdmission::decide(const PlannedCheck& check, const std::string& feed,
                             AdmissionBatch& batch) {
  if (!parts_.check.joins()) return batch.add(OpenQuestion{check, feed});
  ++batch.counts().asked;
  JoinedCheck joined = parts_.check.join({check.person, settings_.check_caller, check.question_id,
                                          "adt.arrival", feed, check.question_id});
  settle(check, joined.answer, batch);
  batch.add(std::move(joined));
}

void HandleAdmission::ask(const OpenQuestion& question) {
  ++counts_.asked;
  const PlannedCheck& check = question.check;
  {
    const std::lock_guard lock{mutex_};
    ++open_questions_;
  }
  parts_.check.run({check.person, settings_.check_caller, check.question_id, "adt.arrival",
                    question.feed, check.question_id},
                   [this, check](ProtectionAnswer answer) {
                     {
                       const std::lock_guard lock{mutex_};
                       --open_questions_;
                       answers_.push_back({check, std::move(answer)});
                     }
                     changed_.notify_all();
                   });
}

void HandleAdmission::take_answers(AdmissionBatch& batch) {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock{mutex_};
    answers.swap(answers_);
  }
  for (const Answer& one : answers) settle(one.check, one.answer, batch);
}

void HandleAdmission::settle(const PlannedCheck& check, const ProtectionAnswer& answer,
                             AdmissionBatch& batch) {
  const AttendanceState* known = known_.attendance_by_id(check.attendance_id);
  if (known == nullptr || known->question_id != check.question_id) return;
  AttendanceState attendance = *known;
  if (const auto* record = std::get_if<ProtectionRecord>(&answer)) {
    ++batch.counts().records;
    attendance.check = CheckState::records;
    settle(std::move(attendance), AlertKind::record_held, record, "", batch);
  } else if (std::get_if<NoneHeld>(&answer) != nullptr) {
    ++batch.counts().none_held;
    attendance.check = CheckState::none_held;
    settle(std::move(attendance), std::nullopt, nullptr, "", batch);
  } else {
    ++batch.counts().could_not;
    const auto& failed = std::get<CouldNotAsk>(answer);
    attendance.check = CheckState::could_not;
    observe::log(observe::Level::warning, "check.could_not_ask",
                 {{"encounter", attendance.id},
                  {"kind", name_of(failed.why.kind)},
                  {"reason", failed.why.message}});
    settle(std::move(attendance), AlertKind::could_not_ask, nullptr, name_of(failed.why.kind),
           batch);
  }
}

void HandleAdmission::settle(AttendanceState attendance, std::optional<AlertKind> alert,
                             const ProtectionRecord* record, std::string_view why,
                             AdmissionBatch& batch) {
  put(attendance);
  batch.put(attendance);
  if (alert) tell(*alert, attendance, record, why, batch);
}

void HandleAdmission::put(const AttendanceState& attendance) {
  const std::lock_guard lock{book_mutex_};
  known_.put(attendance);
}

void HandleAdmission::tell(AlertKind kind, const AttendanceState& attendance,
                           const ProtectionRecord* record, std::string_view why,
                           AdmissionBatch& batch) {
  const Time now = batch.now();
  if (!settings_.webhook_url.empty()) {
    const auto kept = parts_.book.find("Encounter", attendance.id);
    std::string_view encounter = batch.body_of("Encounter", attendance.id);
    if (encounter.empty() && kept) encounter = kept->body;
    batch.add({parts_.ids.next(now), "alert.webhook", settings_.webhook_url, attendance.id,
               attendance.question_id, "application/fhir+json",
               alert_bundle(kind, attendance, record, why, encounter, now)});
  }
  if (!settings_.alert_file.empty()) {
    batch.add({parts_.ids.next(now), "alert.file", settings_.alert_file, attendance.id,
               attendance.question_id, "application/x-ndjson",
               alert_line(kind, attendance, record, why, now)});
  }
  tell_subscribers(kind, attendance, record, why, batch);
  tell_engine(kind, attendance, record, batch);
}

void HandleAdmission::tell_subscribers(AlertKind kind, const AttendanceState& attendance,
                                       const ProtectionRecord* record, std::string_view why,
                                       AdmissionBatch& batch) {
  const Topic topic =
      kind == AlertKind::record_held ? Topic::record_arrived : Topic::check_not_completed;
  if (!parts_.watched || !parts_.watched(topic)) return;
  const auto kept = parts_.book.find("Encounter", attendance.id);
  std::string_view encounter = batch.body_of("Encounter", attendance.id);
  if (encounter.empty() && kept) encounter = kept->body;
  store::Happening happening;
  happening.id = std::string{row_of(topic).name}.append("|").append(attendance.id);
  happening.at = batch.now();
  happening.topic = row_of(topic).name;
  happening.organisation = policy_of(attendance.feed).reading.organisation_ods;
  happening.subject = attendance.patient_id;
  happening.focus = "Encounter/" + attendance.id;
  happening.content = alert_bundle(kind, attendance, record, why, encounter, batch.now());
  happening.correlation_id = attendance.question_id;
  batch.add(std::move(happening));
}

void HandleAdmission::tell_engine(AlertKind kind, const AttendanceState& attendance,
                                  const ProtectionRecord* record, AdmissionBatch& batch) {
  const auto writing = settings_.engines.find(attendance.feed);
  if (writing == settings_.engines.end()) return;
  const PatientState* patient = known_.patient(attendance.patient_id);
  const std::int64_t id = parts_.ids.next(batch.now());
  auto message = engine_message(announcement_of(attendance, policy_of(attendance.feed)), kind,
                                record, patient ? patient->nhs_number : std::nullopt,
                                writing->second, std::to_string(id), batch.now());
  if (!message) return;
  batch.add({id, engine_alert_kind, attendance.feed, attendance.id, attendance.question_id,
             "x-application/hl7-v2+er7", *std::move(message)});
}

// Without the message (it was purged, or the store does not answer) the NHS number still tells the
// engine who is meant.
AdtEvent HandleAdmission::announcement_of(const AttendanceState& attendance,
                                          const FeedPolicy& policy) const {
  if (event_ != nullptr && event_attendance_ == attendance.id) return *event_;
  std::optional<AdtEvent> found;
  const Status read = parts_.database.read([&](store::Session& session) -> Status {
    auto event = find_announcement(session, attendance.id, policy.reading);
    if (!event) return event.error();
    found = *std::move(event);
    return done;
  });
  if (!read || !found) {
    observe::log(observe::Level::warning, "alert.announcement_unknown",
                 {{"encounter", attendance.id}});
  }
  return found ? *std::move(found) : AdtEvent{};
}

Status HandleAdmission::keep(AdmissionBatch& batch) {
  // The store shows the commit before we do: until then its messages count as not finished.
  unshown_ = batch.messages();
  const resources::BookWatch watch{parts_.book};
  Status kept = commit(batch);
  // Nothing of it was kept and nothing is wrong with it: the store has too much to do.
  while (!kept && kept.error().kind == ErrorKind::busy && pause(busy_time)) kept = commit(batch);
  // Before anything else is read: whoever sees that a message is finished must find what it left.
  if (kept) show(batch);
  unshown_ = 0;
  if (!kept) return kept;
  if (parts_.database.is_exclusive()) claim_beside_the_writer();
  return kept;
}

Status HandleAdmission::commit(AdmissionBatch& batch) {
  std::vector<std::int64_t> change_ids;
  for (std::size_t i = 0; i < batch.resources().size(); ++i) {
    change_ids.push_back(parts_.ids.next(batch.now()));
  }
  const bool marks = !parts_.database.is_exclusive();
  if (!marks && batch.empty()) return done;
  const bool hurry = batch.messages() >= worth_a_commit || one_by_one_ > 0;
  return parts_.database.write(
      [&](store::Session& session) -> Status {
        if (const Status ours = lead_.hold(session, !batch.empty()); !ours) return ours;
        const Status stored = batch.store(session, parts_.check, inbox_, change_ids);
        return stored && marks ? claim(session) : stored;
      },
      hurry ? store::Urgency::now : store::Urgency::later);
}

// Messages of a burst come into the inbox when processing has room for them.
void HandleAdmission::claim_beside_the_writer() {
  read_claims();
  store::ArrivalJournal* const journal = parts_.journal;
  if (journal == nullptr || claimed_.size() >= claim_next_ || journal->waiting() == 0) return;
  const Status brought = journal->bring(brought_at_once);
  if (brought) return read_claims();
  observe::log(observe::Level::error, "arrivals.not_brought",
               {{"reason", brought.error().message}});
}

// What nobody else can take is only read. A failure of that is no failure of the batch: the next
// step looks again.
void HandleAdmission::read_claims() {
  const Status read = parts_.database.read([&](store::Session& session) { return claim(session); });
  if (!read) {
    claimed_.clear();
    observe::log(observe::Level::error, "admission.store_away", {{"reason", read.error().message}});
  }
}

Status HandleAdmission::claim(store::Session& session) {
  claimed_.clear();
  if (claim_next_ == 0) return done;
  auto next = inbox_.claim(session, settings_.gateway, parts_.clock.now(), claim_next_);
  if (!next) return next.error();
  claimed_ = *std::move(next);
  return done;
}

void HandleAdmission::show(const AdmissionBatch& batch) {
  if (batch.messages() != 0) ++counts_.batches;
  counts_.add(batch.counts());
  for (std::size_t i = 0; i < batch.resources().size(); ++i) {
    const ResourceBody& one = batch.resources()[i];
    const AdmissionBatch::WrittenResource& written = batch.written()[i];
    if (written.version == 0) continue;
    if (written.remade) {
      parts_.book.put(one.type, one.id, written.version, batch.now(), *written.remade);
    } else {
      parts_.book.put(one.type, one.id, written.version, batch.now(), one.body, one.keys);
    }
  }
  for (const JoinedCheck& check : batch.checks()) parts_.check.show(check);
  for (const SetAside& one : batch.aside()) {
    ++counts_.quarantined;
    observe::log(observe::Level::warning, "hl7.message.quarantined",
                 {{"feed", one.feed}, {"message", one.message}, {"reason", one.reason}});
  }
  if (batch.has_news() && parts_.alert_waiting) parts_.alert_waiting();
  for (const OpenQuestion& question : batch.questions()) ask(question);
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
