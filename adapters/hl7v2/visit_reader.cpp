#include "adapters/hl7v2/visit_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "adapters/hl7v2/code_tables.h"

namespace cpis::hl7v2 {
namespace {

void tell(Findings& findings, Severity severity, std::string_view rule, std::string_view field,
          std::string text) {
  findings.push_back({severity, std::string{rule}, {}, 0, std::string{field}, std::move(text)});
}

// The first repetition that says something: `~I` is sent for "second code only".
std::string first_text(const Field& field) {
  for (Repetitions all{field}; all.next();) {
    if (std::string text = (*all).text(1); !text.empty()) return text;
  }
  return {};
}

void read_class(const Field& pv1_2, const Field& location, const FeedSettings& settings,
                VisitDetails& visit, Findings& findings) {
  visit.class_as_sent = pv1_2.text();
  const auto local = settings.class_codes.find(visit.class_as_sent);
  const std::string_view code =
      local == settings.class_codes.end() ? std::string_view{visit.class_as_sent} : local->second;
  const auto known = patient_class_of(code);
  if (!known && !code.empty()) {
    tell(findings, Severity::warning, "HL7-PV1-2", "PV1-2",
         "a class without a meaning here; set it in the feed's class table");
  }
  visit.patient_class = known.value_or(PatientClass::unknown);
  if (visit.patient_class != PatientClass::unknown) return;
  const auto by_location = settings.class_by_location.find(location.text(1));
  if (by_location == settings.class_by_location.end()) return;
  visit.patient_class = patient_class_of(by_location->second).value_or(PatientClass::unknown);
}

std::optional<Time> read_visit_time(const Field& field, std::string_view path,
                                    const FeedSettings& settings, Findings& findings) {
  const std::string text = field.text();
  if (text.empty()) return std::nullopt;
  const auto time = read_time(text, settings.clocks);
  if (!time) tell(findings, Severity::warning, "HL7-TIME", path, "a time that cannot be read");
  return time;
}

// PL: point of care ^ room ^ bed, joined for display; PL-9 is the sender's own wording.
std::string display_location(const Repetition& pl) {
  if (std::string described = pl.text(9); !described.empty()) return described;
  std::string display;
  for (std::size_t place = 1; place <= 3; ++place) {
    const std::string text = pl.text(place);
    if (text.empty()) continue;
    if (!display.empty()) display += ", ";
    display += text;
  }
  return display;
}

std::string ods_from(const std::string& code, const FeedSettings& settings) {
  if (code.empty()) return {};
  const auto row = settings.site_codes.find(code);
  if (row != settings.site_codes.end()) return row->second;
  return looks_like_ods(code) ? code : std::string{};
}

// Facility of the location; then where else feeds put it: PV1-42, PL-11, PV1-39; then the site
// table by point of care, the feed's own site, and a sending facility that is spelt as a site.
std::string site_of(const Message& message, const Segment& pv1, const FeedSettings& settings) {
  const Repetition location = pv1.field(3).repetition(1);
  const std::array<std::string, 5> places{location.text(4), pv1.field(42).repetition(1).text(4),
                                          location.text(11), pv1.field(39).text(),
                                          location.component(4).sub(2)};
  for (const std::string& place : places) {
    if (std::string code = ods_from(place, settings); !code.empty()) return code;
  }
  const auto by_point_of_care = settings.site_codes.find(location.text(1));
  if (by_point_of_care != settings.site_codes.end()) return by_point_of_care->second;
  if (!settings.site_ods.empty()) return settings.site_ods;
  std::string facility = message.field("MSH", 4).text();
  return facility.size() == 5 && looks_like_ods(facility) ? facility : std::string{};
}

bool is_obstetric_diagnosis(std::string_view code) {
  // ICD-10 chapter XV and the Z codes for pregnancy; an O alone could be anything.
  const bool chapter_xv = code.size() >= 3 && code[0] == 'O' && code[1] >= '0' && code[1] <= '9';
  return chapter_xv || code.starts_with("Z33") || code.starts_with("Z34") ||
         code.starts_with("Z35");
}

bool has_obstetric_diagnosis(const Message& message) {
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    const Segment segment = message.segment(i);
    if (segment.name() != "DG1") continue;
    if (is_obstetric_diagnosis(in_capitals(segment.field(3).text(1)))) return true;
  }
  return false;
}

bool says_something(const std::optional<Segment>& segment) {
  if (!segment) return false;
  for (std::size_t n = 1; n <= segment->field_count(); ++n) {
    if (!segment->field(n).empty() && !segment->field(n).is_null()) return true;
  }
  return false;
}

// The hints of hl7v2.md 6.3: class B, admission methods 31 and 32, ambulatory status B6 (table
// 0009: pregnant), treatment functions 501 and 560, labour data (ZU6), maternity locations.
bool is_expectant_mother(const Message& message, const Segment& pv1, const VisitDetails& visit,
                         const PatientDetails& details, const FeedSettings& settings) {
  if (details.sex == Sex::male || visit.patient_class == PatientClass::newborn) return false;
  if (visit.patient_class == PatientClass::obstetrics) return true;
  if (visit.admission_method == "31" || visit.admission_method == "32") return true;
  const Field ambulatory = pv1.field(15);
  for (Repetitions all{ambulatory}; all.next();) {
    if ((*all).text(1) == "B6") return true;
  }
  const std::string function = pv1.field(10).text();
  if (function == "501" || function == "560") return true;
  const std::string point_of_care = pv1.field(3).text(1);
  if (std::find(settings.obstetric_locations.begin(), settings.obstetric_locations.end(),
                point_of_care) != settings.obstetric_locations.end()) {
    return true;
  }
  return says_something(message.find("ZU6")) || has_obstetric_diagnosis(message);
}

bool describes_a_visit(const VisitDetails& visit) {
  return !visit.number.empty() || visit.patient_class != PatientClass::unknown ||
         !visit.location.empty() || visit.started || visit.ended;
}

}  // namespace

std::optional<VisitDetails> read_visit(const Message& message, const PatientDetails& details,
                                       const FeedSettings& settings, Findings& findings) {
  const auto pv1 = message.find("PV1");
  if (!pv1) return std::nullopt;
  VisitDetails visit;
  read_class(pv1->field(2), pv1->field(3), settings, visit, findings);
  visit.number = value(message, settings.visit_number);
  visit.number_authority = pv1->field(19).text(4);
  visit.started = read_visit_time(pv1->field(44), "PV1-44", settings, findings);
  visit.ended = read_visit_time(pv1->field(45), "PV1-45", settings, findings);
  visit.location = display_location(pv1->field(3).repetition(1));
  visit.site_ods = site_of(message, *pv1, settings);
  visit.admission_method = first_text(pv1->field(4));
  const Field reason = message.field("PV2", 3);
  visit.reason = reason.text(2).empty() ? reason.text(1) : reason.text(2);
  visit.arrival_mode = message.field("PV2", 38).text();
  visit.expectant_mother = is_expectant_mother(message, *pv1, visit, details, settings);
  if (visit.started && visit.ended && *visit.ended < *visit.started) {
    tell(findings, Severity::warning, "HL7-PV1-45", "PV1-45", "the visit ends before it begins");
  }
  if (!describes_a_visit(visit)) return std::nullopt;
  return visit;
}

}  // namespace cpis::hl7v2
