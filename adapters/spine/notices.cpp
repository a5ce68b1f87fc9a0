#include "adapters/spine/notices.h"

#include <charconv>

#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {
namespace {

constexpr std::string_view access_root = "CP-ISAccessToServiceNotification";
constexpr std::string_view inactive_root = "CP-ISInactiveNHSNumberNotification";
constexpr int wrapping_max = 6;  // levels of envelope that a bare payload may come in

// Notices are batches of a whole county: larger than an answer about one person.
constexpr XmlLimits notice_limits{std::size_t{64} * 1024 * 1024, 64, 4'000'000, 64};

void open_root(XmlWriter& xml, std::string_view name) {
  xml.open(name).attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
}

void write_recipient(XmlWriter& xml, std::string_view ods, std::string_view name) {
  xml.open("primaryInformationRecipient");
  write_content_id(xml, "COCT_TP145103GB01#IntendedRecipient");
  xml.open("COCT_TP145103GB01.IntendedRecipient").open("representedSourceOrganization");
  xml.open("id").attr("root", oid::organisation).attr("extension", ods).close();
  xml.leaf("name", name).close(3);
}

void write_file_reference(XmlWriter& xml, std::string_view outer, std::string_view inner,
                          std::int64_t sequence) {
  xml.open(outer).open(inner);
  xml.open("value").attr("extension", std::to_string(sequence)).close();
  xml.close(2);
}

void write_entry(XmlWriter& xml, const NoticeEntry& entry) {
  xml.open("pertinentInformation1").open("pertinentCP-ISRecordAccess");
  xml.open("pertinentInformation2").open("pertinentCP-ISNHSQuery");
  write_access(xml, entry.access, PersonParameter::person_id, entry.local_id,
               entry.local_id_authority);
  xml.close(2);
  write_file_reference(xml, "reference", "referredToLAUploadFile", entry.upload_sequence);
  xml.close(2);
}

void write_inactive_entry(XmlWriter& xml, const InactiveEntry& entry) {
  xml.open("subject").open("pDSInactivePatient");
  xml.open("id").attr("root", oid::nhs_number).attr("extension", entry.inactive.digits()).close();
  if (!entry.local_id.empty()) {
    xml.open("id").attr("root", oid::local_person).attr("extension", entry.local_id).close();
  }
  if (!entry.replaced_by.empty()) {
    xml.open("replacedBy").open("newVersion");
    for (const NhsNumber& number : entry.replaced_by) {
      xml.open("id").attr("extension", number.digits()).close();
    }
    xml.close(2);
  }
  write_file_reference(xml, "subjectOf", "lAUploadFile", entry.upload_sequence);
  xml.close(2);
}

// 0 when there is no number: the file that supplied a record is a help, not a condition.
std::int64_t sequence_in(XmlView value) {
  const std::string_view text = value.attr("extension");
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  return wrong == std::errc{} && end == text.data() + text.size() ? number : 0;
}

XmlView local_id_in(XmlView first) {
  XmlView at = first;
  while (at && at.attr("root") != oid::local_person) at = at.next_same();
  return at;
}

// What both notices begin with.
template <class Notice>
bool read_head(XmlView root, Notice& notice, Findings& findings) {
  notice.id = plain_id(root.child("id").attr("root"));
  const auto created = read_timestamp(root.value_of("effectiveTime"), Zone::london);
  if (created) {
    notice.created = *created;
  } else {
    report(findings, Severity::warning, "V3-TIME", root, "effectiveTime is missing or not a time");
  }
  for (XmlView at = root.child("primaryInformationRecipient").first_child(); at; at = at.next()) {
    const XmlView organisation = at.child("representedSourceOrganization");
    if (!organisation) continue;
    notice.council_ods = organisation.child("id").attr("extension");
    notice.council_name = organisation.text_of("name");
  }
  if (notice.council_ods.empty()) {
    report(findings, Severity::warning, "V3-RECIPIENT", root, "the notice names no council");
  }
  if (notice.id.empty()) {
    report(findings, Severity::error, "V3-ID", root, "the notice has no id");
    return false;
  }
  return true;
}

void read_record_access(XmlView record, AccessNotice& notice, Findings& findings) {
  const std::int64_t sequence =
      sequence_in(record.child("reference").child("referredToLAUploadFile").child("value"));
  for (XmlView at = record.child("pertinentInformation2"); at; at = at.next_same()) {
    for (XmlView query = at.child("pertinentCP-ISNHSQuery"); query; query = query.next_same()) {
      auto access = read_access(query, findings);
      if (!access) continue;
      const XmlView local =
          local_id_in(query.child("queryByParameter").child("person.id").child("value"));
      notice.entries.push_back({std::move(*access), std::string{local.attr("extension")},
                                std::string{local.attr("assigningAuthorityName")}, sequence});
    }
  }
}

std::optional<InactiveEntry> read_inactive_entry(XmlView patient, Findings& findings) {
  std::optional<NhsNumber> number;
  for (XmlView id = patient.child("id"); id && !number; id = id.next_same()) {
    const std::string_view root = id.attr("root");
    if (root.empty() || root == oid::nhs_number) number = NhsNumber::parse(id.attr("extension"));
  }
  if (!number) {
    report(findings, Severity::error, "V3-NHS-NUMBER", patient, "no valid NHS number");
    return std::nullopt;
  }
  InactiveEntry entry{*number,
                      std::string{local_id_in(patient.child("id")).attr("extension")},
                      {},
                      sequence_in(patient.child("subjectOf").child("lAUploadFile").child("value"))};
  const XmlView replaced = patient.child("replacedBy");
  for (XmlView version = replaced.child("newVersion"); version; version = version.next_same()) {
    for (XmlView id = version.child("id"); id; id = id.next_same()) {
      if (const auto replacement = NhsNumber::parse(id.attr("extension"))) {
        entry.replaced_by.push_back(*replacement);
      } else {
        report(findings, Severity::error, "V3-NHS-NUMBER", id, "a replacement that is not valid");
      }
    }
  }
  return entry;
}

}  // namespace

