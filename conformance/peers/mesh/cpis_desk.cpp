#include "conformance/peers/mesh/cpis_desk.h"

#include <utility>

#include "adapters/spine/file_response.h"
#include "adapters/spine/notices.h"
#include "adapters/spine/upload.h"

namespace cpis::peers {
namespace {

using registry::NoticeRow;

constexpr std::size_t notices_in_one_step = 500;

UploadResult unreadable(Time now) {
  UploadResult result;
  result.sequence = -1;
  result.created = now;
  result.outcome = FileOutcome::cpf01;
  result.code = words_of(FileOutcome::cpf01).code;
  return result;
}

}  // namespace

void CpisDesk::know(const std::string& council, const std::string& mailbox) {
  const std::lock_guard lock{mutex_};
  mailboxes_[council] = mailbox;
}

void CpisDesk::answer_with(FileOutcome outcome, int times) {
  const std::lock_guard lock{mutex_};
  scripted_ = outcome;
  scripted_times_ = times;
}

void CpisDesk::call_bad(int times) {
  const std::lock_guard lock{mutex_};
  bad_times_ = times;
}

std::size_t CpisDesk::step() {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const OfficeMessage& message : office_.collect(settings_.mailbox)) {
    ++count;
    if (bad_times_ > 0) {
      --bad_times_;
      office_.report(message.head.message_id, "15");
    } else if (message.head.workflow == settings_.upload_workflow) {
      take(message);
    }
  }
  return count + tell();
}

void CpisDesk::take(const OfficeMessage& message) {
  auto file = spine::read_upload(message.content());
  UploadResult result = unreadable(clock_.now());
  SeenUpload seen{"", -1, message.head.message_id, ""};
  if (file.value) {
    seen.council = file.value->council.ods_code;
    seen.sequence = file.value->sequence;
    if (scripted_times_ > 0) {
      --scripted_times_;
      result = {file.value->sequence,
                clock_.now(),
                scripted_,
                std::string{words_of(scripted_).code},
                0,
                0,
                {}};
    } else if (auto taken = registry_.take(*file.value)) {
      result = *std::move(taken);
    }
    mailboxes_[seen.council] = message.head.from;
  }
  seen.code = result.code;
  seen_.push_back(std::move(seen));
  const UploadFile none;
  const spine::FileResponse response =
      spine::make_file_response(result, file.value ? *file.value : none);
  send(message.head.from, settings_.response_workflow, message.head.local_id,
       spine::write_file_response(response));
}

void CpisDesk::send(const std::string& to, const std::string& workflow, const std::string& local_id,
                    std::string content) {
  mesh::Envelope envelope;
  envelope.from = settings_.mailbox;
  envelope.to = to;
  envelope.workflow = workflow;
  envelope.local_id = local_id;
  envelope.file_name = workflow + ".xml";
  envelope.gzip = settings_.gzip;
  envelope.range.total = settings_.chunks;
  office_.post(envelope, std::move(content));
}

std::size_t CpisDesk::tell() {
  const auto waiting = registry_.notices(NoticeRow::State::waiting, "", notices_in_one_step);
  if (!waiting) return 0;
  std::map<std::pair<std::string, NoticeRow::Kind>, std::vector<NoticeRow>> by_council;
  for (const NoticeRow& row : *waiting) by_council[{row.council, row.kind}].push_back(row);
  for (const auto& [key, rows] : by_council) tell_council(key.first, key.second, rows);
  return by_council.size();
}

void CpisDesk::tell_council(const std::string& council, NoticeRow::Kind kind,
                            const std::vector<NoticeRow>& rows) {
  const auto mailbox = mailboxes_.find(council);
  if (mailbox == mailboxes_.end()) return;
  const auto known = registry_.view().council(council);
  const std::string name = known ? known->name : council;
  const std::string& id = rows.front().id;
  std::string xml;
  if (kind == NoticeRow::Kind::access) {
    AccessNotice notice{id, clock_.now(), council, name, {}};
    for (const NoticeRow& row : rows) {
      const auto access = registry_.access(row.access_id);
      if (!access || !*access) continue;
      notice.entries.push_back(
          {**access, row.local_id, row.local_id_authority, row.upload_sequence});
    }
    xml = spine::write_access_notice(notice);
  } else {
    InactiveNotice notice{id, clock_.now(), council, name, {}};
    for (const NoticeRow& row : rows) {
      auto replacements = registry_.replacements_of(row.person);
      if (!replacements) continue;
      notice.entries.push_back(
          {row.person, row.local_id, *std::move(replacements), row.upload_sequence});
    }
    xml = spine::write_inactive_notice(notice);
  }
  if (!registry_.mark_delivered(rows, id)) return;
  send(mailbox->second, settings_.notice_workflow, id, std::move(xml));
  notices_.push_back(id);
}

std::vector<SeenUpload> CpisDesk::seen() const {
  const std::lock_guard lock{mutex_};
  return seen_;
}

std::vector<std::string> CpisDesk::notices_sent() const {
  const std::lock_guard lock{mutex_};
  return notices_;
}

}  // namespace cpis::peers
