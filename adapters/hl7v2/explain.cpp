#include "adapters/hl7v2/explain.h"

#include <array>
#include <cstddef>

#include "adapters/core/rules/visit_state.h"
#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/nhs_number_finder.h"
#include "adapters/hl7v2/understanding.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::array<std::string_view, 9> class_words{"not known",  "emergency", "inpatient",
                                                      "outpatient", "preadmit",  "obstetrics",
                                                      "newborn",    "recurring", "waiting list"};
constexpr std::array<std::string_view, 5> state_words{"not known", "planned", "in progress",
                                                      "finished", "cancelled"};
constexpr std::array<std::string_view, 4> sex_words{"not known", "male", "female", "other"};
constexpr std::array<std::string_view, 4> severity_words{"information", "warning", "error",
                                                         "refused"};
constexpr std::array<std::string_view, 10> action_words{
    "a visit begins",       "a visit is planned",   "a visit is restated",
    "a visit ends",         "a visit is cancelled", "a discharge is cancelled",
    "a person is restated", "persons become one",   "a visit moves to another person",
    "nothing is asked for"};

template <class Words, class Value>
std::string_view word(const Words& words, Value value) {
  return words[static_cast<std::size_t>(value)];
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

class Explainer {
 public:
  explicit Explainer(const ExplainSettings& settings) : settings_{settings} {}

  std::string run(std::string_view bytes) {
    Findings batch_findings;
    const Batch batch = split_batch(bytes, batch_findings);
    if (batch.has_envelope) line("batch", counted(batch.messages.size(), "message"));
    if (batch.messages.empty() && !batch.has_envelope) {
      message(bytes);
    } else {
      findings(batch_findings);
    }
    for (std::size_t i = 0; i < batch.messages.size(); ++i) {
      if (batch.messages.size() > 1) text_ += "message " + std::to_string(i + 1) + "\n";
      message(batch.messages[i]);
    }
    if (text_.empty()) line("input", "holds no message");
    return std::move(text_);
  }

 private:
  void line(std::string_view label, std::string_view text) {
    text_ += "  ";
    text_ += label;
    text_ += ": ";
    // What a sender wrote must not steer a terminal.
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) text_ += c;
    }
    text_ += '\n';
  }

  void message(std::string_view bytes) {
    const Understanding u = understand(bytes, settings_.feed);
    header(u);
    if (u.event) event(*u.event, *u.message);
    if (u.event && !settings_.mapping_files.empty()) mapping();
    if (u.message) {
      segments(*u.message);
      asked_paths(*u.message);
    }
    findings(u.findings);
  }

  void mapping() {
    std::string text = "the published tables";
    for (const std::string& file : settings_.mapping_files) text += ", then " + file;
    line("mapping", text);
  }

  static std::string or_not_sent(std::string_view value) {
    return std::string{value.empty() ? "not sent" : value};
  }

  void header(const Understanding& u) {
    const MessageHeader& h = u.header;
    if (!h.found) {
      line("message", "not HL7 v2: there is no MSH segment");
    } else {
      const std::string trigger = u.message ? trigger_of(*u.message) : std::string{h.trigger};
      const TriggerRule* rule = find_trigger(trigger);
      std::string text{h.type.empty() ? "type not sent" : h.type};
      if (!trigger.empty()) text += "^" + trigger;
      if (rule != nullptr && h.type == "ADT") text += " (" + std::string{rule->meaning} + ")";
      line("message", text + ", version " + or_not_sent(h.version));
      line("sender", std::string{h.sending_application} + "|" + std::string{h.sending_facility} +
                         ", control id " + or_not_sent(h.control_id));
      if (h.processing_id.starts_with('T') || h.processing_id.starts_with('D')) {
        line("note", "marked as a test or debugging message (MSH-11)");
      }
    }
    const auto code =
        ack_code(u.intake, h, settings_.feed.ack_mode, settings_.feed.reject_unsupported);
    line("answer once kept", code ? std::string{*code} : "none");
  }

  void event(const AdtEvent& event, const Message& message) {
    line("asks for", word(action_words, event.action));
    if (event.occurred) line("occurred", to_iso(*event.occurred));
    if (!event.organisation_ods.empty()) line("organisation", event.organisation_ods);
    patient(event, message);
    for (const PatientIdentity& away : event.merged_away) line("merged away", identity(away));
    for (const Merge& merge : event.further_merges) {
      line("further survivor", identity(merge.survivor));
      for (const PatientIdentity& away : merge.merged_away) line("merged away", identity(away));
    }
    if (!event.visit) return;
    visit(*event.visit, event.details.shielded);
    check(event);
  }

  std::string identity(const PatientIdentity& who) const {
    std::string text = "no NHS number";
    if (who.nhs_number_ambiguous) text = "two different NHS numbers";
    if (who.nhs_number) text = "NHS number " + shown_number(*who.nhs_number);
    if (!who.nhs_number_status.empty()) text += ", tracing status " + who.nhs_number_status;
    text += ", " + counted(who.local_ids.size(), "local identifier");
    if (!settings_.show_names) return text;
    for (const LocalIdentifier& id : who.local_ids) {
      text += "; " + id.value + " of " + (id.authority.empty() ? "no authority" : id.authority);
    }
    return text;
  }

  std::string shown_number(const NhsNumber& number) const {
    return settings_.show_names ? std::string{number.digits()} : number.masked();
  }

  void patient(const AdtEvent& event, const Message& message) {
    line("patient", identity(event.patient));
    if (event.patient.nhs_number) {
      constexpr std::array<std::size_t, 4> fields{3, 2, 4, 19};
      Findings unused;  // they are in the message's findings already
      const auto found = find_nhs_number(*message.find("PID"), fields, settings_.feed, unused);
      line("number found at", found.path);
    }
    const PatientDetails& details = event.details;
    if (settings_.show_names) {
      for (const HumanName& name : details.names) {
        std::string text = name.family;
        for (const std::string& given : name.given) text += ", " + given;
        line("name", name.use.empty() ? text : text + " (" + name.use + ")");
      }
      if (details.birth_date) line("born", to_iso(*details.birth_date));
    }
    line("age", age(event));
    line("sex", word(sex_words, details.sex));
    if (details.deceased) line("note", "deceased");
    if (details.shielded) line("note", "location is to be hidden");
  }

  std::optional<Date> today_for(const AdtEvent& event) const {
    if (settings_.today) return settings_.today;
    return event.occurred ? std::optional{london_date(*event.occurred)} : std::nullopt;
  }

  std::string age(const AdtEvent& event) const {
    const auto today = today_for(event);
    if (!event.details.birth_date || !today) return "not known";
    std::string text = std::to_string(age_on(*event.details.birth_date, *today));
    return event.details.birth_date_estimated ? text + " by a default or estimated date" : text;
  }

  void visit(const VisitDetails& visit, bool shielded) {
    const std::string sent =
        visit.class_as_sent.empty() ? "not sent" : "sent as " + visit.class_as_sent;
    line("class", std::string{word(class_words, visit.patient_class)} + " (" + sent + ")");
    line("visit number", visit.number.empty()   ? "not sent"
                         : settings_.show_names ? visit.number
                                                : "sent");
    if (visit.started) line("began", to_iso(*visit.started));
    if (visit.ended) line("ended", to_iso(*visit.ended));
    const bool hidden = shielded && !settings_.show_names;
    if (!visit.location.empty()) line("location", hidden ? "sent" : visit.location);
    if (!hidden) line("site", visit.site_ods.empty() ? "could not be told" : visit.site_ods);
    if (!visit.reason.empty()) line("reason", settings_.show_names ? visit.reason : "sent");
    if (visit.expectant_mother) line("note", "an expectant mother");
  }

  void check(const AdtEvent& event) {
    const VisitState state = rules::state_after(VisitState::unknown, event);
    line("state", word(state_words, state));
    const auto today = today_for(event);
    if (!today) {
      line("check", "cannot be told without a day");
      return;
    }
    line("check", rules::words_of(rules::who_is_checked(event.patient, event.details, *event.visit,
                                                        state, *today, settings_.check)));
  }

  void segments(const Message& message) {
    std::string names;
    for (std::size_t i = 0, alike = 1; i < message.segment_count(); i += alike, alike = 1) {
      const std::string_view name = message.segment(i).name();
      while (i + alike < message.segment_count() && message.segment(i + alike).name() == name) {
        ++alike;
      }
      if (!names.empty()) names += ' ';
      names += name;
      if (alike > 1) names += " (" + std::to_string(alike) + ")";
    }
    line("segments", names);
  }

  void asked_paths(const Message& message) {
    for (const Path& path : settings_.paths) {
      for (const std::string& text : values(message, path)) line(to_text(path), text);
    }
  }

  void findings(const Findings& findings) {
    for (const Finding& finding : findings) {
      std::string text = finding.rule;
      if (!finding.field.empty()) text += " at " + finding.field;
      line(word(severity_words, finding.severity), text + ": " + finding.text);
    }
  }

  const ExplainSettings& settings_;
  std::string text_;
};

}  // namespace

std::string explain(std::string_view bytes, const ExplainSettings& settings) {
  return Explainer{settings}.run(bytes);
}

}  // namespace cpis::hl7v2
