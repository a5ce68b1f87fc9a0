#include "gateway/register/register_rows.h"

#include <chrono>

#include "gateway/register/caller_text.h"

namespace cpis::registry {
namespace {

using store::Row;
using store::Session;
using store::Value;

Error damaged(std::string_view table) {
  return {ErrorKind::fault, std::string{table} + ": a stored value cannot be read"};
}

std::optional<std::int64_t> optional_days(const std::optional<Date>& date) {
  if (!date) return std::nullopt;
  return to_days(*date);
}

std::optional<Date> date_at(const Row& row, std::size_t column) {
  const auto days = row.optional_integer(column);
  if (!days) return std::nullopt;
  return from_days(*days);
}

constexpr std::string_view notice_columns =
    "SELECT id, council, kind, created_at, access_id, nhs_number, local_id, local_id_authority, "
    "upload_sequence, state, file FROM notice ";

Result<NoticeRow> read_notice(const Row& row) {
  const auto person = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(5)));
  if (!person) return damaged("notice");
  return NoticeRow{std::string{row.text(0)},
                   std::string{row.text(1)},
                   static_cast<NoticeRow::Kind>(row.integer(2)),
                   from_micros(row.integer(3)),
                   std::string{row.text(4)},
                   *person,
                   std::string{row.text(6)},
                   std::string{row.text(7)},
                   row.integer(8),
                   static_cast<NoticeRow::State>(row.integer(9)),
                   std::string{row.text(10)}};
}

Result<AccessEvent> read_access(const Row& row) {
  const auto person = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(1)));
  const auto caller = from_text(row.text(3));
  if (!person || !caller) return damaged("access_event");
  return AccessEvent{std::string{row.text(0)}, from_micros(row.integer(2)), *person, *caller};
}

constexpr std::string_view select_plans =
    "SELECT nhs_number, council, plan_type, start_day, start_minute, end_day, end_minute, given, "
    "family, birth_day, is_mother, local_id, local_id_authority, upload_sequence, recorded_at, "
    "record_id FROM held_plan ";

// A row of `select_plans`; `council` is that of its second column.
Result<StoredPlan> read_plan(const Row& row, std::shared_ptr<const Council> council) {
  const std::int64_t type = row.integer(2);
  if (!council || type < 0 || type > 2) return damaged("held_plan");
  StoredPlan stored;
  stored.plan.type = static_cast<PlanType>(type);
  stored.plan.start = {from_days(row.integer(3)), static_cast<std::uint16_t>(row.integer(4))};
  if (const auto end = date_at(row, 5)) {
    stored.plan.end = PlanDate{*end, static_cast<std::uint16_t>(row.integer(6))};
  }
  stored.council = std::move(council);
  stored.name = {std::string{row.text(7)}, std::string{row.text(8)}};
  stored.birth_date = date_at(row, 9);
  stored.is_mother = row.integer(10) != 0;
  stored.local_id = row.text(11);
  stored.local_id_authority = row.text(12);
  stored.upload_sequence = row.integer(13);
  stored.recorded = from_micros(row.integer(14));
  stored.id = row.text(15);
  return stored;
}

Status show_plan(const Row& row, RegisterView& view) {
  const auto person = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(0)));
  auto stored = read_plan(row, view.council(row.text(1)));
  if (!person) return damaged("held_plan");
  if (!stored) return stored.error();
  view.put_plan(*person, *std::move(stored));
  return done;
}

}  // namespace

std::int64_t to_days(Date date) { return std::chrono::sys_days{date}.time_since_epoch().count(); }
Date from_days(std::int64_t days) { return Date{std::chrono::sys_days{std::chrono::days{days}}}; }

Status put_council(Session& session, const Council& council, Time now) {
  const auto put = session.execute(
      "INSERT INTO council (ods_code, name, office_phone, emergency_phone, updated_at) "
      "VALUES (?, ?, ?, ?, ?) {upsert:ods_code} name = {new:name}, "
      "office_phone = {new:office_phone}, emergency_phone = {new:emergency_phone}, "
      "updated_at = {new:updated_at}",
      {council.ods_code, council.name, council.office_phone, council.emergency_phone,
       to_micros(now)});
  if (!put) return put.error();
  return done;
}

Result<std::optional<Council>> find_council(Session& session, std::string_view ods_code) {
  std::optional<Council> found;
  const Status read = session.query(
      "SELECT ods_code, name, office_phone, emergency_phone FROM council WHERE ods_code = ?",
      {ods_code}, [&](const Row& row) -> Status {
        found = Council{std::string{row.text(0)}, std::string{row.text(1)},
                        std::string{row.text(2)}, std::string{row.text(3)}};
        return done;
      });
  if (!read) return read.error();
  return found;
}

