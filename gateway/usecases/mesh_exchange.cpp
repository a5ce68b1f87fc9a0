#include "gateway/usecases/mesh_exchange.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/observe/log.h"
#include "gateway/observe/trace.h"

namespace cpis::usecases {
namespace {

using observe::Level;

constexpr std::chrono::hours greeting_interval{24};
constexpr std::chrono::hours back_off_max{1};
constexpr std::size_t files_in_one_pass = 500;
constexpr int doublings_max = 7;

}  // namespace

MeshExchange::MeshExchange(MeshExchangeSettings settings, store::Database& database,
                           registry::Register& registry, const Clock& clock, Mailbox& mailbox)
    : settings_{std::move(settings)},
      database_{database},
      clock_{clock},
      mailbox_{mailbox},
      dispatch_{settings_.dispatch, database, registry, clock} {}

Duration MeshExchange::back_off(int attempts) const {
  const Duration time = settings_.retry * (1 << std::clamp(attempts - 1, 0, doublings_max));
  return std::min<Duration>(time, back_off_max);
}

Status MeshExchange::step() {
  // What was kept before a restart is dealt with whether MESH is there or not.
  if (const Status dealt = deal(); !dealt) return dealt;
  if (const Status greeted = greet(); !greeted) return greeted;
  if (!greeted_) return done;
  if (const Status sent = send(); !sent) return sent;
  if (clock_.now() < next_poll_) return done;
  const Status collected = collect();
  if (!collected) {
    ++counters_.failures;
    next_poll_ = clock_.now() + std::min(settings_.retry, settings_.poll);
  }
  const Status dealt = deal();
  return collected ? dealt : collected;
}

Status MeshExchange::greet() {
  if (clock_.now() < next_greeting_) return done;
  const Status greeted = mailbox_.handshake();
  next_greeting_ = clock_.now() + (greeted ? Duration{greeting_interval} : settings_.retry);
  // A door that does not open is not tried with other calls.
  greeted_ = static_cast<bool>(greeted);
  if (!greeted) {
    ++counters_.failures;
    return greeted;
  }
  ++counters_.handshakes;
  note_contact();
  return done;
}

Result<std::optional<MeshUpload>> MeshExchange::due_upload() {
  std::optional<MeshUpload> due;
  const std::string& council = settings_.dispatch.council.ods_code;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto upload = mesh_upload_under_way(session, council);
    if (!upload) return upload.error();
    due.reset();
    if (!*upload || (*upload)->next_at > clock_.now()) return done;
    auto whole = find_mesh_upload(session, council, (*upload)->sequence);
    if (!whole) return whole.error();
    due = *std::move(whole);
    return done;
  });
  if (!read) return read.error();
  return due;
}

Status MeshExchange::keep(const MeshUpload& upload) {
  return database_.write(
      [&](store::Session& session) { return update_mesh_upload(session, upload, clock_.now()); });
}

Status MeshExchange::send() {
  auto upload = due_upload();
  if (!upload) return upload.error();
  if (!*upload) return done;
  if ((*upload)->state == MeshUploadState::sent) return look_after(**std::move(upload));
  return attempt(**std::move(upload));
}

// Before anything leaves, the store says that it may have left.
Status MeshExchange::attempt(MeshUpload upload) {
  const observe::TraceScope trace{upload.local_id};
  std::string resume;
  if (upload.state == MeshUploadState::doubtful) {
    const auto found = mailbox_.find(upload.local_id);
    if (!found) {
      upload.next_at = clock_.now() + back_off(++upload.attempts);
      upload.trouble = found.error().message;
      ++counters_.failures;
      return keep(upload);
    }
    if (found->kind == Whereabouts::Kind::failed) {
      upload.message_id = found->id;
      return dispatch_.end_without_effect(std::move(upload), found->code);
    }
    if (found->kind == Whereabouts::Kind::delivered) {
      return apply(std::move(upload), {PostOutcome::Kind::accepted, found->id, "", ""});
    }
    resume = found->id;  // empty when it is absent
  }
  upload.state = MeshUploadState::doubtful;
  upload.message_id = resume;
  upload.next_at = clock_.now() + back_off(++upload.attempts);
  if (const Status kept = keep(upload); !kept) return kept;
  std::string name = settings_.file_name;
  if (const std::size_t at = name.find('%'); at != std::string::npos) {
    name.replace(at, 1, std::to_string(upload.sequence));
  }
  const OutgoingParcel parcel{settings_.to, settings_.upload_workflow, upload.local_id,
                              name,         settings_.subject,         upload.content};
  const PostOutcome outcome = mailbox_.post(parcel, resume);
  return apply(std::move(upload), outcome);
}

