#include "gateway/usecases/admission_changes.h"

#include <algorithm>

#include "adapters/core/rules/visit_state.h"
#include "adapters/fhir_r4/patient_mapper.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/usecases/attendance_match.h"

namespace cpis::usecases {
namespace {

// Later than this nobody is helped by a check of somebody who has left.
constexpr Duration late_arrival_max = std::chrono::hours{24};

// The key of a numbered visit that came over a feed without an authority of its own.
std::string key_of_number(const VisitDetails& visit, const std::string& sender) {
  return "visit|" + (visit.number_authority.empty() ? sender : visit.number_authority) + '|' +
         visit.number;
}

// Of two readings of a time in the hour that is shown twice; a zone leaves only one.
Time after(Time time, bool exact, Time known) {
  return exact ? time : repeated_hour_after(time, known);
}

void forget_check(AttendanceState& attendance) {
  attendance.check = CheckState::not_asked;
  attendance.question_id.clear();
  attendance.checked.reset();
}

// A number that is used again: the same visit does not begin a day after it began or ended.
bool comes_again(const AttendanceState& known, const AdtEvent& event, Time occurred) {
  constexpr Duration one_visit = std::chrono::hours{24};
  const VisitDetails& visit = *event.visit;
  if (event.action != AdtAction::arrive || visit.patient_class != PatientClass::emergency) {
    return false;
  }
  const bool over = known.state == VisitState::finished || known.state == VisitState::cancelled;
  const bool begins_anew =
      visit.started && known.started && *visit.started - *known.started > one_visit;
  return begins_anew || (over && occurred - known.last_event > one_visit);
}

// A sender's clock that is ahead must not keep later messages out.
Time told_by(const AdtEvent& event, Time now) {
  return std::min(event.recorded.value_or(event.occurred.value_or(now)), now);
}

}  // namespace

std::vector<std::string> identity_keys(const PatientIdentity& identity, std::string_view sender) {
  std::vector<std::string> keys;
  if (identity.nhs_number) keys.push_back("nhs|" + std::string{identity.nhs_number->digits()});
  for (const LocalIdentifier& local : identity.local_ids) {
    keys.push_back((local.authority.empty() ? std::string{sender} : local.authority) + '|' +
                   local.value);
  }
  return keys;
}

std::string plain_patient(const PatientState& patient, PatientIdentity identity,
                          PatientDetails details) {
  details.birth_date = patient.birth_date;
  details.shielded = patient.shielded;
  identity.nhs_number = patient.nhs_number;
  fhir::Document doc;
  fhir_r4::write_patient(doc, doc.set_root("Patient"), patient.id, identity, details);
  return fhir::json::write(doc.root());
}

std::string plain_encounter(const AttendanceState& attendance, bool shielded,
                            const std::string& organisation_ods, VisitDetails visit) {
  visit.patient_class = attendance.patient_class;
  visit.started = attendance.started;
  const fhir_r4::EncounterContext context{attendance.id, attendance.patient_id, organisation_ods,
                                          attendance.state, shielded};
  fhir::Document doc;
  fhir_r4::write_encounter(doc, doc.set_root("Encounter"), context, visit);
  return fhir::json::write(doc.root());
}

std::string AdmissionPlanner::sender_of(const AdtEvent& event) const {
  return event.sender.empty() ? context_.feed : event.sender;
}

AdmissionChanges AdmissionPlanner::plan(const AdtEvent& event) {
  changes_ = {};
  if (event.action == AdtAction::none) {
    changes_.note = "nothing to do for this event";
    return std::move(changes_);
  }
  birth_date_cleared_ = std::ranges::find(event.cleared, "PID-7") != event.cleared.end();
  told_ = told_by(event, context_.now);
  told_is_exact_ = event.recorded ? event.recorded_is_exact : event.occurred_is_exact;
  const PatientState patient =
      resolve(event.patient, event.details, is_shielded(event.merged_away, event.details), true);
  changes_.patient_id = patient.id;
  birth_date_cleared_ = false;
  if (event.action == AdtAction::merge) {
    merge(patient, event.merged_away);
    for (const Merge& pair : event.further_merges) {
      merge(resolve(pair.survivor, {}, is_shielded(pair.merged_away, {}), false), pair.merged_away);
    }
  }
  const bool about_a_visit =
      event.visit && event.action != AdtAction::merge && event.action != AdtAction::update_person;
  if (about_a_visit) visit(event, patient);
  return std::move(changes_);
}

// A person who was shielded under another record stays so, unless the message says otherwise.
bool AdmissionPlanner::is_shielded(const std::vector<PatientIdentity>& away,
                                   const PatientDetails& details) const {
  if (details.shielding_stated || details.shielded) return details.shielded;
  return std::ranges::any_of(away, [&](const PatientIdentity& identity) {
    return std::ranges::any_of(identity_keys(identity, context_.feed), [&](const std::string& key) {
      const PatientState* known = book_.find(key);
      return known != nullptr && known->shielded;
    });
  });
}

// The person this identity means; a new one, or one that now has an NHS number, is added to the
// changes. An NHS number wins over a hospital number: the hospital may have re-used or mixed up
// its own.
PatientState AdmissionPlanner::resolve(const PatientIdentity& identity,
                                       const PatientDetails& details, bool shielded,
                                       bool describe_person) {
  const std::vector<std::string> keys = identity_keys(identity, context_.feed);
  const PatientState* known = nullptr;
  for (const std::string& key : keys) {
    known = book_.find(key);
    if (known != nullptr) break;
  }
  PatientState patient;
  if (identity.nhs_number) {
    patient.id = identity.nhs_number->digits();
    patient.nhs_number = identity.nhs_number;
    const PatientState* same = book_.patient(patient.id);
    // Another record may answer to this number: one that was written with an id of its own, or the
    // survivor of a merge that was told before anybody had come with the number.
    const PatientState* linked = same == nullptr ? book_.find(keys.front()) : nullptr;
    if (linked != nullptr && linked->nhs_number) same = linked;
    if (same != nullptr) {
      patient = *same;
    } else if (known != nullptr && !known->nhs_number) {
      // Known by a hospital number only until now: that record is replaced by this one.
      patient.birth_date = known->birth_date;
      patient.shielded = known->shielded;
      replace(*known, patient);
    }
  } else if (known != nullptr) {
    patient = *known;
  } else {
    patient.id = new_id_(context_.now);
  }
  const bool late = describe_person && is_late(patient);
  if (late) changes_.note = "older than what is known of this person: the description stays";
  // `""` says that what was sent before no longer holds; an empty field says nothing.
  if (!late && (details.birth_date || (describe_person && birth_date_cleared_))) {
    patient.birth_date = details.birth_date;
  }
  if (details.shielding_stated) {
    if (!late) patient.shielded = shielded;
  } else if (shielded) {
    patient.shielded = true;  // the merged record was, whenever the merge is told
  }
  if (!late && describe_person) {
    patient.told = patient.told ? after(told_, told_is_exact_, *patient.told) : told_;
  }
  changes_.patients.push_back(patient);
  for (const std::string& key : keys) {
    const PatientState* linked = book_.find(key);
    if (linked == nullptr || linked->id != patient.id) changes_.links.emplace_back(key, patient.id);
  }
  if (describe_person && !late) describe(patient, identity, details);
  return patient;
}

bool AdmissionPlanner::is_late(const PatientState& patient) const {
  return patient.told && after(told_, told_is_exact_, *patient.told) < *patient.told;
}

void AdmissionPlanner::describe(const PatientState& patient, const PatientIdentity& identity,
                                const PatientDetails& details) {
  std::string body;
  if (context_.writes_bodies) body = plain_patient(patient, identity, details);
  changes_.resources.push_back({"Patient", patient.id, std::move(body)});
}

void AdmissionPlanner::merge(const PatientState& survivor,
                             const std::vector<PatientIdentity>& away) {
  for (const PatientIdentity& identity : away) {
    for (const std::string& key : identity_keys(identity, context_.feed)) {
      const PatientState* loser = book_.find(key);
      if (loser != nullptr && loser->id != survivor.id) {
        replace(*loser, survivor);
      } else if (loser == nullptr) {
        changes_.links.emplace_back(key, survivor.id);
      }
    }
  }
}

// Attendances and everything that points to them follow the survivor; none is asked about again.
void AdmissionPlanner::replace(const PatientState& loser, const PatientState& survivor) {
  PatientState gone = loser;
  gone.survivor = survivor.id;
  changes_.patients.push_back(gone);
  fhir::Document doc;
  fhir_r4::write_replaced_patient(doc, doc.set_root("Patient"), loser.id, survivor.id);
  changes_.resources.push_back({"Patient", loser.id, fhir::json::write(doc.root())});
  for (AttendanceState attendance : book_.attendances_of(loser.id)) {
    attendance.patient_id = survivor.id;
    changes_.attendances.push_back(std::move(attendance));
  }
}

void AdmissionPlanner::visit(const AdtEvent& event, const PatientState& patient) {
  const VisitDetails& details = *event.visit;
  const Time stated = event.occurred.value_or(context_.now);
  // A plan for a day to come, or a clock that is ahead, must not keep later messages out.
  Time occurred = std::min(stated, context_.now);
  const std::string sender = sender_of(event);
  auto [known, key] = match_attendance(
      event, {book_, context_.feed, sender, patient, changes_.attendances, stated});
  AttendanceState attendance;
  if (known != nullptr) {
    occurred = after(occurred, event.occurred_is_exact, known->last_event);
    if (occurred < known->last_event && event.takes_back && event.recorded) {
      occurred = after(std::min(*event.recorded, context_.now), event.recorded_is_exact,
                       known->last_event);
    }
    if (occurred < known->last_event) {
      changes_.note = "older than what is known of this attendance: its state stays";
      return arrived_before(event, patient, *known);
    }
    attendance = *known;
    if (is_of_another(*known, patient)) forget_check(attendance);
    if (comes_again(*known, event, occurred)) {
      forget_check(attendance);
      attendance.started.reset();
    }
  } else {
    attendance.id = new_id_(context_.now);
    attendance.feed = context_.feed;
  }
  attendance.visit_key = std::move(key);
  attendance.patient_id = patient.id;
  // Somebody who arrives begins when that happens; of what is planned, restated or ended nobody
  // said.
  const bool begins = !attendance.started || attendance.state == VisitState::planned;
  if (begins && event.action == AdtAction::arrive) attendance.started = occurred;
  if (details.started) attendance.started = details.started;
  attendance.state = rules::state_after(attendance.state, event);
  if (details.patient_class != PatientClass::unknown) {
    attendance.patient_class = details.patient_class;
  }
  attendance.last_event = occurred;
  changes_.encounter_id = attendance.id;
  decide(event, patient, attendance);

  const std::string& organisation =
      event.organisation_ods.empty() ? context_.organisation_ods : event.organisation_ods;
  std::string body;
  if (context_.writes_bodies) {
    body = plain_encounter(attendance, patient.shielded, organisation, details);
  }
  changes_.resources.push_back({"Encounter", attendance.id, std::move(body)});
  changes_.attendances.push_back(std::move(attendance));
}

// The visit was another person's until now, by an identity that was mended (A08) or a visit that
// was moved (A45): this person was not asked about yet. A merge is no reason to ask again.
bool AdmissionPlanner::is_of_another(const AttendanceState& attendance,
                                     const PatientState& patient) const {
  const PatientState* whose = book_.patient(attendance.patient_id);
  if (whose == nullptr || whose->id == patient.id) return false;
  return std::ranges::none_of(changes_.patients, [&](const PatientState& changed) {
    return changed.id == whose->id && changed.survivor == patient.id;
  });
}

// A child who was ended before the arrival was told of (messages overtook each other) was there all
// the same, and is asked about while that still tells somebody something.
void AdmissionPlanner::arrived_before(const AdtEvent& event, const PatientState& patient,
                                      const AttendanceState& known) {
  const bool recent = context_.now - known.last_event <= late_arrival_max;
  if (event.action != AdtAction::arrive || known.check != CheckState::not_asked || !recent ||
      known.state != VisitState::finished || is_of_another(known, patient)) {
    return;
  }
  AttendanceState attendance = known;
  attendance.state = event.visit->state;
  if (attendance.patient_class == PatientClass::unknown) {
    attendance.patient_class = event.visit->patient_class;
  }
  decide(event, patient, attendance);
  attendance.state = known.state;
  attendance.patient_id = patient.id;
  if (changes_.review) changes_.review->state = known.state;
  if (changes_.check || changes_.review) changes_.attendances.push_back(std::move(attendance));
}

AdmissionChanges AdmissionPlanner::plan_kept(const AdtEvent& event, const std::string& patient_id,
                                             const std::string& encounter_id) {
  changes_ = {};
  PatientState patient;
  if (const PatientState* known = book_.patient(patient_id)) patient = *known;
  patient.id = patient_id;
  if (event.patient.nhs_number) patient.nhs_number = event.patient.nhs_number;
  if (event.details.birth_date) patient.birth_date = event.details.birth_date;
  if (event.details.shielding_stated) patient.shielded = event.details.shielded;
  if (encounter_id.empty()) patient.told = event.occurred.value_or(context_.now);
  changes_.patients.push_back(patient);
  for (std::string& key : identity_keys(event.patient, context_.feed)) {
    if (book_.find(key) == nullptr) changes_.links.emplace_back(std::move(key), patient.id);
  }
  if (!encounter_id.empty() && event.visit) kept_visit(event, patient, encounter_id);
  return std::move(changes_);
}

void AdmissionPlanner::kept_visit(const AdtEvent& event, const PatientState& patient,
                                  const std::string& encounter_id) {
  const VisitDetails& details = *event.visit;
  Time occurred = event.occurred.value_or(context_.now);
  AttendanceState attendance;
  if (const AttendanceState* known = book_.attendance_by_id(encounter_id)) {
    attendance = *known;
    occurred = repeated_hour_after(occurred, known->last_event);
    if (occurred < known->last_event) return;
  } else {
    attendance.id = encounter_id;
    attendance.visit_key = "fhir|" + encounter_id;
    attendance.feed = context_.feed;
    // The hospital's feed may have told of the same visit: then it was asked about already.
    const AttendanceState* same =
        details.number.empty() ? nullptr : book_.attendance(key_of_number(details, ""));
    if (same != nullptr && same->patient_id == patient.id) {
      attendance.check = same->check;
      attendance.decision = same->decision;
      attendance.checked = same->checked;
    }
  }
  attendance.patient_id = patient.id;
  attendance.state = rules::state_after(attendance.state, event);
  if (details.patient_class != PatientClass::unknown) {
    attendance.patient_class = details.patient_class;
  }
  if (details.started) attendance.started = details.started;
  if (!attendance.started) attendance.started = occurred;
  attendance.last_event = occurred;
  decide(event, patient, attendance);
  changes_.attendances.push_back(std::move(attendance));
}

void AdmissionPlanner::decide(const AdtEvent& event, const PatientState& patient,
                              AttendanceState& attendance) {
  const bool open =
      attendance.check == CheckState::not_asked || attendance.check == CheckState::review;
  if (!open || !context_.check) return;
  PatientIdentity identity = event.patient;
  // After a merge the number that survives, whichever the message still names.
  if (patient.nhs_number) identity.nhs_number = patient.nhs_number;
  std::optional<PatientDetails> completed;
  if (!event.details.birth_date) {
    completed = event.details;
    completed->birth_date = patient.birth_date;
  }
  const PatientDetails& details = completed ? *completed : event.details;
  VisitDetails visit = *event.visit;
  visit.patient_class = attendance.patient_class;
  const auto decision = rules::who_is_checked(identity, details, visit, attendance.state,
                                              london_date(context_.now), context_.rules);
  attendance.decision = decision;
  changes_.note = rules::words_of(decision);
  if (rules::asks(decision)) {
    attendance.check = CheckState::asked;
    attendance.question_id = new_uuid_(context_.now);
    attendance.checked = context_.now;
    changes_.check = PlannedCheck{*identity.nhs_number, attendance.id, attendance.question_id};
  } else if (rules::needs_review(decision)) {
    const bool said_before = attendance.check == CheckState::review;
    attendance.check = CheckState::review;
    if (!said_before) changes_.review = attendance;
  }
}

}  // namespace cpis::usecases
