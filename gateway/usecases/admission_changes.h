#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/attendance.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/attendance_book.h"

namespace cpis::usecases {

/// A resource to write, as FHIR JSON without a version.
struct ResourceBody {
  std::string type;
  std::string id;
  std::string body;
  /// The version that `body` was made from (0: there was none). Nothing: it was made from what the
  /// same batch writes before it, or from the message alone.
  std::optional<std::int64_t> made_from = {};
  /// When that is not the current version any more: makes the body of what is kept now (empty:
  /// nothing is). An empty body is not written. Not set for what the message alone decides.
  std::function<std::string(std::string_view kept)> remake = {};
  /// What `body` is found by, when who wrote it had that at hand.
  std::optional<resources::Keys> keys = {};
};

/// A check that one message calls for, once its changes are durable.
struct PlannedCheck {
  NhsNumber person;
  std::string attendance_id;
  std::string question_id;
};

/// Everything that one message changes. It becomes durable as one transaction.
struct AdmissionChanges {
  std::string patient_id;    ///< whom the message is about; its Patient is among `resources` unless
                             ///< the message is older than what is known of the person
  std::string encounter_id;  ///< the visit, likewise; empty: none
  std::vector<PatientState> patients;
  std::vector<std::pair<std::string, std::string>> links;  ///< identity -> patient id
  std::vector<AttendanceState> attendances;
  std::vector<ResourceBody> resources;
  std::optional<PlannedCheck> check;
  std::optional<AttendanceState> review;  ///< somebody in scope could not be checked
  std::string note;                       ///< for the log and `explain`; nothing personal
};

/// What the rules need besides the message.
struct AdmissionContext {
  std::string feed;
  std::string organisation_ods;  ///< when the message does not say
  bool check = true;
  rules::CheckSettings rules;
  Time now{};
  /// Whether Patient and Encounter are written here. Otherwise their bodies are empty, for who has
  /// better ones (ArrivalResources with the tables) or asks for these after all.
  bool writes_bodies = true;
};

/// The Patient that a message describes, in the plain mapping: what is settled of the person, and
/// the rest as the message says it.
std::string plain_patient(const PatientState& patient, PatientIdentity identity,
                          PatientDetails details);
/// The Encounter, likewise.
std::string plain_encounter(const AttendanceState& attendance, bool shielded,
                            const std::string& organisation_ods, VisitDetails visit);

/// Works out what one ADT message changes, against what is known. Pure: `book` is only read, and
/// new ids come from `new_id` and `new_uuid`.
///
/// Of an attendance a person is checked at most once: only while it has never been asked about.
/// When it turns out to be somebody else's (an identity that was mended, a visit that was moved),
/// that person is; who comes again under a number that is used again is checked again. Messages
/// that are older than the last one of the attendance change its state no more (hl7v2.md 3.3);
/// those that were recorded before the newest description of a person describe that person no more.
class AdmissionPlanner {
 public:
  using NewId = std::string (*)(Time now);

  AdmissionPlanner(const AttendanceBook& book, const AdmissionContext& context, NewId new_id,
                   NewId new_uuid)
      : book_{book}, context_{context}, new_id_{new_id}, new_uuid_{new_uuid} {}

  AdmissionChanges plan(const AdtEvent& event);
  /// The same for resources that somebody wrote over FHIR and that are kept already: no resource is
  /// among the changes. `encounter_id` is empty when only the person changed.
  AdmissionChanges plan_kept(const AdtEvent& event, const std::string& patient_id,
                             const std::string& encounter_id);

 private:
  PatientState resolve(const PatientIdentity& identity, const PatientDetails& details,
                       bool shielded, bool describe);
  bool is_shielded(const std::vector<PatientIdentity>& away, const PatientDetails& details) const;
  bool is_late(const PatientState& patient) const;
  void describe(const PatientState& patient, const PatientIdentity& identity,
                const PatientDetails& details);
  void merge(const PatientState& survivor, const std::vector<PatientIdentity>& away);
  void replace(const PatientState& loser, const PatientState& survivor);
  void visit(const AdtEvent& event, const PatientState& patient);
  bool is_of_another(const AttendanceState& attendance, const PatientState& patient) const;
  void arrived_before(const AdtEvent& event, const PatientState& patient,
                      const AttendanceState& known);
  void kept_visit(const AdtEvent& event, const PatientState& patient,
                  const std::string& encounter_id);
  void decide(const AdtEvent& event, const PatientState& patient, AttendanceState& attendance);
  std::string sender_of(const AdtEvent& event) const;

  const AttendanceBook& book_;
  const AdmissionContext& context_;
  NewId new_id_;
  NewId new_uuid_;
  AdmissionChanges changes_;
  // Of the message at hand.
  bool birth_date_cleared_ = false;
  Time told_{};
  bool told_is_exact_ = false;
};

/// How an identity is found again: `nhs|NUMBER`, or `AUTHORITY|VALUE` of a hospital.
std::vector<std::string> identity_keys(const PatientIdentity& identity, std::string_view sender);

}  // namespace cpis::usecases
