#pragma once

#include <string_view>

// The code systems and profiles we write, each spelled once.

namespace cpis::fhir_r4::systems {

inline constexpr std::string_view nhs_number = "https://fhir.nhs.uk/Id/nhs-number";
inline constexpr std::string_view ods_organisation = "https://fhir.nhs.uk/Id/ods-organization-code";
inline constexpr std::string_view ods_site = "https://fhir.nhs.uk/Id/ods-site-code";
inline constexpr std::string_view accredited_system = "https://fhir.nhs.uk/Id/accredited-system";
inline constexpr std::string_view sds_user = "https://fhir.nhs.uk/Id/sds-user-id";
inline constexpr std::string_view job_role =
    "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-SDSJobRoleName-1";
inline constexpr std::string_view snomed = "http://snomed.info/sct";
inline constexpr std::string_view flag_kind =
    "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient";
inline constexpr std::string_view flag_category =
    "http://terminology.hl7.org/CodeSystem/flag-category";
inline constexpr std::string_view v2_patient_class =
    "http://terminology.hl7.org/CodeSystem/v2-0004";
inline constexpr std::string_view act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
inline constexpr std::string_view role_class = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
inline constexpr std::string_view data_operation =
    "http://terminology.hl7.org/CodeSystem/v3-DataOperation";
inline constexpr std::string_view spine_error =
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-SpineErrorOrWarningCode";
inline constexpr std::string_view number_status =
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
inline constexpr std::string_view confidentiality =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

}  // namespace cpis::fhir_r4::systems

namespace cpis::fhir_r4::profiles {

inline constexpr std::string_view flag =
    "https://fhir.nhs.uk/England/StructureDefinition/England-Flag-PatientFlag";
inline constexpr std::string_view provenance =
    "https://fhir.nhs.uk/England/StructureDefinition/England-Provenance-Flag";
inline constexpr std::string_view care_plan =
    "https://fhir.nhs.uk/England/StructureDefinition/England-CarePlan-Flag";
inline constexpr std::string_view care_team =
    "https://fhir.nhs.uk/England/StructureDefinition/England-CareTeam-Flag";

}  // namespace cpis::fhir_r4::profiles

namespace cpis::fhir_r4::extensions {

inline constexpr std::string_view flag_detail =
    "http://hl7.org/fhir/StructureDefinition/flag-detail";
inline constexpr std::string_view number_status =
    "https://fhir.hl7.org.uk/StructureDefinition/"
    "Extension-UKCore-NHSNumberVerificationStatus";

}  // namespace cpis::fhir_r4::extensions

namespace cpis::fhir_r4 {

/// The one code that marks a Flag of this service, whatever the plan type.
inline constexpr std::string_view cpis_flag_code = "child-protection-information-system-flag";
inline constexpr std::string_view cpis_flag_display = "Child Protection Information System Flag";

}  // namespace cpis::fhir_r4
