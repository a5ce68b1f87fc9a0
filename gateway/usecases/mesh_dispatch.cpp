#include "gateway/usecases/mesh_dispatch.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "adapters/social_care/lifecycle.h"
#include "adapters/spine/upload.h"
#include "gateway/observe/log.h"
#include "gateway/usecases/answered_work.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/mesh_transport.h"

namespace cpis::usecases {
namespace {

using observe::Level;
using social_care::FileAction;
using social_care::KnownRecord;
using social_care::Life;

constexpr std::size_t records_in_one_work = 2000;
constexpr std::string_view answer_root = "FileResponse";
constexpr std::string_view access_root = "CP-ISAccessToServiceNotification";
constexpr std::string_view inactive_root = "CP-ISInactiveNHSNumberNotification";

// A plan as an upload names it.
using PlanKey = std::tuple<NhsNumber, PlanType, Date>;

std::map<PlanKey, std::size_t> plans_of(const UploadFile& file) {
  std::map<PlanKey, std::size_t> plans;
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    for (const Plan& plan : file.records[i].plans) {
      plans[{file.records[i].subject.nhs_number, plan.type, plan.start.day}] = i;
    }
  }
  return plans;
}

bool takes_effect(const UploadResult& result, const spine::FileResponse& response) {
  const FileAction action = social_care::rule_of(result.outcome).action;
  if (action == FileAction::by_record) {
    return result.outcome != FileOutcome::cpf04 || !response.details.empty();
  }
  return action == FileAction::advance;
}

std::string code_of(const UploadResult& result) {
  return result.code.empty() ? std::string{"none"} : result.code;
}

}  // namespace

std::string_view root_of(std::string_view xml) {
  if (xml.starts_with("\xEF\xBB\xBF")) xml.remove_prefix(3);
  for (;;) {
    const std::size_t open = xml.find('<');
    if (open == std::string_view::npos || open + 1 >= xml.size()) return {};
    xml.remove_prefix(open + 1);
    std::string_view end;
    if (xml.starts_with("?")) end = "?>";
    if (xml.starts_with("!")) end = xml.starts_with("!--") ? "-->" : ">";
    if (end.empty()) break;
    const std::size_t close = xml.find(end);
    if (close == std::string_view::npos) return {};
    xml.remove_prefix(close + end.size());
  }
  const std::string_view name = xml.substr(0, xml.find_first_of(" \t\r\n/>"));
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

MeshDispatch::MeshDispatch(MeshDispatchSettings settings, store::Database& database,
                           registry::Register& registry, const Clock& clock)
    : settings_{std::move(settings)}, database_{database}, register_{registry}, clock_{clock} {}

Result<bool> MeshDispatch::step() {
  std::optional<MeshMessage> message;
  bool repeated = false;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto next = next_kept_message(session, settings_.mailbox);
    if (!next) return next.error();
    message = *std::move(next);
    if (!message) return done;
    const auto before = is_processed_content(session, *message);
    if (!before) return before.error();
    repeated = *before;
    return done;
  });
  if (!read) return read.error();
  if (!message) return false;
  Status dealt = done;
  if (repeated) {
    ++counters_.repeated;
    dealt = settle(*message, MeshMessageState::repeated, "the same content again");
  } else {
    dealt = deal_with(*message);
  }
  if (!dealt) return dealt.error();
  return true;
}

Status MeshDispatch::deal_with(const MeshMessage& message) {
  if (message.parcel.kind == IncomingParcel::Kind::report) return take_report(message);
  const auto& believed = settings_.believed;
  if (std::find(believed.begin(), believed.end(), message.parcel.from) == believed.end()) {
    return unclear(message, "from a mailbox that is not believed");
  }
  const std::string_view root = root_of(message.parcel.content);
  if (root == answer_root) return take_answer(message);
  if (root == access_root) return take_access_notice(message);
  if (root == inactive_root) return take_inactive_notice(message);
  return unclear(message, "no message of CP-IS");
}

Status MeshDispatch::settle(const MeshMessage& message, MeshMessageState state,
                            std::string_view what) {
  return database_.write(
      [&](store::Session& session) { return settle_mesh_message(session, message, state, what); });
}

Status MeshDispatch::unclear(const MeshMessage& message, std::string_view why) {
  ++counters_.unclear;
  observe::log(Level::error, "mesh.message.unclear",
               {{"message", message.parcel.id}, {"reason", std::string{why}}});
  return settle(message, MeshMessageState::unclear, why);
}

