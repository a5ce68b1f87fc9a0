#include "gateway/fhir_api/cds_request.h"

#include <algorithm>
#include <utility>

#include "adapters/fhir_r4/attendance_reader.h"
#include "fhir/json/reader.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t text_max = 256;
constexpr std::size_t feedback_max = 100;

Error wrong(std::string text) { return {ErrorKind::bad_input, std::move(text)}; }

// CDS Hooks JSON is not FHIR's: what FHIR forbids there (null, an empty array) does no harm.
bool read_object(std::string body, fhir::Document& doc) {
  fhir::json::ReadOptions options;
  options.strict = false;
  options.fragment = true;
  options.bytes_max = bytes_max;
  fhir::Issues issues;
  if (!fhir::json::read(std::move(body), doc, issues, options)) return false;
  // Two readers would see two different calls.
  return std::none_of(issues.begin(), issues.end(), [](const fhir::Issue& issue) {
    return issue.rule == "json-duplicate-property";
  });
}

// Plain printable text of a member that stands there once.
Result<std::string> text_of(const fhir::Element& parent, std::string_view name, bool needed) {
  const std::string text{parent.value_of(name)};
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
  if (parent.count(name) > 1 || !plain || text.size() > text_max) {
    return wrong(std::string{name} + " is no usable text");
  }
  if (needed && text.empty()) return wrong(std::string{name} + " is missing");
  return text;
}

Status take(const fhir::Element& parent, std::string_view name, bool needed, std::string& into) {
  auto text = text_of(parent, name, needed);
  if (!text) return text.error();
  into = *std::move(text);
  return done;
}

bool is_uuid(std::string_view text) {
  constexpr std::size_t size = 36;
  if (text.size() != size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

// A prefetch that failed at the EHR is null or left out, or an OperationOutcome.
Status take_patient(const fhir::Element& root, CdsRequest& request) {
  const fhir::Element* prefetch = root.first("prefetch");
  const fhir::Element* patient = prefetch == nullptr ? nullptr : prefetch->first("patient");
  if (patient == nullptr || !patient->has_children()) return done;
  const std::string_view type =
      patient->resource() ? patient->resource_type() : patient->value_of("resourceType");
  if (type != "Patient") return done;
  if (prefetch->count("patient") != 1 || patient->value_of("id") != request.patient_id) {
    return wrong("prefetch.patient is not the patient of the context");
  }
  request.person = fhir_r4::read_identity(*patient);
  return done;
}

}  // namespace

Result<CdsRequest> read_cds_request(std::string body) {
  fhir::Document doc;
  if (!read_object(std::move(body), doc)) return wrong("the body is no JSON object");
  const fhir::Element& root = doc.root();
  CdsRequest request;
  Status read = take(root, "hook", true, request.hook);
  if (read) read = take(root, "hookInstance", true, request.hook_instance);
  const fhir::Element* context = root.first("context");
  if (read && (context == nullptr || root.count("context") != 1)) {
    return wrong("context is missing");
  }
  if (read) read = take(*context, "userId", true, request.user_id);
  if (read) read = take(*context, "patientId", true, request.patient_id);
  if (read) {
    read = take(*context, "encounterId", request.hook == "encounter-start", request.encounter_id);
  }
  if (read) read = take_patient(root, request);
  if (!read) return read.error();
  if (!is_uuid(request.hook_instance)) return wrong("hookInstance is no UUID");
  return request;
}

Result<std::vector<CdsFeedback>> read_cds_feedback(std::string body) {
  fhir::Document doc;
  if (!read_object(std::move(body), doc)) return wrong("the body is no JSON object");
  std::vector<CdsFeedback> all;
  for (const fhir::Element& each : doc.root().children("feedback")) {
    if (all.size() == feedback_max) return wrong("there are more than 100 of feedback");
    CdsFeedback one;
    Status read = take(each, "card", true, one.card);
    if (read) read = take(each, "outcome", true, one.outcome);
    const fhir::Element* override_reason = each.first("overrideReason");
    const fhir::Element* reason =
        override_reason == nullptr ? nullptr : override_reason->first("reason");
    if (read && reason != nullptr) read = take(*reason, "code", false, one.reason);
    if (!read) return read.error();
    if (one.outcome != "accepted" && one.outcome != "overridden") {
      return wrong("outcome is accepted or overridden");
    }
    if (!is_uuid(one.card)) return wrong("card is no UUID");
    all.push_back(std::move(one));
  }
  if (all.empty()) return wrong("feedback is missing");
  return all;
}

}  // namespace cpis::fhir_api
