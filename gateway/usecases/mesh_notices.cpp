// MeshDispatch: notices from CP-IS, which become notices that the council's case system is owed.

#include <string>
#include <utility>

#include "adapters/spine/notices.h"
#include "gateway/observe/log.h"
#include "gateway/register/register_rows.h"
#include "gateway/store/sha256.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/mesh_dispatch.h"

namespace cpis::usecases {
namespace {

using observe::Level;
using registry::NoticeRow;

constexpr std::size_t id_length_max = 36;

// In the form of a UUID, always the same for the same matter.
std::string id_of(const std::string& matter) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const store::Sha256 hash = store::sha256(matter);
  std::string id;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    const auto byte = static_cast<unsigned char>(hash[i]);
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;
}

std::size_t errors_in(const Findings& findings) {
  std::size_t count = 0;
  for (const Finding& finding : findings) count += finding.severity >= Severity::error ? 1U : 0U;
  return count;
}

NoticeRow row_of(const NoticeEntry& entry, const std::string& council, Time created) {
  return {id_of("look " + council + ' ' + entry.access.id + ' ' +
                std::string{entry.access.person.digits()} + ' ' + entry.local_id),
          council,
          NoticeRow::Kind::access,
          created,
          entry.access.id,
          entry.access.person,
          entry.local_id.substr(0, 64),
          entry.local_id_authority.substr(0, 255),
          entry.upload_sequence,
          NoticeRow::State::waiting,
          ""};
}

// CP-IS says that this council is responsible for a child that it never sent: a person has to find
// out, and nobody else will. The item names the notice and no person.
Status ask_about_unknown(store::Session& session, const NoticeRow& notice, Date today) {
  const auto known = knows_person(session, notice.council, notice.local_id, notice.person);
  if (!known) return known.error();
  if (*known) return done;
  social_care::WorkItem item;
  item.kind = social_care::WorkKind::unknown_child;
  item.subject = "notice " + notice.id;
  item.reason = "not in what we sent";
  item.text =
      "CP-IS tells that a child was seen whom this council never sent: open the notice, find the "
      "child, and add it to the extract or tell CP-IS that it is not yours";
  return raise_once(session, notice.council, item, today);
}

}  // namespace

Status MeshDispatch::take_access_notice(const MeshMessage& message) {
  auto notice = spine::read_access_notice(message.parcel.content);
  if (!notice.value) return unclear(message, "an access notice that cannot be read");
  const std::string& council = settings_.council.ods_code;
  if (!notice.value->council_ods.empty() && notice.value->council_ods != council) {
    return unclear(message, "an access notice to another council");
  }
  const std::size_t left_out = errors_in(notice.findings);
  const Time now = clock_.now();
  for (NoticeEntry& entry : notice.value->entries) {
    std::string& id = entry.access.id;
    if (id.empty() || id.size() > id_length_max) {
      id = id_of("access " + notice.value->id + ' ' + id + to_iso(entry.access.at) +
                 std::string{entry.access.person.digits()});
    }
  }
  const Status kept = database_.write([&](store::Session& session) -> Status {
    if (const Status put = registry::put_council(session, settings_.council, now); !put) return put;
    for (const NoticeEntry& entry : notice.value->entries) {
      const auto look = registry::insert_access(session, entry.access);
      if (!look) return look.error();
      const Status owed = registry::insert_notice(session, row_of(entry, council, now));
      if (!owed) return owed;
      const Status asked =
          ask_about_unknown(session, row_of(entry, council, now), london_date(now));
      if (!asked) return asked;
    }
    // Entries that could not be read are for a person: the file stays, and is not "processed".
    const auto state = left_out > 0 ? MeshMessageState::unclear : MeshMessageState::processed;
    return settle_mesh_message(
        session, message, state,
        left_out > 0 ? "an access notice with entries left out" : "access notice");
  });
  if (!kept) return kept;
  ++counters_.access_notices;
  counters_.looks += notice.value->entries.size();
  counters_.left_out += left_out;
  observe::log(left_out > 0 ? Level::error : Level::info, "mesh.notice",
               {{"council", council},
                {"looks", static_cast<std::uint64_t>(notice.value->entries.size())},
                {"left_out", static_cast<std::uint64_t>(left_out)}});
  return done;
}

// Old and new number of a person are kept apart: the log has neither, the notice names the old one,
// and the new one is only found by who asks for it (after an adoption the pair is a disclosure).
Status MeshDispatch::take_inactive_notice(const MeshMessage& message) {
  const auto notice = spine::read_inactive_notice(message.parcel.content);
  if (!notice.value) return unclear(message, "an inactive number notice that cannot be read");
  const std::string& council = settings_.council.ods_code;
  if (!notice.value->council_ods.empty() && notice.value->council_ods != council) {
    return unclear(message, "an inactive number notice to another council");
  }
  const std::size_t left_out = errors_in(notice.findings);
  const Time now = clock_.now();
  const Status kept = database_.write([&](store::Session& session) -> Status {
    if (const Status put = registry::put_council(session, settings_.council, now); !put) return put;
    for (const InactiveEntry& entry : notice.value->entries) {
      const NoticeRow row{id_of("inactive " + council + ' ' + notice.value->id + ' ' +
                                std::string{entry.inactive.digits()}),
                          council,
                          NoticeRow::Kind::inactive_number,
                          now,
                          "",
                          entry.inactive,
                          entry.local_id.substr(0, 64),
                          "",
                          entry.upload_sequence,
                          NoticeRow::State::waiting,
                          ""};
      if (const Status owed = registry::insert_notice(session, row); !owed) return owed;
      for (const NhsNumber& replacement : entry.replaced_by) {
        const Status put = registry::put_replacement(session, entry.inactive, replacement);
        if (!put) return put;
      }
    }
    const auto state = left_out > 0 ? MeshMessageState::unclear : MeshMessageState::processed;
    return settle_mesh_message(session, message, state,
                               left_out > 0 ? "an inactive number notice with entries left out"
                                            : "inactive number notice");
  });
  if (!kept) return kept;
  refresh_work();
  ++counters_.inactive_notices;
  counters_.left_out += left_out;
  observe::log(left_out > 0 ? Level::error : Level::info, "mesh.inactive_numbers",
               {{"council", council},
                {"people", static_cast<std::uint64_t>(notice.value->entries.size())},
                {"left_out", static_cast<std::uint64_t>(left_out)}});
  return done;
}

}  // namespace cpis::usecases
