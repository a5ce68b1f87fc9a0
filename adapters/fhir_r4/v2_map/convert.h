#pragma once

#include <span>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"
#include "adapters/core/field_source.h"
#include "adapters/core/finding.h"
#include "adapters/fhir_r4/v2_map/tables.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_r4::v2 {

/// What a conversion needs besides the message. Ids that are empty are derived: the NHS number
/// where it is known, otherwise a hash of sender and identifier, so that a re-sent or corrected
/// message updates what the first one made.
struct ConversionContext {
  std::string patient_id;
  std::string encounter_id;
  std::string base_url = "https://localhost/FHIR/R4";  ///< of Bundle.entry.fullUrl
  std::string message_reference;  ///< what Provenance.entity points at; empty: the control id only
  Time recorded{};                ///< Provenance.recorded and Bundle.timestamp
  /// Types that are not made; references to them are left out.
  std::span<const std::string_view> without{};
  bool bare = false;  ///< entries hold the resource alone, without fullUrl and request
};

/// The resources that a message describes, as a transaction Bundle of updates by id.
///
/// `fields` gives the values, `event` what they were understood to mean: identity, state, class and
/// shielding come from the event and never from the raw event code. For a shielded person rules
/// that tell where somebody lives are skipped and `meta.security` says restricted. Codes without a
/// row in their concept map leave a finding and no guessed code.
fhir::Document convert(const FieldSource& fields, const AdtEvent& event, const Tables& tables,
                       const ConversionContext& context, Findings& findings);

}  // namespace cpis::fhir_r4::v2
