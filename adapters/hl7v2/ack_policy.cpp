#include "adapters/hl7v2/ack_policy.h"

#include <algorithm>

namespace cpis::hl7v2 {
namespace {

struct RefusalRule {
  std::string_view finding;
  Intake intake;
};

// The findings of header, message, batch and ADT reader after which there is no event to act on.
constexpr std::array refusals{
    RefusalRule{"HL7-MSG-1", Intake::no_header},
    RefusalRule{"HL7-MSH-1", Intake::no_header},
    RefusalRule{"HL7-MSH-2b", Intake::no_header},
    RefusalRule{"HL7-MSH-2c", Intake::no_header},
    RefusalRule{"HL7-MSG-2", Intake::too_large},
    RefusalRule{"HL7-MSG-3", Intake::no_header},
    RefusalRule{"HL7-MSG-4", Intake::undecodable},
    RefusalRule{"HL7-MSG-5", Intake::too_many_parts},
    RefusalRule{"HL7-CHARSET-1", Intake::undecodable},
    RefusalRule{"HL7-CHARSET-5", Intake::undecodable},
    RefusalRule{"HL7-BATCH-3", Intake::too_many_parts},
    RefusalRule{"HL7-MSH-9a", Intake::unsupported_type},
    RefusalRule{"HL7-MSH-9b", Intake::unsupported_event},
    RefusalRule{"HL7-MSH-12", Intake::unsupported_version},
    RefusalRule{"HL7-PID-1", Intake::segment_missing},
    RefusalRule{"HL7-MRG-1", Intake::segment_missing},
    RefusalRule{"HL7-PID-3", Intake::no_identifier},
};

}  // namespace

Intake intake_of(const Findings& findings) {
  for (const Finding& finding : findings) {
    for (const RefusalRule& refusal : refusals) {
      if (finding.rule == refusal.finding) return refusal.intake;
    }
  }
  // A fault that is not listed must not make a message vanish.
  const bool unusable = std::ranges::any_of(
      findings, [](const Finding& one) { return one.severity == Severity::fatal; });
  return unusable ? Intake::undecodable : Intake::stored;
}

}  // namespace cpis::hl7v2
