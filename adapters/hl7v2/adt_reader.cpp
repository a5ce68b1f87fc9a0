#include "adapters/hl7v2/adt_reader.h"

#include <algorithm>
#include <array>
#include <string>

#include "adapters/hl7v2/code_tables.h"
#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/person_reader.h"
#include "adapters/hl7v2/visit_reader.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t pairs_max = 1000;  // PID and MRG pairs of one merge message

bool is_trigger(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 3 && text[0] == 'A' && digit(text[1]) && digit(text[2]);
}

bool wants_mrg(AdtAction action) {
  return action == AdtAction::merge || action == AdtAction::move_visit;
}

bool lists(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool accepts_version(std::string_view version, const FeedSettings& settings) {
  return settings.versions.empty() || lists(settings.versions, version);
}

// Null for an event that is not known or that this feed does not act on.
const TriggerRule* rule_acted_on(std::string_view trigger, const FeedSettings& settings) {
  const bool acted_on = settings.events.empty() || lists(settings.events, trigger);
  return acted_on ? find_trigger(trigger) : nullptr;
}

// Fields whose `""` means something to the reader of an event.
struct Clearable {
  std::string_view path;
  std::string_view segment;
  std::size_t field;
};
constexpr std::array<Clearable, 33> clearable{{
    {"PID-5", "PID", 5},   {"PID-6", "PID", 6},   {"PID-7", "PID", 7},   {"PID-8", "PID", 8},
    {"PID-11", "PID", 11}, {"PID-13", "PID", 13}, {"PID-15", "PID", 15}, {"PID-16", "PID", 16},
    {"PID-22", "PID", 22}, {"PID-23", "PID", 23}, {"PID-24", "PID", 24}, {"PID-25", "PID", 25},
    {"PID-29", "PID", 29}, {"PID-30", "PID", 30}, {"PD1-3", "PD1", 3},   {"PD1-4", "PD1", 4},
    {"PV1-3", "PV1", 3},   {"PV1-4", "PV1", 4},   {"PV1-5", "PV1", 5},   {"PV1-7", "PV1", 7},
    {"PV1-8", "PV1", 8},   {"PV1-9", "PV1", 9},   {"PV1-10", "PV1", 10}, {"PV1-13", "PV1", 13},
    {"PV1-14", "PV1", 14}, {"PV1-17", "PV1", 17}, {"PV1-36", "PV1", 36}, {"PV1-44", "PV1", 44},
    {"PV1-45", "PV1", 45}, {"PV1-50", "PV1", 50}, {"PV2-3", "PV2", 3},   {"PV2-25", "PV2", 25},
    {"PV2-38", "PV2", 38},
}};

class AdtReader {
 public:
  AdtReader(const Message& message, const FeedSettings& settings, Findings& findings)
      : message_{message}, settings_{settings}, findings_{findings} {}

  std::optional<AdtEvent> read() {
    if (!is_accepted()) return std::nullopt;
    read_envelope();
    const auto pid = message_.find("PID");
    if (!pid) return refuse("HL7-PID-1", "PID", "there is no PID segment");
    event_.patient = read_identity(message_, *pid, settings_, findings_);
    event_.details = read_details(message_, *pid, sent_ ? std::optional{sent_->at} : std::nullopt,
                                  settings_, findings_);
    read_visit_of_event();
    if (!is_identified(event_.patient)) {
      // Somebody is in the department all the same: the visit is kept, and a person has to look.
      if (!event_.visit || event_.visit->number.empty()) {
        return refuse("HL7-PID-3", "PID-3", "no usable identifier; the message names nobody");
      }
      tell(Severity::error, "HL7-PID-3b", "PID-3",
           "no usable identifier; only the visit number tells whom this is about");
    }
    if (!read_merges()) return std::nullopt;
    read_cleared();
    tell_of_what_was_left_out(*pid);
    return std::move(event_);
  }

 private:
  static bool is_identified(const PatientIdentity& identity) {
    return identity.nhs_number || identity.nhs_number_ambiguous || !identity.local_ids.empty();
  }

  std::optional<AdtEvent> refuse(std::string_view rule, std::string_view field, std::string text) {
    tell(Severity::fatal, rule, field, std::move(text));
    return std::nullopt;
  }

  void tell(Severity severity, std::string_view rule, std::string_view field, std::string text) {
    findings_.push_back({severity, std::string{rule}, {}, 0, std::string{field}, std::move(text)});
  }

  bool is_accepted() {
    const MessageHeader& header = message_.header();
    if (in_capitals(header.type) != "ADT") {
      tell(Severity::error, "HL7-MSH-9a", "MSH-9", "not an ADT message; nothing is done with it");
      return false;
    }
    if (!accepts_version(header.version, settings_)) {
      tell(Severity::error, "HL7-MSH-12", "MSH-12", "a version this feed does not accept");
      return false;
    }
    event_.trigger = trigger_of(message_);
    rule_ = rule_acted_on(event_.trigger, settings_);
    if (rule_ == nullptr) {
      tell(Severity::error, "HL7-MSH-9b", "MSH-9", "an event that this feed does not act on");
      return false;
    }
    event_.action = rule_->action;
    return true;
  }

  void read_envelope() {
    const MessageHeader& header = message_.header();
    // From the decoded text and not from the header's bytes: an event is UTF-8 throughout.
    event_.control_id = without_controls(message_.field("MSH", 10).raw());
    event_.processing_id = message_.field("MSH", 11).text();
    event_.sender = without_controls(message_.field("MSH", 3).raw());
    event_.sender += '|';
    event_.sender += without_controls(message_.field("MSH", 4).raw());
    event_.organisation_ods = organisation();
    sent_ = stated_time("MSH", 7);
    auto recorded = stated_time("EVN", 2);
    if (!recorded) recorded = sent_;
    if (recorded) {
      event_.recorded = recorded->at;
      event_.recorded_is_exact = recorded->exact;
    }
    event_.takes_back = takes_back(event_.trigger);
    if (const auto at = occurred()) {
      event_.occurred = at->at;
      event_.occurred_is_exact = at->exact;
    }
    if (header.control_id.empty()) {
      tell(Severity::warning, "HL7-MSH-10", "MSH-10", "no control id; a re-send cannot be told");
    }
    if (!event_.occurred) {
      tell(Severity::warning, "HL7-EVN-2", "EVN-2",
           "no readable time in EVN-6, EVN-2 or MSH-7; late messages cannot be told");
    }
  }

  std::string organisation() const {
    const std::string facility = message_.field("MSH", 4).text();
    const auto row = settings_.organisation_codes.find(facility);
    if (row != settings_.organisation_codes.end()) return row->second;
    if (!looks_like_ods(facility)) return settings_.organisation_ods;
    // A site of a trust is the trust's three characters and two of its own.
    return facility.size() == 5 && facility[0] == 'R' ? facility.substr(0, 3) : facility;
  }

  std::optional<StatedTime> stated_time(std::string_view segment, std::size_t field) const {
    return read_stated_time(message_.field(segment, field).text(), settings_.clocks);
  }

  // A day without a time of day orders nothing.
  std::optional<StatedTime> occurred() {
    const std::array<std::optional<StatedTime>, 3> in_turn{readable_time("EVN", 6),
                                                           readable_time("EVN", 2), sent_};
    for (const auto& time : in_turn) {
      if (time && time->time_of_day) return time;
    }
    const auto any = std::find_if(in_turn.begin(), in_turn.end(),
                                  [](const auto& time) { return time.has_value(); });
    return any == in_turn.end() ? std::nullopt : *any;
  }

  std::optional<StatedTime> readable_time(std::string_view segment, std::size_t field) {
    auto time = stated_time(segment, field);
    if (!time && !message_.field(segment, field).text().empty()) {
      tell(Severity::information, "HL7-TIME", std::string{segment} + '-' + std::to_string(field),
           "a time that cannot be read");
    }
    return time;
  }

  void read_visit_of_event() {
    event_.visit = read_visit(message_, event_.details, settings_, findings_);
    const bool about_a_visit = event_.action != AdtAction::update_person &&
                               event_.action != AdtAction::merge &&
                               event_.action != AdtAction::none;
    if (event_.visit && !about_a_visit && event_.visit->number.empty()) event_.visit.reset();
    if (!event_.visit) {
      if (about_a_visit) {
        tell(Severity::error, "HL7-PV1-1", "PV1", "the event is about a visit and describes none");
      }
      return;
    }
    event_.visit->state = rule_->state;
    if (event_.action == AdtAction::arrive) {
      const PatientClass patient_class = event_.visit->patient_class;
      const bool only_planned =
          patient_class == PatientClass::preadmit || patient_class == PatientClass::waiting;
      if (only_planned) event_.visit->state = VisitState::planned;
      if (event_.visit->ended) event_.visit->state = VisitState::finished;
    }
    if (event_.action == AdtAction::cancel_discharge) event_.visit->ended.reset();
    if (event_.action == AdtAction::discharge && !event_.visit->ended) {
      event_.visit->ended = event_.occurred;
    }
  }

  // PID [PD1] MRG, repeated: each MRG names whom the PID before it survives.
  bool read_merges() {
    if (!wants_mrg(event_.action)) return true;
    std::optional<PatientIdentity> survivor;
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < message_.segment_count(); ++i) {
      const Segment segment = message_.segment(i);
      if (segment.name() == "PID") {
        // The first PID was read already.
        survivor =
            survivor ? read_identity(message_, segment, settings_, findings_) : event_.patient;
      } else if (segment.name() == "MRG" && survivor) {
        if (++pairs > pairs_max) {
          tell(Severity::error, "HL7-MRG-3", "MRG", "more pairs than the limit were not used");
          break;
        }
        take_pair(*survivor, segment);
      }
    }
    if (event_.merged_away.empty() && event_.further_merges.empty() &&
        event_.previous_visit_number.empty()) {
      refuse("HL7-MRG-1", "MRG-1", "a merge that does not say who is merged");
      return false;
    }
    return true;
  }

  void take_pair(const PatientIdentity& survivor, const Segment& mrg) {
    if (event_.action == AdtAction::move_visit && event_.previous_visit_number.empty()) {
      event_.previous_visit_number = mrg.field(5).text();
    }
    PatientIdentity away = read_merged_away(mrg, survivor, settings_, findings_);
    if (!is_identified(away) || !is_identified(survivor)) {
      tell(Severity::error, "HL7-MRG-2", "MRG-1", "a pair without identifiers was not used");
      return;
    }
    if (survivor == event_.patient) {
      event_.merged_away.push_back(std::move(away));
      return;
    }
    const auto known = std::find_if(event_.further_merges.begin(), event_.further_merges.end(),
                                    [&](const Merge& merge) { return merge.survivor == survivor; });
    if (known != event_.further_merges.end()) {
      known->merged_away.push_back(std::move(away));
    } else {
      event_.further_merges.push_back({survivor, {std::move(away)}});
    }
  }

  void read_cleared() {
    // Most messages take nothing back.
    if (message_.text().find("\"\"") == std::string_view::npos) return;
    for (const Clearable& each : clearable) {
      if (message_.field(each.segment, each.field).is_null()) {
        event_.cleared.emplace_back(each.path);
      }
    }
  }

  void tell_of_what_was_left_out(const Segment& pid) {
    for (const std::size_t field : {3U, 5U, 11U, 13U}) {
      if (pid.field(field).size() <= Repetitions::read_max) continue;
      tell(Severity::warning, "HL7-PID-4", "PID-" + std::to_string(field),
           "more repetitions than the limit were not read");
    }
    // The second patient of an A17 is read for itself (further_parts).
    const bool pairs = event_.action == AdtAction::merge || event_.trigger == "A17";
    if (pairs || message_.count("PID") < 2) return;
    tell(Severity::information, "HL7-PID-2", "PID(2)",
         "a second patient in the message was not read");
  }

  const Message& message_;
  const FeedSettings& settings_;
  Findings& findings_;
  AdtEvent event_;
  const TriggerRule* rule_ = nullptr;
  std::optional<StatedTime> sent_;
};

}  // namespace

