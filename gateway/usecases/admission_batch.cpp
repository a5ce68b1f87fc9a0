#include "gateway/usecases/admission_batch.h"

#include "gateway/store/resource_store.h"
#include "gateway/usecases/engine_alert.h"

namespace cpis::usecases {

namespace {
constexpr std::size_t usual_resources = 256;  // of a full batch of arrivals
}

void AdmissionBatch::add(AdmissionChanges& changes) {
  if (resources_.empty() && !changes.resources.empty()) resources_.reserve(usual_resources);
  for (ResourceBody& resource : changes.resources) resources_.push_back(std::move(resource));
  for (const PatientState& patient : changes.patients) patients_[patient.id] = patient;
  for (const auto& [identity, patient] : changes.links) links_[identity] = patient;
  for (const AttendanceState& attendance : changes.attendances) put(attendance);
}

void AdmissionBatch::put(const AttendanceState& attendance) {
  attendances_[attendance.id] = attendance;
}

bool AdmissionBatch::empty() const {
  return finished_.empty() && aside_.empty() && attendances_.empty() && deliveries_.empty() &&
         happenings_.empty() && checks_.empty();
}

std::string_view AdmissionBatch::body_of(std::string_view type, std::string_view id) const {
  for (auto resource = resources_.rbegin(); resource != resources_.rend(); ++resource) {
    if (resource->id == id && resource->type == type) return resource->body;
  }
  return {};
}

Status AdmissionBatch::store(store::Session& session, const CheckPerson& check,
                             const store::InboxStore& inbox,
                             const std::vector<std::int64_t>& change_ids) {
  // Who asks is written first: no answer without its trace.
  for (const JoinedCheck& joined : checks_) {
    if (const Status recorded = check.record(session, joined); !recorded) return recorded;
  }
  if (const Status stored = store_resources(session, change_ids); !stored) return stored;
  if (const Status stored = store_states(session); !stored) return stored;
  if (const Status stored = store_deliveries(session); !stored) return stored;
  return settle_messages(session, inbox);
}

Status AdmissionBatch::store_resources(store::Session& session,
                                       const std::vector<std::int64_t>& change_ids) {
  written_.assign(resources_.size(), {});
  std::unordered_map<std::string, std::string> remade;
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const Status stored = store_resource(session, i, change_ids[i], remade);
    if (!stored) return stored;
  }
  return done;
}

// Somebody may have written the resource since it was read (over FHIR, or through another gateway):
// then what this message says is laid over what they wrote. `remade` has the bodies that stand now
// where that happened, by Type/id: what later messages of the batch say goes over them.
Status AdmissionBatch::store_resource(store::Session& session, std::size_t i,
                                      std::int64_t change_id,
                                      std::unordered_map<std::string, std::string>& remade) {
  const store::ResourceStore resources;
  const ResourceBody& one = resources_[i];
  WrittenResource& written = written_[i];
  const auto put = [&](const std::string& body, std::optional<std::int64_t> if_version) {
    return resources.put(session, {one.type, one.id, body, now_, change_id, if_version});
  };
  const auto remake = [&](std::string kept) -> Status {
    written.remade = one.remake(kept);
    std::string& stands = remade[one.type + '/' + one.id];
    stands = std::move(kept);
    if (written.remade->empty()) return done;
    const auto version = put(*written.remade, std::nullopt);
    if (!version) return version.error();
    written.version = *version;
    stands = *written.remade;
    return done;
  };
  const auto before = remade.empty() ? remade.end() : remade.find(one.type + '/' + one.id);
  if (before != remade.end() && one.remake) return remake(before->second);
  const auto version = put(one.body, one.remake ? one.made_from : std::nullopt);
  if (version) {
    written.version = *version;
    if (before != remade.end()) before->second = one.body;
    return done;
  }
  if (version.error().kind != ErrorKind::conflict || !one.remake) return version.error();
  auto kept = resources.read(session, one.type, one.id);
  if (!kept) return kept.error();
  return remake(*kept && !(*kept)->deleted ? std::move((*kept)->body) : std::string{});
}

Status AdmissionBatch::store_states(store::Session& session) const {
  for (const auto& [id, patient] : patients_) {
    if (const Status saved = save(session, patient, now_); !saved) return saved;
  }
  for (const auto& [identity, patient] : links_) {
    if (const Status saved = save_link(session, identity, patient); !saved) return saved;
  }
  for (const auto& [id, attendance] : attendances_) {
    if (const Status saved = save(session, attendance, now_); !saved) return saved;
  }
  return done;
}

Status AdmissionBatch::store_deliveries(store::Session& session) const {
  const store::OutboxStore outbox;
  for (const AttendanceDelivery& one : deliveries_) {
    const Status kept =
        outbox.append(session, {one.id, one.kind, one.destination, one.order_key, one.correlation,
                                one.content_type, one.payload, now_});
    if (!kept) return kept;
  }
  const store::SubscriptionStore subscriptions;
  for (const store::Happening& one : happenings_) {
    if (const Status kept = subscriptions.note(session, one); !kept) return kept;
  }
  return done;
}

Status AdmissionBatch::settle_messages(store::Session& session,
                                       const store::InboxStore& inbox) const {
  for (const Announcement& one : announcements_) {
    const Status kept = remember_announcement(session, one.attendance_id, one.message);
    if (!kept) return kept;
  }
  for (const std::int64_t message : finished_) {
    if (const Status finished = inbox.finish(session, message, now_); !finished) return finished;
  }
  for (const SetAside& one : aside_) {
    const Status aside = inbox.quarantine(session, one.message, one.reason, now_);
    if (!aside) return aside;
  }
  return done;
}

}  // namespace cpis::usecases
