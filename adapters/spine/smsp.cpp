#include "adapters/spine/smsp.h"

#include <array>
#include <utility>

#include "adapters/spine/author.h"
#include "adapters/spine/oids.h"

namespace cpis::spine {
namespace {

constexpr std::string_view address_type = "2.16.840.1.113883.2.1.3.2.4.18.22";
constexpr std::string_view identity_type = "2.16.840.1.113883.2.1.3.2.4.18.27";
constexpr std::string_view address_prefix = "urn:nhs-uk:addressing:ods:";
constexpr std::string_view identity_prefix = "urn:nhs-uk:identity:ods:";

// What differs between a request and its answer.
struct Direction {
  std::string_view service, profile, interaction;
};
constexpr Direction request{"urn:nhs-itk:services:201005:sendDistEnvelope",
                            "urn:nhs-en:profile:CP-ISNHSQuery-v2-0",
                            "urn:nhs-itk:interaction:CP-ISNHSQuery-v1-0"};
constexpr Direction answer{"urn:nhs-itk:services:201005:sendRecvDistEnvelopeResponse",
                           "urn:nhs-en:profile:SMSP-CP-ISNHSQueryResponse-v1-0",
                           "urn:nhs-itk:interaction:SMSP-CP-ISNHSQueryResponse-v1-0"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> statuses{{
    {"SMSP-0000", "Success"},
    {"SMSP-0001", "Input message validation error"},
    {"SMSP-0002", "Response message validation error"},
    {"SMSP-0003", "No Match (NRF)"},
    {"SMSP-0004", "Could not connect to spine"},
    {"SMSP-0005", "Author Credentials Error"},
    {"SMSP-9999", "Spine mini service provider software failure"},
    {"CPIS-0001", "No Match (NRF)"},
    {"CPIS-9999", "CP-IS Spine Service Error"},
}};

void write_address(XmlWriter& xml, std::string_view element, std::string_view ods) {
  xml.open(element).attr("type", address_type);
  xml.attr("uri", std::string{address_prefix} + std::string{ods}).close();
}

std::string envelope(const ItkHead& head, const Direction& direction, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 1600);
  XmlWriter xml{out};
  xml.open("itk:DistributionEnvelope").attr("xmlns:itk", ns::itk);
  xml.open("itk:header").attr("service", direction.service).attr("trackingid", head.tracking_id);
  xml.open("itk:addresslist");
  write_address(xml, "itk:address", head.to_ods);
  xml.close().open("itk:auditIdentity").open("itk:id").attr("type", identity_type);
  xml.attr("uri", std::string{identity_prefix} + head.from_ods).close(2);
  xml.open("itk:manifest").attr("count", "1").open("itk:manifestitem");
  xml.attr("mimetype", "text/xml").attr("id", head.payload_id);
  xml.attr("profileid", direction.profile).close(2);
  write_address(xml, "itk:senderAddress", head.from_ods);
  xml.open("itk:handlingSpecification").open("itk:spec").attr("value", direction.interaction);
  xml.attr("key", "urn:nhs-itk:ns:201005:interaction").close(3);
  xml.open("itk:payloads").attr("count", "1").open("itk:payload").attr("id", head.payload_id);
  xml.raw(payload).close(3);
  return out;
}

std::string after_last_colon(std::string_view uri) {
  return std::string{uri.substr(uri.rfind(':') + 1)};
}

}  // namespace

Result<std::string> write_smsp_query(const ItkHead& head, const AccessEvent& event,
                                     ScheduledMarker marker) {
  const auto stub = write_query_stub(event, marker);
  if (!stub) return stub.error();
  return envelope(head, request, *stub);
}

std::optional<ItkHead> read_itk_head(XmlView document) {
  const XmlView header = document.find("DistributionEnvelope", 6).child("header");
  if (!header) return std::nullopt;
  return ItkHead{std::string{header.attr("trackingid")},
                 std::string{header.child("manifest").child("manifestitem").attr("id")},
                 after_last_colon(header.child("addresslist").child("address").attr("uri")),
                 after_last_colon(header.child("senderAddress").attr("uri"))};
}

Reading<SmspQuery> read_smsp_query(std::string_view xml) {
  Reading<SmspQuery> reading;
  const auto document = parse_xml(xml, reading.findings);
  if (!document) return reading;
  auto query = read_query(document->root());
  reading.findings = std::move(query.findings);
  auto head = read_itk_head(document->root());
  if (!head) {
    report(reading.findings, Severity::fatal, "ITK-ENVELOPE", document->root(),
           "not an ITK DistributionEnvelope");
  }
  if (head && query.value) reading.value = SmspQuery{std::move(*head), query.value->event};
  return reading;
}

std::string write_smsp_answer(const ItkHead& head, const std::string& id, Time at,
                              const ProtectionRecord* record, const Reason& status) {
  const bool success = status.code == "SMSP-0000";
  return envelope(head, answer,
                  write_response_payload(id, at, success ? record : nullptr, &status));
}

Reason smsp_status(std::string_view code) {
  for (const auto& [known, display] : statuses) {
    if (known == code) {
      return {std::string{code}, std::string{oid::smsp_response}, std::string{display}, ""};
    }
  }
  return {std::string{code}, std::string{oid::smsp_response}, std::string{code}, ""};
}

}  // namespace cpis::spine
