#include "adapters/spine/explain.h"

#include <utility>

#include "adapters/spine/answer.h"
#include "adapters/spine/ebxml.h"
#include "adapters/spine/explain_json.h"
#include "adapters/spine/file_response.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/notices.h"
#include "adapters/spine/query.h"
#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"
#include "adapters/spine/upload.h"

namespace cpis::spine {
namespace {

constexpr std::size_t listed_max = 50;  // entries told one by one; the rest is counted
constexpr int wrapping_max = 8;

std::string_view plan_name(PlanType type) {
  switch (type) {
    case PlanType::cpp:
      return "child protection plan";
    case PlanType::lac:
      return "looked after child";
    case PlanType::ucp:
      return "unborn child protection plan (held against the mother)";
  }
  return "";
}

std::string day(const PlanDate& date) { return to_iso(date.day); }

std::string plan_words(const Plan& plan) {
  std::string out{plan_name(plan.type)};
  out += ", from " + day(plan.start);
  const char* end = plan.type == PlanType::ucp ? ", expected delivery (end) " : ", to ";
  if (plan.end) out += end + day(*plan.end);
  if (!plan.end) out += ", open";
  if (plan.deleted) out += ", deleted " + day(*plan.deleted) + " (entered in error)";
  return out;
}

std::string caller_words(const Caller& caller) {
  std::string out;
  if (caller.kind == Caller::Kind::system) {
    out += "a system on behalf of ";
    out += caller.person_name.empty() ? "nobody named" : caller.person_name;
  } else {
    out += caller.person_name.empty() ? "a person without a name" : caller.person_name;
  }
  if (!caller.role_name.empty()) out += ", " + caller.role_name;
  if (!caller.organisation_name.empty()) out += ", " + caller.organisation_name;
  if (!caller.organisation_code.empty()) out += " (" + caller.organisation_code + ")";
  return out;
}

std::string council_words(const Council& council) {
  return council.name + " (" + council.ods_code + "), office " + council.office_phone +
         ", emergency duty " + council.emergency_phone;
}

// Lists with a limit, so that a county's file is explained in a screen or two.
template <class Items, class Tell>
void list(std::string& text, const Items& items, const Tell& tell) {
  std::size_t told = 0;
  for (const auto& item : items) {
    if (told++ == listed_max) break;
    text += "  - " + tell(item) + "\n";
  }
  if (items.size() > listed_max) {
    text += "  and " + std::to_string(items.size() - listed_max) + " more\n";
  }
}

void tell_wrapper(std::string& text, const Wrapper& wrapper) {
  if (wrapper.interaction.empty()) return;
  text += "message " + wrapper.message_id + " of " + to_iso(wrapper.created) + "\n";
  text += "from system " + wrapper.from_asid + " to system " + wrapper.to_asid + "\n";
  if (!wrapper.refers_to.empty()) text += "about message " + wrapper.refers_to + "\n";
}

void tell_query(Explanation& out, const Query& query) {
  out.kind = "CP-IS query, QUPC_IN000006GB01";
  tell_wrapper(out.text, {std::string{interaction::query},
                          query.message_id,
                          query.created,
                          "",
                          query.to_asid,
                          query.from_asid,
                          "",
                          "",
                          {}});
  out.text += "asks about " + query.event.person.masked() + " at " + to_iso(query.event.at) + "\n";
  out.text += "asked by " + caller_words(query.event.by) + "\n";
  out.text += query.event.by.setting == CareSetting::scheduled
                  ? "scheduled care: no record of the look, no notice to the council\n"
                  : "unscheduled care: the look is recorded and the council is told\n";
}

std::string reason_words(const Reason& reason) {
  return reason.code + " " + reason.display +
         (reason.severity.empty() ? "" : " [" + reason.severity + "]");
}

void tell_record(std::string& text, const ProtectionRecord& record) {
  text +=
      "about " + record.person.masked() + ": " + std::to_string(record.plans.size()) + " plan(s)\n";
  list(text, record.plans, [](const HeldPlan& held) {
    return plan_words(held.plan) + "; " + council_words(held.council);
  });
  if (record.incomplete) text += "  INCOMPLETE: something that is held could not be read\n";
  text += std::to_string(record.accesses.size()) + " earlier look(s) from unscheduled care\n";
  list(text, record.accesses, [](const AccessEvent& access) {
    return to_iso(access.at) + " by " + caller_words(access.by);
  });
}

void tell_answer(Explanation& out, const Answer& answer) {
  tell_wrapper(out.text, answer.wrapper);
  const std::string name =
      answer.wrapper.interaction.empty() ? "SMSP form" : answer.wrapper.interaction;
  switch (answer.kind) {
    case AnswerKind::records:
      out.kind = "Answer to a CP-IS query with records, " + name;
      tell_record(out.text, *answer.record);
      return;
    case AnswerKind::no_records:
      out.kind = "Answer to a CP-IS query: no record is held, " + name;
      out.text += "this says nothing about whether the child is safe\n";
      return;
    case AnswerKind::accepted:
      out.kind = "Application acknowledgement, " + name;
      out.text += "the message was taken; the answer is still to come\n";
      return;
    case AnswerKind::failure:
      out.kind = "Failure: nothing is known about the person, " + name;
      list(out.text, answer.reasons, reason_words);
      return;
  }
}

void tell_upload(Explanation& out, std::string_view bytes) {
  auto read = read_upload(bytes);
  out.findings = std::move(read.findings);
  out.kind = "Council's upload, REPC_MT000002GB01 (File)";
  if (!read.value) return;
  out.understood = true;
  out.text += "file " + std::to_string(read.value->sequence) + " of " +
              to_iso(read.value->created) + "\nfrom " + council_words(read.value->council) + "\n" +
              std::to_string(read.value->records.size()) + " record(s)\n";
  list(out.text, read.value->records, [](const UploadRecord& record) {
    std::string text = record.subject.nhs_number.masked();
    if (!record.subject.local_id.empty()) text += " (" + record.subject.local_id + ")";
    for (const Plan& plan : record.plans) text += "; " + plan_words(plan);
    return text;
  });
}

void tell_response(Explanation& out, std::string_view bytes) {
  auto read = read_file_response(bytes);
  out.findings = std::move(read.findings);
  out.kind = "Answer to a council's upload, REPC_MT000003GB01 (FileResponse)";
  if (!read.value) return;
  out.understood = true;
  const FileResponse& response = *read.value;
  out.text += "about file " + std::to_string(response.sequence) + " with " +
              std::to_string(response.quantity) + " record(s), answered " +
              to_iso(response.created) + "\n";
  for (const FileCode& code : response.file_codes) {
    out.text += "file: " + code.code + " " + code.display + "\n";
  }
  out.text += std::to_string(response.successful) + " accepted, " +
              std::to_string(response.failed) + " rejected\n";
  list(out.text, response.details, [](const RecordDetail& detail) {
    return detail.code + " " + detail.display +
           (detail.detail.empty() ? "" : " (" + detail.detail + ")") + " at " + detail.location;
  });
}

void tell_access_notice(Explanation& out, std::string_view bytes) {
  auto read = read_access_notice(bytes);
  out.findings = std::move(read.findings);
  out.kind = "Access to service notification, REPC_MT000004GB01";
  if (!read.value) return;
  out.understood = true;
  out.text += "notice " + read.value->id + " of " + to_iso(read.value->created) + "\nfor " +
              read.value->council_name + " (" + read.value->council_ods + ")\n" +
              std::to_string(read.value->entries.size()) + " look(s) at records\n";
  list(out.text, read.value->entries, [](const NoticeEntry& entry) {
    return to_iso(entry.access.at) + " " + entry.access.person.masked() +
           (entry.local_id.empty() ? "" : " (" + entry.local_id + ")") + ", file " +
           std::to_string(entry.upload_sequence) + ", by " + caller_words(entry.access.by);
  });
}

void tell_inactive_notice(Explanation& out, std::string_view bytes) {
  auto read = read_inactive_notice(bytes);
  out.findings = std::move(read.findings);
  out.kind = "Inactive NHS number notification, REPC_MT000005GB01";
  if (!read.value) return;
  out.understood = true;
  out.text += "notice " + read.value->id + " of " + to_iso(read.value->created) + "\nfor " +
              read.value->council_name + " (" + read.value->council_ods + ")\n" +
              std::to_string(read.value->entries.size()) + " number(s) no longer in use\n";
  list(out.text, read.value->entries, [](const InactiveEntry& entry) {
    return entry.inactive.masked() + (entry.local_id.empty() ? "" : " (" + entry.local_id + ")") +
           ", file " + std::to_string(entry.upload_sequence) +
           (entry.replaced_by.empty() ? ", no replacement was given"
                                      : ", a replacement was given (not shown here)");
  });
}

void tell_ebxml(Explanation& out, const EbxmlMessage& message) {
  const EbxmlHeader& header = message.header;
  out.text += "ebXML " + header.service + " " + header.action + "\nmessage " + header.message_id +
              " of " + to_iso(header.timestamp) + ", from " + header.from_party + " to " +
              header.to_party + "\n";
  if (!header.ref_to_message_id.empty()) {
    out.text += "refers to message " + header.ref_to_message_id + "\n";
  }
  out.text += header.ack_requested ? "asks for an acknowledgement\n" : "";
  if (message.kind == EbxmlKind::acknowledgment) {
    out.kind = "ebXML acknowledgement: the message handler has it; not an answer";
  } else if (message.kind == EbxmlKind::error) {
    out.kind = "ebXML error: the message was refused";
    list(out.text, message.errors,
         [](const EbxmlError& error) { return error.code + " " + error.description; });
  }
}

void tell_fault(Explanation& out, const SoapFault& fault) {
  out.kind = "SOAP fault: the message was refused";
  out.text += fault.code + " " + fault.text + "\n";
  list(out.text, fault.errors, [](const TmsError& error) {
    return error.code + " " + error.description + " [" + error.severity + "]";
  });
  out.text += may_be_resent(fault) ? "the same message may be sent again\n"
                                   : "sending it again will not help\n";
}

// One XML document, by what it contains.
void explain_document(Explanation& out, std::string_view bytes, XmlView root) {
  if (root.find("File", 0)) return tell_upload(out, bytes);
  if (root.find("FileResponse", wrapping_max)) return tell_response(out, bytes);
  if (root.find("CP-ISAccessToServiceNotification", wrapping_max)) {
    return tell_access_notice(out, bytes);
  }
  if (root.find("CP-ISInactiveNHSNumberNotification", wrapping_max)) {
    return tell_inactive_notice(out, bytes);
  }
  if (root.find("CP-ISQueryStub", wrapping_max)) {
    auto read = read_query(root);
    out.findings = std::move(read.findings);
    out.kind = "CP-IS query";
    out.understood = read.value.has_value();
    if (read.value) tell_query(out, *read.value);
    if (const XmlView query = root.find(interaction::query, wrapping_max)) {
      const SpineFaults faults = check_query(query);
      if (!faults.empty()) out.text += "Spine would refuse it: " + in_words(faults) + "\n";
    }
    return;
  }
  auto read = read_answer(root);
  out.findings = std::move(read.findings);
  out.understood = read.value.has_value();
  if (read.value) tell_answer(out, *read.value);
}

void explain_xml(Explanation& out, std::string_view bytes);

void explain_ebxml(Explanation& out, Reading<EbxmlMessage> read) {
  out.findings = std::move(read.findings);
  if (!read.value) return;
  out.understood = true;
  tell_ebxml(out, *read.value);
  if (read.value->kind != EbxmlKind::message) return;
  out.kind = "ebXML message";
  if (read.value->payload.empty()) return;
  Explanation inner;
  explain_xml(inner, read.value->payload);
  if (!inner.kind.empty()) out.kind = inner.kind + " in ebXML";
  out.text += inner.text;
  out.findings.insert(out.findings.end(), inner.findings.begin(), inner.findings.end());
}

void explain_xml(Explanation& out, std::string_view bytes) {
  XmlLimits limits;
  limits.bytes_max = std::size_t{512} * 1024 * 1024;
  limits.elements_max = 20'000'000;
  const auto document = parse_xml(bytes, out.findings, limits);
  if (!document) return;
  const XmlView root = document->root();
  if (root.child("Header").child("MessageHeader")) return explain_ebxml(out, read_ebxml("", bytes));
  if (const XmlView fault = root.child("Body").child("Fault")) {
    const auto soap = read_soap(bytes);
    out.understood = soap.value && soap.value->fault;
    if (out.understood) tell_fault(out, *soap.value->fault);
    return;
  }
  explain_document(out, bytes, root);
}

}  // namespace

bool looks_like_spine(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return false;
  if (bytes[first] == '{') return bytes.find("\"resourceType\"") != std::string_view::npos;
  return bytes[first] == '<' || (bytes.find("<") != std::string_view::npos &&
                                 !guess_boundary(bytes.substr(0, 4096)).empty());
}

Explanation explain(std::string_view bytes) {
  Explanation out;
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool xml = first != std::string_view::npos && bytes[first] == '<';
  if (first != std::string_view::npos && bytes[first] == '{') {
    explain_json(out, bytes.substr(first));
  } else if (xml) {
    explain_xml(out, bytes.substr(bytes.substr(0, 3) == "\xEF\xBB\xBF" ? 0 : first));
  } else {
    explain_ebxml(out, read_ebxml("", bytes));
  }
  if (out.kind.empty()) out.kind = "not a message of CP-IS or of the Spine transport";
  return out;
}

}  // namespace cpis::spine
