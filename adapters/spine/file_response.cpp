#include "adapters/spine/file_response.h"

#include <charconv>
#include <utility>

#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/plan_parts.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {
namespace {

// 150,000 rejected records come back as some 200 MB.
constexpr XmlLimits response_limits{std::size_t{512} * 1024 * 1024, 64, 2'000'000, 64};

void write_codes(XmlWriter& xml, const FileResponse& response) {
  xml.open("acknowledgementFile");
  for (const FileCode& code : response.file_codes) {
    xml.open("acknowledgementFileDetail").open("code").attr("code", code.code);
    xml.attr("displayName", code.display).close(2);
  }
  xml.close();
  if (response.details.empty()) return;
  xml.open("acknowledgementRecord");
  for (const RecordDetail& detail : response.details) {
    xml.open("acknowledgementRecordDetail").open("code").attr("code", detail.code);
    xml.attr("codeSystem", oid::record_response).attr("displayName", detail.display);
    if (!detail.detail.empty()) {
      xml.open("translation").attr("code", detail.detail);
      xml.attr("codeSystem", oid::record_response).close();
    }
    xml.close();
    xml.leaf("location", detail.location).close();
  }
  xml.close();
}

void write_returned(XmlWriter& xml, const ReturnedRecord& record) {
  if (!record.subject) return;
  xml.open("message").open("cP-ISLAAcknowledgementResponse").open("pertinentInformation1");
  xml.open(record.valid ? "validCP-ISRecord" : "invalidCP-ISRecord");
  for (const Plan& plan : record.plans) {
    if (record.valid) break;
    xml.open("pertinentInformation");
    write_plan(xml, plan, PlanForm::upload);
    xml.close();
  }
  xml.open("subject");
  write_subject(xml, *record.subject);
  xml.close(5);
}

void write_total(XmlWriter& xml, std::string_view name, std::int64_t total) {
  xml.open(name).value("value", std::to_string(total)).close();
}

std::int64_t integer(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  return wrong == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

RecordDetail read_detail(XmlView element) {
  const XmlView code = element.child("code");
  RecordDetail detail{std::string{code.attr("code")}, std::string{code.attr("displayName")}, "",
                      std::string{element.text_of("location")}};
  for (XmlView at = code.first_child(); at; at = at.next()) {
    if (!detail.detail.empty()) detail.detail += "; ";
    detail.detail += at.attr("code");
    const std::string_view words = at.attr("displayName");
    if (!words.empty()) detail.detail += " " + std::string{words};
  }
  return detail;
}

ReturnedRecord read_returned(XmlView message, Findings& findings) {
  const XmlView choice =
      message.child("cP-ISLAAcknowledgementResponse").child("pertinentInformation1");
  ReturnedRecord record;
  XmlView inner = choice.child("validCP-ISRecord");
  record.valid = static_cast<bool>(inner);
  if (!inner) inner = choice.child("invalidCP-ISRecord");
  for (XmlView at = inner.child("pertinentInformation"); at; at = at.next_same()) {
    if (auto plan = read_plan(at, findings)) record.plans.push_back(*plan);
  }
  const XmlView subject = inner.child("subject");
  Findings about_number;  // a rejected record may well have a bad number: that is why it is here
  record.subject = read_subject(subject, record.valid ? findings : about_number);
  if (record.subject) {
    record.local_id = record.subject->local_id;
  } else {
    const XmlView ids = subject.find("id", 5);
    for (XmlView id = ids; id; id = id.next_same()) {
      if (id.attr("root") == oid::local_person) record.local_id = id.attr("extension");
    }
  }
  return record;
}

template <class Words>
std::size_t row_of(std::string_view code, const Words& words) {
  std::size_t row = 0;
  while (row < words.size() && words[row].code != code) ++row;
  return row;
}

}  // namespace

FileOutcome file_outcome_of(std::string_view code) {
  return static_cast<FileOutcome>(row_of(code, file_outcome_words));
}
RecordOutcome record_outcome_of(std::string_view code) {
  return static_cast<RecordOutcome>(row_of(code, record_outcome_words));
}

std::string write_file_response(const FileResponse& response) {
  std::string out;
  XmlWriter xml{out};
  xml.open("FileResponse").attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
  xml.value("creationTime", write_timestamp(response.created));
  xml.open("id").attr("extension", std::to_string(response.sequence)).close();
  xml.value("transmissionQuantity", std::to_string(response.quantity));
  write_codes(xml, response);
  xml.open("communicationFunctionRcv");
  write_council(xml, response.council);
  xml.close();
  write_total(xml, "failedReturnedCP-ISRecords", response.failed);
  for (const ReturnedRecord& record : response.returned) write_returned(xml, record);
  write_total(xml, "successfulReturnedCP-ISRecords", response.successful);
  xml.close();
  return out;
}

Reading<FileResponse> read_file_response(std::string_view xml) {
  Reading<FileResponse> reading;
  FileResponse response;
  const auto on_element = [&](XmlView element) {
    if (element.name() == "message") {
      response.returned.push_back(read_returned(element, reading.findings));
    } else {
      response.details.push_back(read_detail(element));
    }
  };
  XmlStream stream{{"message", "acknowledgementRecordDetail"}, on_element, response_limits};
  stream.push(xml);
  const auto document = stream.finish(reading.findings);
  if (!document) return reading;
  const XmlView root = document->root().find("FileResponse", 6);
  if (!root) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document->root(), "not a FileResponse");
    return reading;
  }
  const auto created = read_timestamp(root.value_of("creationTime"), Zone::london);
  if (created) response.created = *created;
  response.sequence = integer(root.child("id").attr("extension"), -1);
  response.quantity = integer(root.value_of("transmissionQuantity"), -1);
  for (XmlView file = root.child("acknowledgementFile"); file; file = file.next_same()) {
    XmlView at = file.child("acknowledgementFileDetail");
    for (; at; at = at.next_same()) {
      const XmlView code = at.child("code");
      response.file_codes.push_back(
          {std::string{code.attr("code")}, std::string{code.attr("displayName")}});
    }
  }
  response.council =
      read_council(root.child("communicationFunctionRcv").child("organisation"), reading.findings);
  response.failed = integer(root.child("failedReturnedCP-ISRecords").value_of("value"), 0);
  response.successful = integer(root.child("successfulReturnedCP-ISRecords").value_of("value"), 0);
  if (response.file_codes.empty()) {
    report(reading.findings, Severity::error, "V3-FILE-CODE", root, "there is no file code");
  }
  reading.value = std::move(response);
  return reading;
}

}  // namespace cpis::spine
