#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/core/finding.h"
#include "adapters/core/protection.h"
#include "adapters/core/time.h"

namespace cpis::hl7v2 {

/// How alerts are written for one destination.
///
/// A segment template is a segment with the usual delimiters in which `{name}` stands for a value,
/// escaped when it is put in:
///
///     {n} {wording} {checked} {plan.code} {plan.snomed} {plan.display} {plan.start} {plan.end}
///     {plan.state} {council.code} {council.name} {council.office_phone} {council.emergency_phone}
///
/// Templates are written once for each plan; the wordings may use the same names.
struct AlertMessageSettings {
  std::string trigger = "A08";
  std::string structure = "ADT_A01";
  std::string version = "2.4";
  std::string processing_id = "P";
  std::string sending_application = "CPIS-GATEWAY", sending_facility;
  std::string receiving_application, receiving_facility;
  bool with_name = true;  ///< PID-5, so that the receiver can see that it has the right patient
  std::vector<std::string> segments{
      "OBX|{n}|TX|CPIS^Child protection information^L||{wording}||||||F|||{checked}",
      "ZCP|{n}|{plan.code}^{plan.display}^L^{plan.snomed}^^SCT|{plan.start}|{plan.end}|"
      "{council.code}^{council.name}|{council.office_phone}|{council.emergency_phone}"};
  std::string record_wording =
      "{plan.display} ({plan.state}). {council.name}: office hours {council.office_phone}, "
      "out of hours {council.emergency_phone}.";
  /// Said beside the plans when more is held than could be read; carries the first template only.
  std::string incomplete_wording =
      "More is held about this person than is shown here. Ask the council or look in the national "
      "system.";
  /// For a check that got no answer; empty: no message is sent then. Such a message carries the
  /// first template only.
  std::string not_asked_wording =
      "Child protection information could not be checked. Nothing is known either way.";
};

/// Names in templates that are not known, and templates that are no segment, one finding each.
/// Settings with findings must not be used.
Findings check_templates(const AlertMessageSettings& settings);

/// The message that tells an engine what a check found, without MLLP framing, segments ended by CR,
/// UTF-8 (MSH-18 `UNICODE UTF-8`). It names the patient and visit as `attendance` did.
///
/// Nothing when no record is held: silence is not a message, and no text says that a child is safe.
/// `control_id` is MSH-10; `now` is when the check was answered.
std::optional<std::string> write_alert(const AdtEvent& attendance, const ProtectionAnswer& answer,
                                       const AlertMessageSettings& settings,
                                       std::string_view control_id, Time now);

}  // namespace cpis::hl7v2
