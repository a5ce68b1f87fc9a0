#include "adapters/hl7v2/alert_writer.h"

#include <array>
#include <cstddef>
#include <functional>

#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/header.h"

namespace cpis::hl7v2 {
namespace {

constexpr Delimiters usual{};
constexpr std::size_t local_ids_max = 20;

constexpr std::array<std::string_view, 13> known_names{"n",
                                                       "wording",
                                                       "checked",
                                                       "plan.code",
                                                       "plan.snomed",
                                                       "plan.display",
                                                       "plan.start",
                                                       "plan.end",
                                                       "plan.state",
                                                       "council.code",
                                                       "council.name",
                                                       "council.office_phone",
                                                       "council.emergency_phone"};

using ValueOf = std::function<std::string(std::string_view name)>;

// Calls `literal` and `name` for the pieces of a template, in order. `{` without `}` is literal.
void walk(std::string_view text, const std::function<void(std::string_view)>& literal,
          const std::function<void(std::string_view)>& name) {
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return literal(text);
    literal(text.substr(0, open));
    name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

std::string expand(std::string_view text, const ValueOf& value_of) {
  std::string out;
  walk(
      text, [&](std::string_view literal) { out += literal; },
      [&](std::string_view name) { out += value_of(name); });
  return out;
}

std::string digits_of(std::string_view iso) {
  std::string digits;
  for (const char c : iso) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

std::string stamp(Time now) { return digits_of(to_iso(now).substr(0, 19)) + "+0000"; }

std::string state_of(const Plan& plan, Date today) {
  if (plan.type == PlanType::ucp) {
    return plan.end ? "expected " + to_iso(plan.end->day) : std::string{"current"};
  }
  if (!plan.end || plan.end->day > today) return "current";
  return "ended " + to_iso(plan.end->day);
}

std::string plan_value(std::string_view name, const HeldPlan& held, Date today) {
  const PlanTypeWords& words = words_of(held.plan.type);
  if (name == "plan.code") return std::string{words.code};
  if (name == "plan.snomed") return std::string{words.snomed};
  if (name == "plan.display") return std::string{words.display};
  if (name == "plan.start") return digits_of(to_iso(held.plan.start.day));
  if (name == "plan.end") return held.plan.end ? digits_of(to_iso(held.plan.end->day)) : "";
  if (name == "plan.state") return state_of(held.plan, today);
  if (name == "council.code") return held.council.ods_code;
  if (name == "council.name") return held.council.name;
  if (name == "council.office_phone") return held.council.office_phone;
  if (name == "council.emergency_phone") return held.council.emergency_phone;
  return {};
}

std::string msh(const AlertMessageSettings& s, std::string_view control_id, Time now) {
  const std::string type = "ADT^" + s.trigger + "^" + s.structure;
  std::string line = "MSH|^~\\&";
  for (const std::string& field :
       {s.sending_application, s.sending_facility, s.receiving_application, s.receiving_facility}) {
    line += "|" + escape(field, usual);
  }
  line += "|" + stamp(now) + "||" + type + "|" + escape(control_id, usual);
  return line + "|" + escape(s.processing_id, usual) + "|" + escape(s.version, usual) +
         "||||||UNICODE UTF-8\r";
}

std::string pid(const AdtEvent& attendance, bool with_name) {
  std::string ids;
  const auto add = [&](std::string_view value, std::string_view authority, std::string_view type) {
    if (!ids.empty()) ids += '~';
    ids += escape(value, usual) + "^^^" + escape(authority, usual) + "^" + escape(type, usual);
  };
  if (attendance.patient.nhs_number) add(attendance.patient.nhs_number->digits(), "NHS", "NH");
  std::size_t written = 0;
  for (const LocalIdentifier& id : attendance.patient.local_ids) {
    if (++written > local_ids_max) break;
    add(id.value, id.authority, id.type);
  }
  std::string name;
  if (with_name && !attendance.details.names.empty()) {
    const HumanName& first = attendance.details.names.front();
    name = escape(first.family, usual);
    if (!first.given.empty()) name += "^" + escape(first.given.front(), usual);
  }
  return "PID|1||" + ids + "||" + name + "\r";
}

std::string pv1(const AdtEvent& attendance) {
  if (!attendance.visit) return {};
  const VisitDetails& visit = *attendance.visit;
  std::string line = "PV1|1|" + escape(visit.class_as_sent, usual) + std::string(17, '|');
  line += escape(visit.number, usual);
  if (!visit.number_authority.empty()) line += "^^^" + escape(visit.number_authority, usual);
  return line + "\r";
}

class AlertWriter {
 public:
  AlertWriter(const AdtEvent& attendance, const AlertMessageSettings& settings,
              std::string_view control_id, Time now)
      : settings_{settings}, now_{now}, text_{msh(settings, control_id, now)} {
    text_ += "EVN|" + settings.trigger + "|" + stamp(now) + "\r";
    text_ += pid(attendance, settings.with_name) + pv1(attendance);
  }

  void add_plan(const HeldPlan& held) {
    ++number_;
    const Date today = london_date(now_);
    const ValueOf plan = [&](std::string_view name) { return plan_value(name, held, today); };
    const std::string wording = expand(settings_.record_wording, plan);
    for (const std::string& segment : settings_.segments) add_segment(segment, wording, plan);
  }

  // A segment of the first template that says something about the check and not about a plan.
  void add_words(const std::string& wording) {
    ++number_;
    const ValueOf none = [](std::string_view) { return std::string{}; };
    if (!settings_.segments.empty()) add_segment(settings_.segments.front(), wording, none);
  }

  std::string take() { return std::move(text_); }

 private:
  void add_segment(std::string_view segment, const std::string& wording, const ValueOf& plan) {
    text_ += expand(segment, [&](std::string_view name) -> std::string {
      if (name == "n") return std::to_string(number_);
      if (name == "wording") return escape(wording, usual);
      if (name == "checked") return stamp(now_);
      return escape(plan(name), usual);
    });
    text_ += '\r';
  }

  const AlertMessageSettings& settings_;
  Time now_;
  std::string text_;
  std::size_t number_ = 0;
};

}  // namespace

Findings check_templates(const AlertMessageSettings& settings) {
  Findings findings;
  const auto check = [&](std::string_view text, std::string field, bool is_segment) {
    const bool single_line = text.find_first_of("\r\n") == std::string_view::npos;
    if (is_segment && (!starts_segment(text, '|') || text.size() < 4 || !single_line)) {
      findings.push_back({Severity::error, "HL7-ALERT-1", {}, 0, field, "not one segment"});
    }
    walk(
        text, [](std::string_view) {},
        [&](std::string_view name) {
          for (const std::string_view known : known_names) {
            if (known == name) return;
          }
          findings.push_back({Severity::error,
                              "HL7-ALERT-2",
                              {},
                              0,
                              field,
                              "{" + std::string{name} + "} is not a name that is known"});
        });
  };
  for (const std::string& segment : settings.segments) check(segment, "segments", true);
  check(settings.record_wording, "record_wording", false);
  check(settings.not_asked_wording, "not_asked_wording", false);
  return findings;
}

std::optional<std::string> write_alert(const AdtEvent& attendance, const ProtectionAnswer& answer,
                                       const AlertMessageSettings& settings,
                                       std::string_view control_id, Time now) {
  AlertWriter writer{attendance, settings, control_id, now};
  if (const auto* record = std::get_if<ProtectionRecord>(&answer)) {
    if (record->plans.empty() && !record->incomplete) return std::nullopt;
    for (const HeldPlan& held : record->plans) writer.add_plan(held);
    if (record->incomplete) writer.add_words(settings.incomplete_wording);
    return writer.take();
  }
  if (std::holds_alternative<CouldNotAsk>(answer) && !settings.not_asked_wording.empty()) {
    writer.add_words(settings.not_asked_wording);
    return writer.take();
  }
  return std::nullopt;
}

}  // namespace cpis::hl7v2