// By the number that CP-IS repeats; -1 when it could not read the file: then by our id, and at last
// by being the only one under way.
Result<std::optional<MeshUpload>> MeshDispatch::upload_of(const MeshMessage& message,
                                                          const spine::FileResponse& response) {
  std::optional<MeshUpload> found;
  const std::string& council = settings_.council.ods_code;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto upload = response.sequence > 0
                      ? find_mesh_upload(session, council, response.sequence)
                      : find_mesh_upload_by(session, council, message.parcel.linked_id,
                                            message.parcel.local_id);
    if (!upload) return upload.error();
    if (!*upload && response.sequence <= 0) {
      auto only = mesh_upload_under_way(session, council);
      if (!only) return only.error();
      if (*only) upload = find_mesh_upload(session, council, (*only)->sequence);
      if (!upload) return upload.error();
    }
    found = *std::move(upload);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Status MeshDispatch::take_answer(const MeshMessage& message) {
  const auto response = spine::read_file_response(message.parcel.content);
  if (!response.value) return unclear(message, "an answer that cannot be read");
  const std::string& council = response.value->council.ods_code;
  if (!council.empty() && council != settings_.council.ods_code) {
    return unclear(message, "an answer to another council");
  }
  auto upload = upload_of(message, *response.value);
  if (!upload) return upload.error();
  if (!*upload) return unclear(message, "an answer to an upload that nobody sent");
  if (!(*upload)->under_way()) {
    ++counters_.repeated;
    return settle(message, MeshMessageState::repeated, "the upload was settled before");
  }
  const auto file = spine::read_upload((*upload)->content);
  if (!file.value) return Error{ErrorKind::fault, "an upload that was kept cannot be read"};
  Findings findings;
  const UploadResult result = spine::join_response(*response.value, *file.value, findings);
  ++counters_.answers;
  const bool again = social_care::rule_of(result.outcome).action == FileAction::resubmit;
  if (again && (*upload)->again < settings_.resubmit_max) {
    return resubmit(**std::move(upload), *file.value, message);
  }
  return conclude(**std::move(upload), result, takes_effect(result, *response.value), message);
}

// Each record moves at most once: what was answered before is not touched.
Status MeshDispatch::move_records(const MeshUpload& upload, const UploadResult* result) {
  const auto file = spine::read_upload(upload.content);
  if (!file.value) return Error{ErrorKind::fault, "an upload that was kept cannot be read"};
  const auto plans = plans_of(*file.value);
  std::vector<KnownRecord> next;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto known = known_records(session, upload.council);
    if (!known) return known.error();
    for (KnownRecord& one : *known) {
      const bool ours = one.life == Life::sent && one.sequence == upload.sequence;
      if (ours) next.push_back(std::move(one));
    }
    return done;
  });
  if (!read) return read;
  const Date today = london_date(clock_.now());
  for (KnownRecord& one : next) {
    const auto plan = one.attempted
                          ? plans.find({one.attempted->number, one.key.type, one.key.start})
                          : plans.end();
    const bool answered =
        result != nullptr && plan != plans.end() && plan->second < result->records.size();
    one = answered ? after_outcome(std::move(one), upload.sequence,
                                   result->records[plan->second].outcome, today)
                   : after_no_effect(std::move(one), upload.sequence, today);
  }
  for (std::size_t from = 0; from < next.size(); from += records_in_one_work) {
    const std::size_t to = std::min(from + records_in_one_work, next.size());
    const Status put = database_.write([&](store::Session& session) -> Status {
      for (std::size_t i = from; i < to; ++i) {
        if (const Status one = put_known(session, upload.council, next[i]); !one) return one;
      }
      return done;
    });
    if (!put) return put;
  }
  return done;
}

Status MeshDispatch::conclude(MeshUpload upload, const UploadResult& result, bool effect,
                              const MeshMessage& message) {
  if (const Status moved = move_records(upload, effect ? &result : nullptr); !moved) return moved;
  upload.state = MeshUploadState::answered;
  upload.outcome = code_of(result);
  if (!effect) ++counters_.without_effect;
  const Time now = clock_.now();
  const Status kept = database_.write([&](store::Session& session) -> Status {
    if (const Status put = update_mesh_upload(session, upload, now); !put) return put;
    if (effect) {
      const Status used = put_extract(session, upload.council, upload.extract, now);
      if (!used) return used;
    }
    return settle_mesh_message(session, message, MeshMessageState::processed, answer_root);
  });
  if (!kept) return kept;
  refresh_work();
  observe::log(social_care::rule_of(result.outcome).alarm ? Level::error : Level::info,
               "mesh.answer",
               {{"council", upload.council},
                {"upload", upload.sequence},
                {"outcome", upload.outcome},
                {"accepted", static_cast<std::uint64_t>(result.accepted)},
                {"rejected", static_cast<std::uint64_t>(result.rejected)}});
  return done;
}