Status put_person(Session& session, const IndexedPerson& person) {
  const auto put = session.execute(
      "INSERT INTO person_index (nhs_number, family, given, birth_day, is_sensitive, superseded) "
      "VALUES (?, ?, ?, ?, ?, ?) {upsert:nhs_number} family = {new:family}, "
      "given = {new:given}, birth_day = {new:birth_day}, is_sensitive = {new:is_sensitive}, "
      "superseded = {new:superseded}",
      {static_cast<std::int64_t>(person.nhs_number.value()), person.name.family, person.name.given,
       optional_days(person.birth_date), person.sensitive ? 1 : 0, person.superseded ? 1 : 0});
  if (!put) return put.error();
  return done;
}

Result<std::optional<IndexedPerson>> find_person(Session& session, NhsNumber person) {
  std::optional<IndexedPerson> found;
  const Status read = session.query(
      "SELECT family, given, birth_day, is_sensitive, superseded FROM person_index "
      "WHERE nhs_number = ?",
      {static_cast<std::int64_t>(person.value())}, [&](const Row& row) -> Status {
        found = IndexedPerson{person,
                              {std::string{row.text(1)}, std::string{row.text(0)}},
                              date_at(row, 2),
                              row.integer(3) != 0,
                              row.integer(4) != 0};
        return done;
      });
  if (!read) return read.error();
  return found;
}

Result<std::int64_t> count_people(Session& session) {
  std::int64_t count = 0;
  const Status read =
      session.query("SELECT COUNT(*) FROM person_index", {}, [&](const Row& row) -> Status {
        count = row.integer(0);
        return done;
      });
  if (!read) return read.error();
  return count;
}

Status put_plan(Session& session, NhsNumber person, const StoredPlan& plan) {
  const std::optional<std::int64_t> end_day =
      plan.plan.end ? std::optional{to_days(plan.plan.end->day)} : std::nullopt;
  const std::optional<std::int64_t> end_minute =
      plan.plan.end ? std::optional<std::int64_t>{plan.plan.end->minute} : std::nullopt;
  const auto put = session.execute(
      "INSERT INTO held_plan (nhs_number, council, plan_type, start_day, start_minute, end_day, "
      "end_minute, given, family, birth_day, is_mother, local_id, local_id_authority, "
      "upload_sequence, recorded_at, record_id) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "{upsert:nhs_number,council,plan_type,start_day} start_minute = {new:start_minute}, "
      "end_day = {new:end_day}, end_minute = {new:end_minute}, given = {new:given}, "
      "family = {new:family}, birth_day = {new:birth_day}, is_mother = {new:is_mother}, "
      "local_id = {new:local_id}, local_id_authority = {new:local_id_authority}, "
      "upload_sequence = {new:upload_sequence}, recorded_at = {new:recorded_at}",
      {static_cast<std::int64_t>(person.value()), plan.council->ods_code,
       static_cast<int>(plan.plan.type), to_days(plan.plan.start.day),
       static_cast<int>(plan.plan.start.minute), end_day, end_minute, plan.name.given,
       plan.name.family, optional_days(plan.birth_date), plan.is_mother ? 1 : 0, plan.local_id,
       plan.local_id_authority, plan.upload_sequence, to_micros(plan.recorded), plan.id});
  if (!put) return put.error();
  return done;
}

Status delete_plan(Session& session, NhsNumber person, std::string_view council, const Plan& plan) {
  const auto gone = session.execute(
      "DELETE FROM held_plan WHERE nhs_number = ? AND council = ? AND plan_type = ? "
      "AND start_day = ?",
      {static_cast<std::int64_t>(person.value()), council, static_cast<int>(plan.type),
       to_days(plan.start.day)});
  if (!gone) return gone.error();
  return done;
}

Result<std::vector<StoredPlan>> plans_of(Session& session, NhsNumber person,
                                         const std::shared_ptr<const Council>& council) {
  static const std::string sql = std::string{select_plans} + "WHERE nhs_number = ? AND council = ?";
  std::vector<StoredPlan> plans;
  const Status read =
      session.query(sql, {static_cast<std::int64_t>(person.value()), council->ods_code},
                    [&](const Row& row) -> Status {
                      auto plan = read_plan(row, council);
                      if (!plan) return plan.error();
                      plans.push_back(*std::move(plan));
                      return done;
                    });
  if (!read) return read.error();
  return plans;
}

Result<std::string> plan_id_of(Session& session, NhsNumber person, std::string_view council,
                               const Plan& plan) {
  std::string id;
  const Status read = session.query(
      "SELECT record_id FROM held_plan WHERE nhs_number = ? AND council = ? AND plan_type = ? "
      "AND start_day = ?",
      {static_cast<std::int64_t>(person.value()), council, static_cast<int>(plan.type),
       to_days(plan.start.day)},
      [&](const Row& row) -> Status {
        id = row.text(0);
        return done;
      });
  if (!read) return read.error();
  return id;
}

Result<bool> insert_access(Session& session, const AccessEvent& access) {
  const std::string caller = to_text(access.by);
  const auto rows = session.execute(
      "INSERT INTO access_event (id, nhs_number, at, caller) VALUES (?, ?, ?, ?) "
      "{on_conflict_ignore:id}",
      {access.id, static_cast<std::int64_t>(access.person.value()), to_micros(access.at), caller});
  if (!rows) return rows.error();
  return *rows == 1;
}

