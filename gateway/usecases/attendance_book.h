#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/core/rules/who_is_checked.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

enum class CheckState : std::uint8_t {
  not_asked,
  asked,  ///< the question is out; after a restart its outcome has to be found
  records,
  none_held,
  could_not,
  review,  ///< in scope, but a person has to look (no number, two numbers, not verified)
};

/// What decisions need of a person.
struct PatientState {
  std::string id;  ///< FHIR id: the NHS number where known, else opaque
  std::optional<NhsNumber> nhs_number;
  std::optional<Date> birth_date;
  bool shielded = false;
  /// When its sender recorded the newest description of the person; nothing before the first.
  std::optional<Time> told;
  std::string survivor;  ///< not empty: this record was merged into that one
};

/// What decisions need of an attendance.
struct AttendanceState {
  std::string id;         ///< FHIR id of the Encounter, opaque
  std::string visit_key;  ///< authority or sender and visit number, or sender, person and time
  std::string patient_id;
  std::string feed;
  VisitState state = VisitState::unknown;
  PatientClass patient_class = PatientClass::unknown;
  std::optional<Time> started;
  Time last_event{};
  rules::CheckDecision decision = rules::CheckDecision::skip_not_present;
  CheckState check = CheckState::not_asked;
  std::string question_id;
  std::optional<Time> checked;
};

/// People and attendances in memory: a projection of the store, owned by the one thread that
/// processes messages. Not safe for several threads.
class AttendanceBook {
 public:
  Status load(store::Session& session);

  /// The person an identity points to now (merges followed), or null.
  const PatientState* find(std::string_view identity) const;
  const PatientState* patient(std::string_view id) const;
  const AttendanceState* attendance(std::string_view visit_key) const;
  const AttendanceState* attendance_by_id(std::string_view id) const;
  /// The attendances of a person, in no order.
  std::vector<AttendanceState> attendances_of(std::string_view patient_id) const;
  /// Attendances whose question was out when the gateway ended.
  std::vector<AttendanceState> unresolved() const;

  void put(const PatientState& patient);
  /// Under its visit key, which may be another than before (the visit was renumbered).
  void put(const AttendanceState& attendance);
  void link(std::string_view identity, std::string_view patient_id);

  std::size_t people() const { return patients_.size(); }
  std::size_t attendances() const { return attendances_.size(); }

 private:
  void forget(const std::string& visit_key);

  std::unordered_map<std::string, std::string> identities_;
  std::unordered_map<std::string, PatientState> patients_;
  std::unordered_map<std::string, AttendanceState> attendances_;         // by visit key
  std::unordered_map<std::string, std::string> visit_keys_;              // by attendance id
  std::unordered_map<std::string, std::vector<std::string>> visits_of_;  // visit keys by patient
};

Status save(store::Session& session, const PatientState& patient, Time now);
Status save(store::Session& session, const AttendanceState& attendance, Time now);
Status save_link(store::Session& session, std::string_view identity, std::string_view patient_id);

}  // namespace cpis::usecases
