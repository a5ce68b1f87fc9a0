#include "adapters/social_care/notice_csv.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "adapters/social_care/csv/csv_writer.h"

namespace cpis::social_care {
namespace {

enum class Cell : std::uint8_t {
  notice_id,
  access_id,
  kind,
  person_key,
  person_name,
  plans,
  unborn,
  team,
  seen_at,
  organisation_code,
  organisation,
  role,
  who,
  received_at,
  text,
};
constexpr std::size_t cells = 15;

enum class DateForm : std::uint8_t { iso, english };

struct ColumnLayout {
  std::string_view header;
  Cell cell;
};

using Row = std::array<std::string, cells>;

std::string& at(Row& row, Cell cell) { return row[static_cast<std::size_t>(cell)]; }

std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

// England's wall clock, to the minute.
std::string wall_clock(Time time, DateForm form) {
  const Time local = time + std::chrono::minutes{london_offset_minutes(time)};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const Date date{day};
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local - day).count();
  const std::string clock =
      two(static_cast<int>(minutes / 60)) + ":" + two(static_cast<int>(minutes % 60));
  if (form == DateForm::iso) return to_iso(date) + " " + clock;
  return two(static_cast<int>(static_cast<unsigned>(date.day()))) + "/" +
         two(static_cast<int>(static_cast<unsigned>(date.month()))) + "/" +
         std::to_string(static_cast<int>(date.year())) + " " + clock;
}

}  // namespace

struct NoticeLayout {
  std::string_view name;
  DateForm dates;
  std::span<const ColumnLayout> columns;
};

namespace {

constexpr std::array generic_columns{
    ColumnLayout{"notice_id", Cell::notice_id},
    ColumnLayout{"access_id", Cell::access_id},
    ColumnLayout{"kind", Cell::kind},
    ColumnLayout{"la_person_id", Cell::person_key},
    ColumnLayout{"person_name", Cell::person_name},
    ColumnLayout{"plans", Cell::plans},
    ColumnLayout{"unborn_la_person_ids", Cell::unborn},
    ColumnLayout{"team", Cell::team},
    ColumnLayout{"seen_at", Cell::seen_at},
    ColumnLayout{"organisation_code", Cell::organisation_code},
    ColumnLayout{"organisation", Cell::organisation},
    ColumnLayout{"role", Cell::role},
    ColumnLayout{"who", Cell::who},
    ColumnLayout{"received_at", Cell::received_at},
    ColumnLayout{"text", Cell::text},
};
constexpr std::array lcs_columns{
    ColumnLayout{"PERSON_ID", Cell::person_key},
    ColumnLayout{"EXTERNAL_REFERENCE", Cell::access_id},
    ColumnLayout{"NOTIFICATION_TYPE", Cell::kind},
    ColumnLayout{"EVENT_DTTM", Cell::seen_at},
    ColumnLayout{"RECEIVED_DTTM", Cell::received_at},
    ColumnLayout{"ORGANISATION_CODE", Cell::organisation_code},
    ColumnLayout{"ORGANISATION_NAME", Cell::organisation},
    ColumnLayout{"WORKER_ROLE", Cell::role},
    ColumnLayout{"WORKER_NAME", Cell::who},
    ColumnLayout{"UNBORN_PERSON_IDS", Cell::unborn},
    ColumnLayout{"TEAM", Cell::team},
    ColumnLayout{"NOTES", Cell::text},
};
constexpr std::array mosaic_columns{
    ColumnLayout{"PERSON_ID", Cell::person_key},
    ColumnLayout{"NOTE_TYPE", Cell::kind},
    ColumnLayout{"NOTE_DATE", Cell::seen_at},
    ColumnLayout{"NOTE_REFERENCE", Cell::access_id},
    ColumnLayout{"ORGANISATION", Cell::organisation},
    ColumnLayout{"SEEN_BY", Cell::who},
    ColumnLayout{"SEEN_BY_ROLE", Cell::role},
    ColumnLayout{"UNBORN_PERSON_IDS", Cell::unborn},
    ColumnLayout{"WORKER_TEAM", Cell::team},
    ColumnLayout{"NOTE_TEXT", Cell::text},
};

constexpr std::array layouts{
    NoticeLayout{"generic", DateForm::iso, generic_columns},
    NoticeLayout{"lcs", DateForm::english, lcs_columns},
    NoticeLayout{"mosaic", DateForm::english, mosaic_columns},
};

std::string header_of(const NoticeLayout& layout) {
  std::vector<std::string_view> names;
  for (const ColumnLayout& column : layout.columns) names.push_back(column.header);
  std::string out;
  append_csv(out, names);
  return out;
}

void append_row(std::string& out, const NoticeLayout& layout, Row& row) {
  std::vector<std::string_view> values;
  for (const ColumnLayout& column : layout.columns) values.push_back(at(row, column.cell));
  append_csv(out, values);
}

Row access_row(const NoticeEntry& entry, const NoticeLayout& layout, const FindCase& find_case) {
  Row row;
  const AccessEvent& access = entry.access;
  at(row, Cell::kind) = "CP-IS access";
  at(row, Cell::access_id) = access.id;
  at(row, Cell::seen_at) = wall_clock(access.at, layout.dates);
  at(row, Cell::organisation_code) = access.by.organisation_code;
  at(row, Cell::organisation) = access.by.organisation_name;
  at(row, Cell::role) = access.by.role_name;
  at(row, Cell::who) = access.by.person_name;
  at(row, Cell::person_key) = entry.local_id;
  at(row, Cell::text) = access_notice_meaning;
  const auto known = find_case ? find_case(entry) : std::nullopt;
  if (!known) {
    at(row, Cell::text) += " This person is not known here: find out whose notice this is.";
    return row;
  }
  at(row, Cell::person_key) = known->person_key;
  at(row, Cell::person_name) = known->person_name;
  at(row, Cell::plans) = known->plans;
  at(row, Cell::unborn) = known->unborn_keys;
  at(row, Cell::team) = known->team;
  if (!known->unborn_keys.empty()) {
    at(row, Cell::text) += " The person seen is the mother of an unborn child on a plan.";
  }
  return row;
}

}  // namespace