Status MeshExchange::apply(MeshUpload upload, const PostOutcome& outcome) {
  using Kind = PostOutcome::Kind;
  const Time now = clock_.now();
  upload.trouble = outcome.text;
  if (!outcome.id.empty()) upload.message_id = outcome.id;
  if (outcome.kind == Kind::rejected) {
    return dispatch_.end_without_effect(std::move(upload), outcome.code);
  }
  if (outcome.kind == Kind::accepted) {
    upload.state = MeshUploadState::sent;
    upload.next_at = now + settings_.track;
    ++counters_.sent;
    note_contact();
  } else {
    // Chunks of it that stand there are found by its local id.
    const bool untouched = outcome.kind != Kind::unknown && upload.message_id.empty();
    upload.state = untouched ? MeshUploadState::waiting : MeshUploadState::doubtful;
    upload.next_at = now + back_off(upload.attempts);
    ++(outcome.kind == Kind::refused ? counters_.refused : counters_.failures);
  }
  const bool accepted = outcome.kind == Kind::accepted;
  observe::log(accepted                        ? Level::info
               : outcome.kind == Kind::refused ? Level::error
                                               : Level::warning,
               accepted ? "mesh.upload.sent" : "mesh.upload.not_sent",
               {{"council", upload.council},
                {"upload", upload.sequence},
                {"message", upload.message_id},
                {"attempts", upload.attempts},
                {"reason", outcome.text}});
  return keep(upload);
}

// A sent upload that is not answered: MESH may know that it never arrived.
Status MeshExchange::look_after(MeshUpload upload) {
  const observe::TraceScope trace{upload.local_id};
  const auto found = mailbox_.find(upload.local_id);
  if (found && found->kind == Whereabouts::Kind::failed) {
    return dispatch_.end_without_effect(std::move(upload), found->code);
  }
  if (!found) ++counters_.failures;
  upload.next_at = clock_.now() + settings_.track;
  return keep(upload);
}

Status MeshExchange::collect() {
  const auto ids = mailbox_.waiting(files_in_one_pass);
  if (!ids) return ids.error();
  ++counters_.polls;
  note_contact();
  for (const std::string& id : *ids) {
    if (const Status taken = take(id); !taken) return taken;
  }
  // A full page: there is more, look again at once.
  const bool full = ids->size() >= files_in_one_pass;
  next_poll_ = clock_.now() + (full ? Duration{0} : settings_.poll);
  return done;
}

Status MeshExchange::take(const std::string& id) {
  const observe::TraceScope trace{id};
  const std::string& mailbox = settings_.dispatch.mailbox;
  bool kept = false;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto there = has_mesh_message(session, mailbox, id);
    if (!there) return there.error();
    kept = *there;
    return done;
  });
  if (!read) return read;
  if (!kept) {
    const auto parcel = mailbox_.fetch(id);
    if (!parcel && parcel.error().kind == ErrorKind::not_found) return done;
    if (!parcel && parcel.error().kind == ErrorKind::bad_input) {
      // It stays in the inbox: a damaged download is tried again at the next poll.
      ++counters_.damaged;
      observe::log(Level::error, "mesh.message.damaged",
                   {{"message", id}, {"reason", parcel.error().message}});
      return done;
    }
    if (!parcel) return parcel.error();
    const Status stored = database_.write([&](store::Session& session) -> Status {
      const auto added = keep_mesh_message(session, mailbox, *parcel, clock_.now());
      if (!added) return added.error();
      return done;
    });
    if (!stored) return stored;
    ++counters_.received;
  }
  if (const Status acknowledged = mailbox_.acknowledge(id); !acknowledged) return acknowledged;
  return database_.write(
      [&](store::Session& session) { return set_mesh_acknowledged(session, mailbox, id); });
}

Status MeshExchange::deal() {
  for (std::size_t i = 0; i < files_in_one_pass; ++i) {
    const auto more = dispatch_.step();
    if (!more) return more.error();
    if (!*more) return done;
  }
  return done;
}

}  // namespace cpis::usecases
