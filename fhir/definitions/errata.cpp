#include "fhir/definitions/errata.h"

#include <array>

namespace cpis::fhir {

namespace {

constexpr std::array table{
    Erratum{"ref-1",
            "reference.startsWith('#').not() or (reference.substring(1).trace('url') in "
            "%rootResource.contained.id.trace('ids'))",
            "reference.startsWith('#').not() or (reference.substring(1).trace('url') in "
            "%rootResource.contained.id.trace('ids')) or "
            "(reference = '#' and %rootResource != %resource)",
            "a contained resource refers to the one that contains it by a bare #"},
    Erratum{"bdl-8", "fullUrl.contains('/_history/').not()",
            "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
            "an entry without fullUrl has nothing to check"},
    Erratum{"app-4",
            "Appointment.cancelationReason.exists() implies (Appointment.status='no-show' or "
            "Appointment.status='cancelled')",
            "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or "
            "Appointment.status='cancelled')",
            "the code of that status is noshow"},
    Erratum{"tim-9",
            "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
            "offset.empty() or (when.exists() and when.all(($this in ('C' | 'CM' | 'CD' | "
            "'CV')).not()))",
            "when repeats, and the left side of `in` must be one item"},
};

}  // namespace

std::span<const Erratum> errata() { return table; }

std::size_t apply_errata(std::vector<ElementConstraint>& constraints) {
  std::size_t changed = 0;
  for (ElementConstraint& constraint : constraints) {
    for (const Erratum& erratum : table) {
      if (constraint.key != erratum.key || constraint.expression != erratum.published) continue;
      constraint.expression = erratum.repaired;
      ++changed;
    }
  }
  return changed;
}

}  // namespace cpis::fhir
