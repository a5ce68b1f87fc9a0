#include "adapters/spine/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/plan_parts.h"

namespace cpis::spine {
namespace {

constexpr int wrapping_max = 12;

// The element of that name with an effectiveTime: the name also serves as an outer wrapper.
XmlView find_payload(XmlView at, int depth) {
  if (!at || depth < 0) return {};
  if (at.name() == payload_element && at.child("effectiveTime")) return at;
  for (XmlView child = at.first_child(); child; child = child.next()) {
    if (const XmlView found = find_payload(child, depth - 1)) return found;
  }
  return {};
}

// The first element whose name is an interaction of this family (`QUQI_IN`, `MCCI_IN`).
XmlView find_family(XmlView at, std::string_view family, int depth) {
  if (!at || depth < 0) return {};
  if (at.name().substr(0, family.size()) == family) return at;
  for (XmlView child = at.first_child(); child; child = child.next()) {
    if (const XmlView found = find_family(child, family, depth - 1)) return found;
  }
  return {};
}

std::optional<std::size_t> total_in(XmlView payload, std::string_view outer,
                                    std::string_view inner) {
  const std::string_view text = payload.child(outer).child(inner).value_of("value");
  std::size_t total = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), total);
  if (wrong != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return total;
}

void read_held(XmlView record, std::vector<HeldPlan>& held, Findings& findings) {
  const Council council =
      read_council(record.child("communicationFunctionSnd").child("organisation"), findings);
  for (XmlView at = record.child("CP-ISRecord"); at; at = at.next_same()) {
    for (UploadRecord& part : read_record(at, "pertinentInformation15", findings)) {
      for (const Plan& plan : part.plans) {
        held.push_back({plan, council, part.subject, Time{}, ""});
      }
    }
  }
}

std::vector<AccessEvent> read_history(XmlView payload, Findings& findings) {
  std::vector<AccessEvent> accesses;
  for (XmlView at = payload.child("pertinentInformation13"); at; at = at.next_same()) {
    XmlView event = at.child("pertinentCP-ISNHSQuery");
    for (; event; event = event.next_same()) {
      if (auto access = read_access(event, findings)) accesses.push_back(std::move(*access));
    }
  }
  std::stable_sort(accesses.begin(), accesses.end(),
                   [](const AccessEvent& a, const AccessEvent& b) { return a.at > b.at; });
  return accesses;
}

// Plans that were announced or sent, and of which one at least could not be read.
bool is_incomplete(XmlView payload, std::size_t plans, const Findings& about_plans,
                   Findings& findings) {
  const auto stated =
      total_in(payload, "pertinentInformation12", "pertinentTotalReturnedChildRecords");
  const bool fewer = stated && *stated > plans;
  if (fewer) {
    report(findings, Severity::error, "V3-TOTAL", payload,
           "fewer records could be read than the answer announces");
  }
  return fewer || has_errors(about_plans);
}

// Nothing when no plan can be read: then nothing is known about the person.
std::optional<ProtectionRecord> read_protection(XmlView payload, Findings& findings) {
  std::vector<AccessEvent> history = read_history(payload, findings);
  Findings about_plans;
  std::vector<HeldPlan> plans;
  for (XmlView act = payload.child("pertinentInformation14"); act; act = act.next_same()) {
    XmlView control = act.child("pertinentCP-ISRecordControlAct");
    for (; control; control = control.next_same()) {
      for (XmlView at = control.child("record"); at; at = at.next_same()) {
        read_held(at, plans, about_plans);
      }
    }
  }
  const bool incomplete = is_incomplete(payload, plans.size(), about_plans, findings);
  findings.insert(findings.end(), about_plans.begin(), about_plans.end());
  if (plans.empty()) return std::nullopt;
  const NhsNumber person = plans.front().subject.nhs_number;
  return ProtectionRecord{person, std::move(plans), std::move(history), incomplete};
}

bool is_no_match(std::string_view smsp_code) {
  return smsp_code == "CPIS-0001" || smsp_code == "SMSP-0003";
}

void read_payload(XmlView payload, Answer& answer, Findings& findings) {
  answer.id = plain_id(payload.child("id").attr("root"));
  if (const auto at = read_timestamp(payload.value_of("effectiveTime"), Zone::london)) {
    answer.at = *at;
  }
  const XmlView status = payload.child("value");
  const std::string_view code = status.attr("code");
  if (status) answer.reasons.push_back(read_reason(status));
  if (status && is_no_match(code)) {
    answer.kind = AnswerKind::no_records;
    return;
  }
  if (status && code != "SMSP-0000") return;
  if (status) answer.reasons.clear();
  answer.record = read_protection(payload, findings);
  if (answer.record) {
    answer.kind = AnswerKind::records;
  } else {
    report(findings, Severity::error, "V3-NO-PLAN", payload,
           "an answer with records, of which none could be read");
  }
}

bool is_oid(std::string_view text) {
  return text.find('.') != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Spine also sends a word, or nothing, where the code system should stand. Under another system
// that is one the code means something else.
bool is_nrf(const Reason& reason) {
  return reason.code == "NRF" && (reason.system == oid::query_response ||
                                  reason.display == "No Records Found" || !is_oid(reason.system));
}

void read_failure(XmlView interaction, Answer& answer) {
  answer.reasons = answer.wrapper.ack_details;
  const XmlView act = interaction.child("ControlActEvent");
  for (XmlView at = act.child("reason"); at; at = at.next_same()) {
    const XmlView code = at.child("justifyingDetectedIssueEvent").child("code");
    if (code) answer.reasons.push_back(read_reason(code));
  }
  const bool only_nrf =
      !answer.reasons.empty() && std::all_of(answer.reasons.begin(), answer.reasons.end(), is_nrf);
  if (only_nrf) {
    answer.kind = AnswerKind::no_records;
  } else if (answer.wrapper.ack_type == "AA" && answer.reasons.empty()) {
    answer.kind = AnswerKind::accepted;
  }
}

// Codes by what can be done about them (spine.md 7.1).
constexpr std::array<std::string_view, 5> access_codes{"300", "420", "506", "SMSP-0005",
                                                       "ACCESS_DENIED"};
constexpr std::array<std::string_view, 7> away_codes{"200",       "206",       "208",      "502",
                                                     "SMSP-0004", "SMSP-9999", "CPIS-9999"};

template <std::size_t n>
bool any_of_codes(const std::vector<Reason>& reasons,
                  const std::array<std::string_view, n>& codes) {
  return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
    return std::find(codes.begin(), codes.end(), reason.code) != codes.end();
  });
}

}  // namespace