// CPF05: CP-IS could not work. The same records again under a new number, later.
Status MeshDispatch::resubmit(MeshUpload upload, const UploadFile& file,
                              const MeshMessage& message) {
  UploadFile next_file = file;
  MeshUpload next;
  next.council = upload.council;
  next.again = upload.again + 1;
  next.extract = upload.extract;
  next.made = clock_.now();
  next.next_at = next.made + settings_.resubmit_after * (1 << std::min(upload.again, 4));
  next_file.created = next.made;
  const Status kept = database_.write([&](store::Session& session) -> Status {
    const auto number = next_mesh_number(session, upload.council, settings_.first_number);
    if (!number) return number.error();
    next.sequence = next_file.sequence = *number;
    return done;
  });
  if (!kept) return kept;
  next.local_id = mesh_local_id(next.council, next.sequence);
  const Status written = spine::write_upload(next_file, [&](std::string_view piece) -> Status {
    next.content += piece;
    return done;
  });
  if (!written) return written;
  std::vector<KnownRecord> moved;
  const Date today = london_date(next.made);
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto known = known_records(session, upload.council);
    if (!known) return known.error();
    for (KnownRecord& one : *known) {
      const bool ours = one.life == Life::sent && one.sequence == upload.sequence && one.attempted;
      if (!ours) continue;
      const social_care::Content content = *one.attempted;
      moved.push_back(after_sending(after_no_effect(one, upload.sequence, today), content,
                                    next.sequence, today));
    }
    return done;
  });
  if (!read) return read;
  upload.state = MeshUploadState::answered;
  upload.outcome = words_of(FileOutcome::cpf05).code;
  ++counters_.resubmitted;
  observe::log(Level::warning, "mesh.upload.again",
               {{"council", upload.council}, {"upload", upload.sequence}, {"as", next.sequence}});
  // One transaction, however many records: the number is used and the records name it, or neither.
  return database_.write([&](store::Session& session) -> Status {
    const auto there = find_mesh_upload(session, next.council, next.sequence);
    if (!there) return there.error();
    if (*there) return done;
    for (const KnownRecord& one : moved) {
      if (const Status put = put_known(session, upload.council, one); !put) return put;
    }
    if (const Status put = update_mesh_upload(session, upload, next.made); !put) return put;
    if (const Status put = insert_mesh_upload(session, next); !put) return put;
    return settle_mesh_message(session, message, MeshMessageState::processed, answer_root);
  });
}

// Afterwards and apart: the next run makes the list anew, so a failure here loses nothing.
void MeshDispatch::refresh_work() {
  const Date today = london_date(clock_.now());
  const Status listed =
      refresh_answered_work(database_, register_, settings_.council.ods_code, today);
  if (!listed) {
    observe::log(Level::warning, "mesh.work_list.not_kept", {{"reason", listed.error().message}});
  }
}

Status MeshDispatch::end_without_effect(MeshUpload upload, std::string_view code) {
  if (const Status moved = move_records(upload, nullptr); !moved) return moved;
  upload.state = MeshUploadState::failed;
  upload.outcome = code;
  ++counters_.undelivered;
  observe::log(
      Level::error, "mesh.upload.undelivered",
      {{"council", upload.council}, {"upload", upload.sequence}, {"code", upload.outcome}});
  return database_.write(
      [&](store::Session& session) { return update_mesh_upload(session, upload, clock_.now()); });
}

Status MeshDispatch::take_report(const MeshMessage& message) {
  std::optional<MeshUpload> upload;
  const IncomingParcel& parcel = message.parcel;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto found =
        find_mesh_upload_by(session, settings_.council.ods_code, parcel.linked_id, parcel.local_id);
    if (!found) return found.error();
    upload = *std::move(found);
    return done;
  });
  if (!read) return read;
  if (!upload) return unclear(message, "a report about a file that nobody sent");
  if (upload->under_way()) {
    const std::string code = parcel.status_code;
    if (const Status ended = end_without_effect(*std::move(upload), code); !ended) return ended;
  }
  return settle(message, MeshMessageState::processed, "report " + parcel.status_code);
}

}  // namespace cpis::usecases
