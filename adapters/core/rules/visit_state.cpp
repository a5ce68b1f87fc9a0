#include "adapters/core/rules/visit_state.h"

namespace cpis::rules {
namespace {

bool is_only_planned(PatientClass patient_class) {
  return patient_class == PatientClass::preadmit || patient_class == PatientClass::waiting;
}

VisitState first_seen_by_update(const VisitDetails& visit) {
  if (visit.ended) return VisitState::finished;
  return is_only_planned(visit.patient_class) ? VisitState::planned : VisitState::in_progress;
}

}  // namespace

VisitState state_after(VisitState known, const AdtEvent& event) {
  if (!event.visit) return known;
  switch (event.action) {
    case AdtAction::arrive:
    case AdtAction::preadmit:
    case AdtAction::discharge:
    case AdtAction::cancel_arrival:
    case AdtAction::cancel_discharge:
      return event.visit->state;
    case AdtAction::update_visit:
    case AdtAction::move_visit:
      if (known == VisitState::unknown) return first_seen_by_update(*event.visit);
      // A discharge time ends a visit whose discharge message was lost.
      if (known == VisitState::in_progress && event.visit->ended) return VisitState::finished;
      // A class change turns a planned visit into one that is under way (A06, or an A08 with E).
      // Nobody plans an emergency: that class needs no time of arrival to say so.
      if (known == VisitState::planned &&
          (event.visit->started || event.visit->patient_class == PatientClass::emergency) &&
          !is_only_planned(event.visit->patient_class) &&
          event.visit->patient_class != PatientClass::unknown) {
        return first_seen_by_update(*event.visit);
      }
      return known;
    case AdtAction::update_person:
    case AdtAction::merge:
    case AdtAction::none:
      return known;
  }
  return known;
}

}  // namespace cpis::rules