std::string trigger_of(const Message& message) {
  const MessageHeader& header = message.header();
  if (!header.trigger.empty()) return in_capitals(header.trigger);
  std::string event = message.field("EVN", 1).text();
  if (is_trigger(event)) return event;
  const std::string_view structure = header.structure;  // ADT_A01
  if (structure.starts_with("ADT_") && is_trigger(structure.substr(4))) {
    return std::string{structure.substr(4)};
  }
  return {};
}

std::vector<std::string> further_parts(const Message& message) {
  const std::string trigger = trigger_of(message);
  // The segment that begins each part: with the first one the message is read as it stands.
  const std::string_view begins = trigger == "A17"                       ? "PID"
                                  : trigger == "A44" || trigger == "A45" ? "MRG"
                                                                         : "";
  std::vector<std::string> parts;
  if (begins.empty() || message.count(begins) < 2) return parts;
  std::string front;
  std::size_t part = 0;
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    const Segment segment = message.segment(i);
    if (segment.name() == begins && ++part > 1) {
      if (part > pairs_max) break;
      parts.push_back(front);
    }
    std::string* const text = part == 0 ? &front : part == 1 ? nullptr : &parts.back();
    if (text != nullptr) text->append(segment.raw()) += '\r';
  }
  return parts;
}

bool is_surely_an_event(const MessageHeader& header, const Field& pid_3,
                        const FeedSettings& settings) {
  if (header.type != "ADT" || !accepts_version(header.version, settings)) return false;
  const TriggerRule* const rule = rule_acted_on(header.trigger, settings);
  return rule != nullptr && !wants_mrg(rule->action) && surely_identifies(pid_3, settings);
}

std::optional<AdtEvent> read_adt(const Message& message, const FeedSettings& settings,
                                 Findings& findings) {
  return AdtReader{message, settings, findings}.read();
}

}  // namespace cpis::hl7v2
