#include "adapters/spine/upload.h"

#include <charconv>
#include <utility>

#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/plan_parts.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {
namespace {

constexpr std::size_t flush_bytes = 64 * 1024;

void write_head(XmlWriter& xml, const UploadHead& head) {
  xml.open("File").attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
  xml.value("creationTime", write_timestamp(head.created));
  xml.open("id").attr("extension", std::to_string(head.sequence)).close();
  xml.value("transmissionQuantity", std::to_string(head.records));
  xml.open("communicationFunctionSnd");
  write_council(xml, head.council);
  xml.close();
}

bool repeats_a_kind(const std::vector<Plan>& plans) {
  for (std::size_t i = 0; i < plans.size(); ++i) {
    for (std::size_t j = i + 1; j < plans.size(); ++j) {
      if (plans[i].type == plans[j].type) return true;
    }
  }
  return false;
}

std::string why_plan_not_sendable(const Plan& plan, const PlanSubject& subject) {
  if (!plan.start.day.ok()) return "a plan has no start date";
  if (plan.end && plan.end->day < plan.start.day) return "a plan ends before it starts";
  const bool unborn = plan.type == PlanType::ucp;
  if (unborn && !plan.end) return "an unborn child plan has no end (expected date of delivery)";
  if (unborn != subject.is_mother) return "the kind of plan and the kind of subject do not fit";
  return "";
}

std::int64_t integer(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  return wrong == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

}  // namespace

std::string why_not_sendable(const UploadRecord& record) {
  if (record.plans.empty() || record.plans.size() > 3) return "one to three plans are required";
  if (repeats_a_kind(record.plans)) return "two plans of the same kind are in one record";
  if (record.subject.name.given.empty()) return "the given name is missing";
  if (record.subject.name.family.empty()) return "the family name is missing";
  if (!record.subject.birth_date) return "the birth date is missing";
  for (const Plan& plan : record.plans) {
    if (std::string why = why_plan_not_sendable(plan, record.subject); !why.empty()) return why;
  }
  return "";
}

struct UploadWriter::State {
  UploadHead head;
  Sink sink;
  std::string buffer;
  XmlWriter xml{buffer};
  std::size_t written = 0;

  Status flush(std::size_t unless_under) {
    if (buffer.size() < unless_under) return done;
    const Status taken = sink(buffer);
    buffer.clear();
    return taken;
  }
};

UploadWriter::UploadWriter(UploadHead head, Sink sink) : state_{std::make_unique<State>()} {
  state_->head = std::move(head);
  state_->sink = std::move(sink);
  state_->buffer.reserve(flush_bytes * 2);
  write_head(state_->xml, state_->head);
}
UploadWriter::~UploadWriter() = default;

Status UploadWriter::add(const UploadRecord& record) {
  if (std::string why = why_not_sendable(record); !why.empty()) {
    return Error{ErrorKind::bad_input,
                 "record " + std::to_string(state_->written + 1) + ": " + why};
  }
  if (state_->written == state_->head.records) {
    return Error{ErrorKind::bad_input, "more records than were announced"};
  }
  ++state_->written;
  XmlWriter& xml = state_->xml;
  xml.open("record").open("CP-ISRecord");
  for (const Plan& plan : record.plans) {
    xml.open("pertinentInformation");
    write_plan(xml, plan, PlanForm::upload);
    xml.close();
  }
  xml.open("subject");
  write_subject(xml, record.subject);
  xml.close(3);
  return state_->flush(flush_bytes);
}

Status UploadWriter::finish() {
  if (state_->written != state_->head.records || state_->written == 0) {
    return Error{ErrorKind::bad_input, "the file holds " + std::to_string(state_->written) +
                                           " records and announces " +
                                           std::to_string(state_->head.records)};
  }
  state_->xml.close();
  return state_->flush(0);
}

Status write_upload(const UploadFile& file, const Sink& sink) {
  if (file.sequence <= 0) return Error{ErrorKind::bad_input, "the sequence number is not positive"};
  if (phone_digits(file.council.emergency_phone).empty()) {
    return Error{ErrorKind::bad_input, "the council has no emergency duty telephone"};
  }
  UploadWriter writer{{file.sequence, file.created, file.council, file.records.size()}, sink};
  for (const UploadRecord& record : file.records) {
    if (const Status added = writer.add(record); !added) return added.error();
  }
  return writer.finish();
}

struct UploadReader::State {
  OnPart on_part;
  std::size_t index = 0;
  std::unique_ptr<XmlStream> stream;
};

UploadReader::UploadReader(OnPart on_part, std::size_t bytes_max)
    : state_{std::make_unique<State>()} {
  state_->on_part = std::move(on_part);
  XmlLimits limits;
  limits.bytes_max = bytes_max;
  limits.elements_max = 10'000;
  const auto on_record = [state = state_.get()](XmlView record) {
    UploadPart part;
    part.index = state->index++;
    const XmlView inner = record.child("CP-ISRecord");
    part.records = read_record(inner ? inner : record, "pertinentInformation", part.findings);
    state->on_part(std::move(part));
  };
  state_->stream =
      std::make_unique<XmlStream>(std::vector<std::string>{"record"}, on_record, limits);
}
UploadReader::~UploadReader() = default;

bool UploadReader::push(std::string_view bytes) { return state_->stream->push(bytes); }

Reading<UploadHead> UploadReader::finish() {
  Reading<UploadHead> reading;
  const auto document = state_->stream->finish(reading.findings);
  if (!document) return reading;
  const XmlView root = document->root().find("File", 6);
  if (!root) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document->root(), "not an upload");
    return reading;
  }
  UploadHead head;
  head.sequence = integer(root.child("id").attr("extension"), -1);
  head.records = static_cast<std::size_t>(
      std::max<std::int64_t>(0, integer(root.value_of("transmissionQuantity"), 0)));
  head.council =
      read_council(root.child("communicationFunctionSnd").child("organisation"), reading.findings);
  const auto created = read_timestamp(root.value_of("creationTime"), Zone::london);
  if (created) head.created = *created;
  if (!created) report(reading.findings, Severity::warning, "V3-TIME", root, "no creation time");
  if (head.sequence < 0) report(reading.findings, Severity::error, "V3-ID", root, "no file number");
  if (head.records != state_->index) {
    report(reading.findings, Severity::warning, "V3-TOTAL", root,
           "the stated number of records is not the number sent");
  }
  reading.value = std::move(head);
  return reading;
}

Reading<UploadFile> read_upload(std::string_view xml) {
  Reading<UploadFile> reading;
  UploadFile file;
  UploadReader reader{[&](UploadPart part) {
    for (UploadRecord& record : part.records) file.records.push_back(std::move(record));
    for (Finding& finding : part.findings) {
      finding.source = "record " + std::to_string(part.index + 1);
      reading.findings.push_back(std::move(finding));
    }
  }};
  reader.push(xml);
  Reading<UploadHead> head = reader.finish();
  for (Finding& finding : head.findings) reading.findings.push_back(std::move(finding));
  if (!head.value) return reading;
  file.sequence = head.value->sequence;
  file.created = head.value->created;
  file.council = std::move(head.value->council);
  reading.value = std::move(file);
  return reading;
}

}  // namespace cpis::spine