Reading<Answer> read_answer(std::string_view xml) {
  Findings findings;
  const auto document = parse_xml(xml, findings);
  if (!document) return {std::nullopt, std::move(findings)};
  return read_answer(document->root());
}

Reading<Answer> read_answer(XmlView document) {
  Reading<Answer> reading;
  Answer answer;
  const XmlView records = document.find(interaction::records, wrapping_max);
  if (records) answer.wrapper = read_wrapper(records);
  if (const XmlView payload = find_payload(document, wrapping_max)) {
    read_payload(payload, answer, reading.findings);
    reading.value = std::move(answer);
    return reading;
  }
  XmlView failed = find_family(document, "QUQI_IN", wrapping_max);
  if (!failed) failed = find_family(document, "MCCI_IN", wrapping_max);
  if (!failed) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document, "not an answer to a query");
    return reading;
  }
  answer.wrapper = read_wrapper(failed);
  read_failure(failed, answer);
  reading.value = std::move(answer);
  return reading;
}

Error error_from(const std::vector<Reason>& reasons) {
  std::string words = "the national service answered with an error";
  for (const Reason& reason : reasons) {
    if (!reason.code.empty() && reason.code.size() < 40) words += " " + reason.code;
  }
  if (any_of_codes(reasons, access_codes)) return {ErrorKind::forbidden, words};
  if (any_of_codes(reasons, away_codes)) return {ErrorKind::unavailable, words};
  return {ErrorKind::fault, words};
}

ProtectionAnswer to_protection_answer(const Answer& answer, const NhsNumber& asked) {
  if (answer.kind == AnswerKind::no_records) return NoneHeld{asked};
  if (answer.kind != AnswerKind::records || !answer.record) {
    return CouldNotAsk{error_from(answer.reasons), true};
  }
  const auto about_another = [&](const HeldPlan& held) { return held.subject.nhs_number != asked; };
  const auto& plans = answer.record->plans;
  if (std::any_of(plans.begin(), plans.end(), about_another)) {
    return CouldNotAsk{{ErrorKind::fault, "the answer is about another person"}, true};
  }
  return *answer.record;
}

}  // namespace cpis::spine
