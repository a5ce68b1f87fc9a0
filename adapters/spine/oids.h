#pragma once

#include <string_view>

/// The object identifiers and namespaces of the CP-IS messages (DMS 1.0, TMS 5.7).
namespace cpis::spine::oid {

inline constexpr std::string_view nhs_number = "2.16.840.1.113883.2.1.4.1";
inline constexpr std::string_view local_person = "2.16.840.1.113883.2.1.3.2.4.18.24";
inline constexpr std::string_view content_id = "2.16.840.1.113883.2.1.3.2.4.18.16";
inline constexpr std::string_view organisation = "2.16.840.1.113883.2.1.3.2.4.19.1";
inline constexpr std::string_view site = "2.16.840.1.113883.2.1.3.2.4.19.2";
inline constexpr std::string_view sds_user = "1.2.826.0.1285.0.2.0.65";
inline constexpr std::string_view sds_role_profile = "1.2.826.0.1285.0.2.0.67";
inline constexpr std::string_view asid = "1.2.826.0.1285.0.2.0.107";
inline constexpr std::string_view sds_job_role = "1.2.826.0.1285.0.2.1.104";
inline constexpr std::string_view job_role_name = "2.16.840.1.113883.2.1.3.2.4.17.196";
inline constexpr std::string_view interaction = "2.16.840.1.113883.2.1.3.2.4.12";
inline constexpr std::string_view record_response = "2.16.840.1.113883.2.1.3.2.4.17.473";
inline constexpr std::string_view query_response = "2.16.840.1.113883.2.1.3.2.4.17.475";
inline constexpr std::string_view issue_qualifier = "2.16.840.1.113883.2.1.3.2.4.17.104";
inline constexpr std::string_view smsp_response = "2.16.840.1.113883.2.1.3.2.4.17.499";

}  // namespace cpis::spine::oid

namespace cpis::spine::ns {

inline constexpr std::string_view hl7 = "urn:hl7-org:v3";
inline constexpr std::string_view npfitlc = "NPFIT:HL7:Localisation";
inline constexpr std::string_view soap = "http://schemas.xmlsoap.org/soap/envelope/";
inline constexpr std::string_view wsa = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
inline constexpr std::string_view ebxml =
    "http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd";
inline constexpr std::string_view xlink = "http://www.w3.org/1999/xlink";
inline constexpr std::string_view nasp = "http://national.carerecords.nhs.uk/schema/";
inline constexpr std::string_view itk = "urn:nhs-itk:ns:201005";

}  // namespace cpis::spine::ns
