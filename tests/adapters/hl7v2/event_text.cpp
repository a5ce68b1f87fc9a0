#include "tests/adapters/hl7v2/event_text.h"

#include <array>
#include <string_view>

namespace cpis::test {
namespace {

constexpr std::array<std::string_view, 10> actions{
    "arrive",           "preadmit",      "update_visit", "discharge",  "cancel_arrival",
    "cancel_discharge", "update_person", "merge",        "move_visit", "none"};
constexpr std::array<std::string_view, 4> sexes{"unknown", "male", "female", "other"};
constexpr std::array<std::string_view, 9> classes{"unknown",    "emergency", "inpatient",
                                                  "outpatient", "preadmit",  "obstetrics",
                                                  "newborn",    "recurring", "waiting"};
constexpr std::array<std::string_view, 5> states{"unknown", "planned", "in_progress", "finished",
                                                 "cancelled"};
constexpr std::array<std::string_view, 4> severities{"information", "warning", "error", "fatal"};

template <class Words, class Value>
std::string word(const Words& words, Value value) {
  return std::string{words.at(static_cast<std::size_t>(value))};
}

class Dump {
 public:
  void line(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    text_ += std::string{label} + ": " + std::string{text} + "\n";
  }
  void flag(std::string_view label, bool value) {
    if (value) line(label, "yes");
  }
  void time(std::string_view label, const std::optional<Time>& time) {
    if (time) line(label, to_iso(*time));
  }
  void identity(std::string_view label, const PatientIdentity& who) {
    line(label, who.nhs_number ? who.nhs_number->digits() : "no NHS number");
    line("  status", who.nhs_number_status);
    flag("  ambiguous", who.nhs_number_ambiguous);
    for (const LocalIdentifier& id : who.local_ids) {
      line("  local", id.value + " | " + id.authority + " | " + id.type);
    }
  }
  void details(const PatientDetails& d) {
    for (const HumanName& name : d.names) {
      std::string text = name.family;
      for (const std::string& given : name.given) text += " | " + given;
      line("name", text + (name.prefix.empty() ? "" : " | " + name.prefix) +
                       (name.use.empty() ? "" : " (" + name.use + ")"));
    }
    if (d.birth_date) line("birth date", to_iso(*d.birth_date));
    flag("birth date estimated", d.birth_date_estimated);
    line("sex", word(sexes, d.sex));
    for (const Address& address : d.addresses) {
      std::string text;
      for (const std::string& part : address.lines) text += part + " | ";
      line("address", text + address.city + " | " + address.district + " | " + address.postcode +
                          " | " + address.country + " (" + address.use + ")");
    }
    for (const Telecom& t : d.telecoms) line("telecom", t.system + " " + t.value + " " + t.use);
    line("practice", d.gp_practice_ods);
    flag("deceased", d.deceased);
    time("died", d.died);
    flag("shielded", d.shielded);
    flag("shielding stated", d.shielding_stated);
  }
  void visit(const VisitDetails& v) {
    line("visit", v.number.empty() ? "no number" : v.number);
    line("  authority", v.number_authority);
    line("  class", word(classes, v.patient_class) + ", sent " + v.class_as_sent);
    line("  state", word(states, v.state));
    time("  started", v.started);
    time("  ended", v.ended);
    line("  location", v.location);
    line("  site", v.site_ods);
    line("  admission method", v.admission_method);
    line("  reason", v.reason);
    line("  arrival mode", v.arrival_mode);
    flag("  expectant mother", v.expectant_mother);
  }

  std::string text_;
};

}  // namespace

std::string event_text(const AdtEvent& event) {
  Dump dump;
  dump.line("action", word(actions, event.action) + " (" + event.trigger + ")");
  dump.line("control id", event.control_id);
  dump.line("sender", event.sender);
  dump.line("processing", event.processing_id);
  dump.line("organisation", event.organisation_ods);
  dump.time("occurred", event.occurred);
  if (event.recorded != event.occurred) dump.time("recorded", event.recorded);
  dump.identity("patient", event.patient);
  dump.details(event.details);
  if (event.visit) dump.visit(*event.visit);
  dump.line("previous visit number", event.previous_visit_number);
  for (const PatientIdentity& away : event.merged_away) dump.identity("merged away", away);
  for (const Merge& merge : event.further_merges) {
    dump.identity("further survivor", merge.survivor);
    for (const PatientIdentity& away : merge.merged_away) dump.identity("  merged away", away);
  }
  for (const std::string& path : event.cleared) dump.line("cleared", path);
  return dump.text_;
}

std::string findings_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += word(severities, finding.severity) + " " + finding.rule + " " + finding.field + ": " +
            finding.text + "\n";
  }
  return text;
}

}  // namespace cpis::test