std::vector<std::string_view> notice_layouts() {
  std::vector<std::string_view> names;
  for (const NoticeLayout& layout : layouts) names.push_back(layout.name);
  return names;
}

const NoticeLayout* find_notice_layout(std::string_view name) {
  const auto* found = std::find_if(layouts.begin(), layouts.end(),
                                   [name](const NoticeLayout& one) { return one.name == name; });
  return found == layouts.end() ? nullptr : found;
}

std::string access_notice_csv(const AccessNotice& notice, const NoticeLayout& layout, Time received,
                              const FindCase& find_case) {
  std::string out = header_of(layout);
  const auto finish = [&](Row row) {
    at(row, Cell::notice_id) = notice.id;
    at(row, Cell::received_at) = wall_clock(received, layout.dates);
    append_row(out, layout, row);
  };
  for (const NoticeEntry& entry : notice.entries) finish(access_row(entry, layout, find_case));
  if (notice.entries.empty()) {
    Row row;
    at(row, Cell::kind) = "CP-IS access, empty";
    at(row, Cell::text) = "A notice came that names no access. Ask the sender what it was about.";
    finish(row);
  }
  return out;
}

std::string inactive_notice_csv(const InactiveNotice& notice, const NoticeLayout& layout,
                                Time received) {
  std::string out = header_of(layout);
  for (const InactiveEntry& entry : notice.entries) {
    Row row;
    at(row, Cell::notice_id) = notice.id;
    at(row, Cell::received_at) = wall_clock(received, layout.dates);
    at(row, Cell::kind) = "NHS number inactive";
    at(row, Cell::person_key) =
        entry.local_id.empty() ? "NHS " + std::string{entry.inactive.digits()} : entry.local_id;
    at(row, Cell::text) = entry.replaced_by.empty()
                              ? "No new number was given. Uploads of this person fail until the "
                                "record has a number that is in use."
                              : "A new number was given. Trace the person; if this is an adoption "
                                "do not carry the plan over.";
    append_row(out, layout, row);
  }
  return out;
}

}  // namespace cpis::social_care