std::string write_access_notice(const AccessNotice& notice) {
  std::string out;
  out.reserve(1024 + notice.entries.size() * 1536);
  XmlWriter xml{out};
  open_root(xml, access_root);
  xml.value("effectiveTime", write_timestamp(notice.created));
  xml.open("id").attr("root", notice.id).close();
  xml.open("pertinentInformation").open("pertinentTotalReturnedRecords");
  xml.value("value", std::to_string(notice.entries.size())).close(2);
  for (const NoticeEntry& entry : notice.entries) write_entry(xml, entry);
  write_recipient(xml, notice.council_ods, notice.council_name);
  xml.close();
  return out;
}

Reading<AccessNotice> read_access_notice(std::string_view xml) {
  Reading<AccessNotice> reading;
  const auto document = parse_xml(xml, reading.findings, notice_limits);
  if (!document) return reading;
  const XmlView root = document->root().find(access_root, wrapping_max);
  if (!root) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document->root(),
           "not an access to service notification");
    return reading;
  }
  AccessNotice notice;
  if (!read_head(root, notice, reading.findings)) return reading;
  std::size_t accesses = 0;
  for (XmlView at = root.child("pertinentInformation1"); at; at = at.next_same()) {
    const XmlView first = at.child("pertinentCP-ISRecordAccess");
    for (XmlView record = first; record; record = record.next_same()) {
      read_record_access(record, notice, reading.findings);
      ++accesses;
    }
  }
  const XmlView total = root.child("pertinentInformation").child("pertinentTotalReturnedRecords");
  const std::string stated{total.value_of("value")};
  if (stated != std::to_string(accesses) && stated != std::to_string(notice.entries.size())) {
    report(reading.findings, Severity::warning, "V3-TOTAL", total ? total : root,
           "the stated number of records is not the number sent");
  }
  reading.value = std::move(notice);
  return reading;
}

std::string write_inactive_notice(const InactiveNotice& notice) {
  std::string out;
  XmlWriter xml{out};
  open_root(xml, inactive_root);
  xml.value("effectiveTime", write_timestamp(notice.created));
  xml.open("id").attr("root", notice.id).close();
  write_recipient(xml, notice.council_ods, notice.council_name);
  for (const InactiveEntry& entry : notice.entries) write_inactive_entry(xml, entry);
  xml.close();
  return out;
}

Reading<InactiveNotice> read_inactive_notice(std::string_view xml) {
  Reading<InactiveNotice> reading;
  const auto document = parse_xml(xml, reading.findings, notice_limits);
  if (!document) return reading;
  const XmlView root = document->root().find(inactive_root, wrapping_max);
  if (!root) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document->root(),
           "not an inactive NHS number notification");
    return reading;
  }
  InactiveNotice notice;
  if (!read_head(root, notice, reading.findings)) return reading;
  for (XmlView subject = root.child("subject"); subject; subject = subject.next_same()) {
    const XmlView patient = subject.child("pDSInactivePatient");
    if (auto entry = read_inactive_entry(patient ? patient : subject, reading.findings)) {
      notice.entries.push_back(std::move(*entry));
    }
  }
  if (notice.entries.empty()) {
    report(reading.findings, Severity::warning, "V3-EMPTY", root, "the notice names nobody");
  }
  reading.value = std::move(notice);
  return reading;
}

}  // namespace cpis::spine
