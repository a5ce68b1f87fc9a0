#pragma once

#include <optional>
#include <string>

#include "adapters/core/protection.h"
#include "gateway/usecases/attendance_book.h"

namespace cpis::usecases {

enum class AlertKind : std::uint8_t {
  record_held,    ///< the person who arrived has a record
  could_not_ask,  ///< nothing is known about the person who arrived
  needs_review,   ///< in scope, but could not be asked about: a person has to look
};

/// The words people see. They say what is known and what is not, and never that a child is safe.
std::string_view words_of(AlertKind kind);

/// An alert as a FHIR Bundle (type collection): Flag, CarePlan, CareTeam and Organization of each
/// plan, or for the other kinds an OperationOutcome that says what is not known; last the Encounter
/// (`encounter_body` as served, left out when empty). The Bundle's identifier is the same for every
/// delivery of one alert, so a receiver can tell a repeat.
std::string alert_bundle(AlertKind kind, const AttendanceState& attendance,
                         const ProtectionRecord* record, std::string_view why,
                         std::string_view encounter_body, Time now);

/// One line of the alert file: who has to be told what, without names.
std::string alert_line(AlertKind kind, const AttendanceState& attendance,
                       const ProtectionRecord* record, std::string_view why, Time now);

}  // namespace cpis::usecases
