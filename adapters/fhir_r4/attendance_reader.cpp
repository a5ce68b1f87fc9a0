#include "adapters/fhir_r4/attendance_reader.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4 {
namespace {

struct StatusRow {
  std::string_view status;
  AdtAction action;
  VisitState state;
};
constexpr std::array statuses{
    StatusRow{"planned", AdtAction::preadmit, VisitState::planned},
    StatusRow{"arrived", AdtAction::arrive, VisitState::in_progress},
    StatusRow{"triaged", AdtAction::arrive, VisitState::in_progress},
    StatusRow{"in-progress", AdtAction::arrive, VisitState::in_progress},
    StatusRow{"onleave", AdtAction::arrive, VisitState::in_progress},
    StatusRow{"finished", AdtAction::discharge, VisitState::finished},
    StatusRow{"cancelled", AdtAction::cancel_arrival, VisitState::cancelled},
    StatusRow{"entered-in-error", AdtAction::cancel_arrival, VisitState::cancelled},
};

struct ClassRow {
  std::string_view code;
  PatientClass patient_class;
};
// v3 ActEncounterCode. What is not listed stays unknown: it decides nothing.
constexpr std::array classes{
    ClassRow{"EMER", PatientClass::emergency},  ClassRow{"IMP", PatientClass::inpatient},
    ClassRow{"ACUTE", PatientClass::inpatient}, ClassRow{"NONAC", PatientClass::inpatient},
    ClassRow{"SS", PatientClass::inpatient},    ClassRow{"OBSENC", PatientClass::inpatient},
    ClassRow{"AMB", PatientClass::outpatient},  ClassRow{"VR", PatientClass::outpatient},
    ClassRow{"HH", PatientClass::outpatient},   ClassRow{"FLD", PatientClass::emergency},
    ClassRow{"PRENC", PatientClass::preadmit},
};

constexpr std::string_view admission_method_extension =
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod";

std::string status_of_number(const fhir::Element& identifier) {
  for (const fhir::Element& extension : identifier.children("extension")) {
    if (extension.value_of("url") != extensions::number_status) continue;
    const fhir::Element* concept_element = extension.first("valueCodeableConcept");
    const fhir::Element* coding =
        concept_element == nullptr ? nullptr : concept_element->first("coding");
    if (coding != nullptr) return std::string{coding->value_of("code")};
  }
  return {};
}

std::string admission_method(const fhir::Element& encounter) {
  const fhir::Element* stay = encounter.first("hospitalization");
  if (stay == nullptr) return {};
  for (const fhir::Element& extension : stay->children("extension")) {
    if (extension.value_of("url") != admission_method_extension) continue;
    const fhir::Element* value = extension.first("valueCodeableConcept");
    const fhir::Element* coding = value == nullptr ? nullptr : value->first("coding");
    if (coding != nullptr) return std::string{coding->value_of("code")};
  }
  return {};
}

// A date alone is the start of that day in England.
std::optional<Time> moment_of(std::string_view text) {
  if (text.size() != 10) return parse_iso_time(text);
  const auto day = parse_iso_date(text);
  return day ? std::optional{from_london(*day, Duration{0})} : std::nullopt;
}

}  // namespace

PatientIdentity read_identity(const fhir::Element& patient) {
  PatientIdentity identity;
  for (const fhir::Element& each : patient.children("identifier")) {
    const std::string_view system = each.value_of("system");
    const std::string_view value = each.value_of("value");
    if (each.value_of("use") == "old" || value.empty()) continue;
    if (system != systems::nhs_number) {
      const fhir::Element* assigner = each.first("assigner");
      const std::string_view named =
          assigner == nullptr ? std::string_view{} : assigner->value_of("display");
      identity.local_ids.push_back(
          {std::string{system.empty() ? named : system}, std::string{value}, {}});
      continue;
    }
    const auto number = NhsNumber::parse(value);
    if (!number) continue;
    identity.nhs_number_ambiguous |= identity.nhs_number && *identity.nhs_number != *number;
    identity.nhs_number = number;
    identity.nhs_number_status = status_of_number(each);
  }
  return identity;
}

PatientDetails read_details(const fhir::Element& patient) {
  PatientDetails details;
  const std::string_view born = patient.value_of("birthDate");
  if (born.size() == 10) details.birth_date = parse_iso_date(born);
  details.died = moment_of(patient.value_of("deceasedDateTime"));
  details.deceased = details.died || patient.value_of("deceasedBoolean") == "true";
  const fhir::Element* meta = patient.first("meta");
  if (meta == nullptr) return details;
  for (const fhir::Element& label : meta->children("security")) {
    const std::string_view code = label.value_of("code");
    details.shielded |=
        label.value_of("system") == systems::confidentiality && (code == "R" || code == "V");
  }
  details.shielding_stated = details.shielded;
  return details;
}

AdtEvent read_attendance(const fhir::Element& encounter) {
  AdtEvent event;
  event.action = AdtAction::update_visit;
  VisitDetails& visit = event.visit.emplace();
  const auto status = std::find_if(statuses.begin(), statuses.end(), [&](const StatusRow& row) {
    return row.status == encounter.value_of("status");
  });
  if (status != statuses.end()) {
    event.action = status->action;
    visit.state = status->state;
  }
  if (const fhir::Element* code = encounter.first("class")) {
    visit.class_as_sent = code->value_of("code");
    const auto row = std::find_if(classes.begin(), classes.end(), [&](const ClassRow& each) {
      return each.code == visit.class_as_sent;
    });
    if (row != classes.end()) visit.patient_class = row->patient_class;
  }
  if (const fhir::Element* period = encounter.first("period")) {
    visit.started = moment_of(period->value_of("start"));
    visit.ended = moment_of(period->value_of("end"));
  }
  if (const fhir::Element* identifier = encounter.first("identifier")) {
    const fhir::Element* assigner = identifier->first("assigner");
    visit.number = identifier->value_of("value");
    visit.number_authority = identifier->value_of("system");
    if (assigner != nullptr && visit.number_authority.empty()) {
      visit.number_authority = assigner->value_of("display");
    }
  }
  visit.admission_method = admission_method(encounter);
  return event;
}

}  // namespace cpis::fhir_r4