Status insert_notice(Session& session, const NoticeRow& notice) {
  const Value access = notice.access_id.empty() ? Value{} : Value{notice.access_id};
  const auto rows = session.execute(
      "INSERT INTO notice (id, council, kind, created_at, access_id, nhs_number, local_id, "
      "local_id_authority, upload_sequence, state, file, state_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {on_conflict_ignore:id}",
      {notice.id, notice.council, static_cast<int>(notice.kind), to_micros(notice.created), access,
       static_cast<std::int64_t>(notice.person.value()), notice.local_id, notice.local_id_authority,
       notice.upload_sequence, static_cast<int>(notice.state), notice.file,
       to_micros(notice.created)});
  if (!rows) return rows.error();
  return done;
}

Status put_replacement(Session& session, NhsNumber inactive, NhsNumber replacement) {
  const auto rows = session.execute(
      "INSERT INTO superseded_by (nhs_number, replacement) VALUES (?, ?) "
      "{on_conflict_ignore:nhs_number}",
      {static_cast<std::int64_t>(inactive.value()),
       static_cast<std::int64_t>(replacement.value())});
  if (!rows) return rows.error();
  return done;
}

Result<std::vector<NoticeRow>> list_notices(Session& session, NoticeRow::State state,
                                            std::string_view council, std::size_t limit) {
  static const std::string of_all =
      std::string{notice_columns}.append("WHERE state = ? ORDER BY created_at, id LIMIT ?");
  static const std::string of_one = std::string{notice_columns}.append(
      "WHERE state = ? AND council = ? ORDER BY created_at, id LIMIT ?");
  std::vector<NoticeRow> notices;
  const auto reader = [&](const Row& row) -> Status {
    auto notice = read_notice(row);
    if (!notice) return notice.error();
    notices.push_back(*std::move(notice));
    return done;
  };
  const int wanted = static_cast<int>(state);
  const auto most = static_cast<std::int64_t>(limit);
  const Status read = council.empty() ? session.query(of_all, {wanted, most}, reader)
                                      : session.query(of_one, {wanted, council, most}, reader);
  if (!read) return read.error();
  return notices;
}

Result<std::optional<NoticeRow>> find_notice(Session& session, std::string_view id) {
  static const std::string sql = std::string{notice_columns} + "WHERE id = ?";
  std::optional<NoticeRow> found;
  const Status read = session.query(sql, {id}, [&](const Row& row) -> Status {
    auto notice = read_notice(row);
    if (!notice) return notice.error();
    found = *std::move(notice);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::optional<AccessEvent>> find_access(Session& session, std::string_view id) {
  std::optional<AccessEvent> found;
  const Status read = session.query(
      "SELECT id, nhs_number, at, caller FROM access_event "
      "WHERE id = ?",
      {id}, [&](const Row& row) -> Status {
        auto access = read_access(row);
        if (!access) return access.error();
        found = *std::move(access);
        return done;
      });
  if (!read) return read.error();
  return found;
}

Result<std::vector<AccessEvent>> list_accesses(Session& session, std::optional<NhsNumber> person,
                                               std::size_t limit) {
  std::vector<AccessEvent> accesses;
  const auto reader = [&](const Row& row) -> Status {
    auto access = read_access(row);
    if (!access) return access.error();
    accesses.push_back(*std::move(access));
    return done;
  };
  const auto most = static_cast<std::int64_t>(limit);
  const Status read = person ? session.query(
                                   "SELECT id, nhs_number, at, caller FROM access_event "
                                   "WHERE nhs_number = ? ORDER BY at DESC, id LIMIT ?",
                                   {static_cast<std::int64_t>(person->value()), most}, reader)
                             : session.query(
                                   "SELECT id, nhs_number, at, caller FROM access_event "
                                   "ORDER BY at DESC, id LIMIT ?",
                                   {most}, reader);
  if (!read) return read.error();
  return accesses;
}

Status set_notice_state(Session& session, std::string_view id, NoticeRow::State state,
                        std::string_view file, Time now) {
  const auto rows =
      session.execute("UPDATE notice SET state = ?, file = ?, state_at = ? WHERE id = ?",
                      {static_cast<int>(state), file, to_micros(now), id});
  if (!rows) return rows.error();
  return done;
}

Status load_view(Session& session, RegisterView& view) {
  const Status councils =
      session.query("SELECT ods_code, name, office_phone, emergency_phone FROM council", {},
                    [&](const Row& row) -> Status {
                      view.put_council({std::string{row.text(0)}, std::string{row.text(1)},
                                        std::string{row.text(2)}, std::string{row.text(3)}});
                      return done;
                    });
  if (!councils) return councils;
  const Status plans =
      session.query(select_plans, {}, [&](const Row& row) { return show_plan(row, view); });
  if (!plans) return plans;
  return session.query("SELECT id, nhs_number, at, caller FROM access_event ORDER BY at", {},
                       [&](const Row& row) -> Status {
                         const auto access = read_access(row);
                         if (!access) return access.error();
                         view.add_access(*access);
                         return done;
                       });
}

}  // namespace cpis::registry
