#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/nhs_number.h"
#include "adapters/core/plan.h"
#include "fhir/tree/document.h"

// Small builders of FHIR datatypes on an element tree. Each adds to `parent` and copies its text.

namespace cpis::fhir_r4 {

/// A CodeableConcept's coding, as one more item of `parent.coding`. No display when it is empty.
void add_coding(fhir::Document& doc, fhir::Element& parent, std::string_view system,
                std::string_view code, std::string_view display);
/// One more CodeableConcept with one coding under `name`; an array item when `listed`.
fhir::Element& add_concept(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                           bool listed, std::string_view system, std::string_view code,
                           std::string_view display);
/// `meta.profile` of a resource.
void add_profile(fhir::Document& doc, fhir::Element& resource, std::string_view profile);
/// `name.reference`, and `name.display` when there is one.
fhir::Element& add_reference(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                             std::string_view reference, std::string_view display = {});
/// `Patient/<nhs number>` with the number as identifier too.
void add_patient_reference(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                           const NhsNumber& person);
/// An identifier below `parent.name`; an array item when `listed`.
fhir::Element& add_identifier(fhir::Document& doc, fhir::Element& parent, std::string_view name,
                              bool listed, std::string_view system, std::string_view value);
/// `period` from two plan dates. A date whose minute is 0 is written as a date: the source knew
/// the day only.
void add_period(fhir::Document& doc, fhir::Element& parent, const PlanDate& start,
                const std::optional<PlanDate>& end);
/// A telephone ContactPoint, as one more item of `parent.telecom`. Nothing when it is empty.
void add_phone(fhir::Document& doc, fhir::Element& parent, std::string_view number,
               std::string_view use);

/// FHIR dateTime of a plan date, with England's offset when the minute is known.
std::string to_fhir(const PlanDate& date);

}  // namespace cpis::fhir_r4
