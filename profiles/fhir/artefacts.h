#pragma once

#include <span>
#include <string_view>

namespace cpis::profiles {

/// One FHIR resource that this product publishes, as it stands in profiles/fhir/resources.
struct Artefact {
  std::string_view type;  ///< `StructureDefinition`
  std::string_view id;    ///< `cpis-flag`
  std::string_view json;  ///< the whole resource
};

/// All of them, ordered by type and id.
std::span<const Artefact> artefacts();

/// The JSON of one; empty when there is no such artefact.
std::string_view artefact(std::string_view type, std::string_view id);

/// Canonical urls of what we publish begin with this.
inline constexpr std::string_view canonical_base = "https://cpis-gateway.example/fhir";

/// The profiles of what the gateway serves, by canonical.
inline constexpr std::string_view flag_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-flag";
inline constexpr std::string_view care_plan_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-care-plan";
inline constexpr std::string_view care_team_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-care-team";
inline constexpr std::string_view council_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-council";
inline constexpr std::string_view patient_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-patient";
inline constexpr std::string_view encounter_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-encounter";
inline constexpr std::string_view access_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-access";
inline constexpr std::string_view accessor_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-accessor";
inline constexpr std::string_view searchset_profile =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-searchset";

}  // namespace cpis::profiles
