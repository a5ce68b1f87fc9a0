#include "gateway/usecases/attendance_book.h"

#include <algorithm>
#include <utility>

namespace cpis::usecases {
namespace {

using store::Row;
using store::Session;

std::optional<std::int64_t> micros(const std::optional<Time>& time) {
  if (!time) return std::nullopt;
  return to_micros(*time);
}
std::optional<Time> time_at(const Row& row, std::size_t column) {
  const auto value = row.optional_integer(column);
  if (!value) return std::nullopt;
  return from_micros(*value);
}
std::optional<std::int64_t> days(const std::optional<Date>& date) {
  if (!date) return std::nullopt;
  return std::chrono::sys_days{*date}.time_since_epoch().count();
}

PatientState read_patient(const Row& row) {
  PatientState patient;
  patient.id = row.text(0);
  if (const auto number = row.optional_integer(1)) {
    patient.nhs_number = NhsNumber::from_value(static_cast<std::uint64_t>(*number));
  }
  if (const auto day = row.optional_integer(2)) {
    patient.birth_date = Date{std::chrono::sys_days{std::chrono::days{*day}}};
  }
  patient.shielded = row.integer(3) != 0;
  patient.survivor = row.text(4);
  patient.told = time_at(row, 5);
  return patient;
}

AttendanceState read_attendance(const Row& row) {
  AttendanceState state;
  state.id = row.text(0);
  state.visit_key = row.text(1);
  state.patient_id = row.text(2);
  state.feed = row.text(3);
  state.state = static_cast<VisitState>(row.integer(4));
  state.patient_class = static_cast<PatientClass>(row.integer(5));
  state.started = time_at(row, 6);
  state.last_event = from_micros(row.integer(7));
  state.decision = static_cast<rules::CheckDecision>(row.integer(8));
  state.check = static_cast<CheckState>(row.integer(9));
  state.question_id = row.text(10);
  state.checked = time_at(row, 11);
  return state;
}

}  // namespace

Status AttendanceBook::load(Session& session) {
  *this = AttendanceBook{};
  const Status people = session.query(
      "SELECT patient_id, nhs_number, birth_day, shielded, survivor, told_at FROM patient_state",
      {}, [&](const Row& row) -> Status {
        put(read_patient(row));
        return done;
      });
  if (!people) return people;
  const Status links = session.query("SELECT identity, patient_id FROM patient_identity", {},
                                     [&](const Row& row) -> Status {
                                       link(row.text(0), row.text(1));
                                       return done;
                                     });
  if (!links) return links;
  return session.query(
      "SELECT id, visit_key, patient_id, feed, state, patient_class, started_at, last_event_at, "
      "decision, check_state, question_id, checked_at FROM attendance",
      {}, [&](const Row& row) -> Status {
        put(read_attendance(row));
        return done;
      });
}

const PatientState* AttendanceBook::patient(std::string_view id) const {
  std::string at{id};
  // A chain that is longer than there are people is a loop.
  for (std::size_t i = 0; i <= patients_.size(); ++i) {
    const auto found = patients_.find(at);
    if (found == patients_.end()) return nullptr;
    if (found->second.survivor.empty()) return &found->second;
    at = found->second.survivor;
  }
  return nullptr;
}

const PatientState* AttendanceBook::find(std::string_view identity) const {
  const auto found = identities_.find(std::string{identity});
  return found == identities_.end() ? nullptr : patient(found->second);
}

const AttendanceState* AttendanceBook::attendance(std::string_view visit_key) const {
  const auto found = attendances_.find(std::string{visit_key});
  return found == attendances_.end() ? nullptr : &found->second;
}

const AttendanceState* AttendanceBook::attendance_by_id(std::string_view id) const {
  const auto found = visit_keys_.find(std::string{id});
  return found == visit_keys_.end() ? nullptr : attendance(found->second);
}

std::vector<AttendanceState> AttendanceBook::attendances_of(std::string_view patient_id) const {
  std::vector<AttendanceState> all;
  const auto found = visits_of_.find(std::string{patient_id});
  if (found == visits_of_.end()) return all;
  for (const std::string& key : found->second) {
    if (const AttendanceState* state = attendance(key)) all.push_back(*state);
  }
  return all;
}

std::vector<AttendanceState> AttendanceBook::unresolved() const {
  std::vector<AttendanceState> open;
  for (const auto& [key, state] : attendances_) {
    if (state.check == CheckState::asked) open.push_back(state);
  }
  return open;
}

void AttendanceBook::put(const PatientState& patient) { patients_[patient.id] = patient; }

void AttendanceBook::put(const AttendanceState& attendance) {
  const auto key = visit_keys_.find(attendance.id);
  if (key != visit_keys_.end() && key->second != attendance.visit_key) forget(key->second);
  const auto found = attendances_.find(attendance.visit_key);
  const bool moved =
      found == attendances_.end() || found->second.patient_id != attendance.patient_id;
  if (moved && found != attendances_.end()) {
    std::erase(visits_of_[found->second.patient_id], attendance.visit_key);
  }
  if (moved) visits_of_[attendance.patient_id].push_back(attendance.visit_key);
  visit_keys_[attendance.id] = attendance.visit_key;
  attendances_[attendance.visit_key] = attendance;
}

void AttendanceBook::forget(const std::string& visit_key) {
  const auto found = attendances_.find(visit_key);
  if (found == attendances_.end()) return;
  std::erase(visits_of_[found->second.patient_id], visit_key);
  attendances_.erase(found);
}

void AttendanceBook::link(std::string_view identity, std::string_view patient_id) {
  identities_[std::string{identity}] = patient_id;
}

Status save(Session& session, const PatientState& patient, Time now) {
  const std::optional<std::int64_t> number =
      patient.nhs_number ? std::optional{static_cast<std::int64_t>(patient.nhs_number->value())}
                         : std::nullopt;
  const auto rows = session.execute(
      "INSERT INTO patient_state (patient_id, nhs_number, birth_day, shielded, survivor, "
      "told_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?) {upsert:patient_id} "
      "nhs_number = {new:nhs_number}, birth_day = {new:birth_day}, shielded = {new:shielded}, "
      "survivor = {new:survivor}, told_at = {new:told_at}, updated_at = {new:updated_at}",
      {patient.id, number, days(patient.birth_date), patient.shielded ? 1 : 0, patient.survivor,
       micros(patient.told), to_micros(now)});
  if (!rows) return rows.error();
  return done;
}

Status save(Session& session, const AttendanceState& a, Time now) {
  const auto rows = session.execute(
      "INSERT INTO attendance (id, visit_key, patient_id, feed, state, patient_class, started_at, "
      "last_event_at, decision, check_state, question_id, checked_at, updated_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {upsert:id} "
      "visit_key = {new:visit_key}, patient_id = {new:patient_id}, state = {new:state}, "
      "patient_class = {new:patient_class}, started_at = {new:started_at}, "
      "last_event_at = {new:last_event_at}, decision = {new:decision}, "
      "check_state = {new:check_state}, question_id = {new:question_id}, "
      "checked_at = {new:checked_at}, updated_at = {new:updated_at}",
      {a.id, a.visit_key, a.patient_id, a.feed, static_cast<int>(a.state),
       static_cast<int>(a.patient_class), micros(a.started), to_micros(a.last_event),
       static_cast<int>(a.decision), static_cast<int>(a.check), a.question_id, micros(a.checked),
       to_micros(now)});
  if (!rows) return rows.error();
  return done;
}

Status save_link(Session& session, std::string_view identity, std::string_view patient_id) {
  const auto rows = session.execute(
      "INSERT INTO patient_identity (identity, patient_id) VALUES (?, ?) {upsert:identity} "
      "patient_id = {new:patient_id}",
      {identity, patient_id});
  if (!rows) return rows.error();
  return done;
}

}  // namespace cpis::usecases
