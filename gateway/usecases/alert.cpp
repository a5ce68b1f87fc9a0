#include "gateway/usecases/alert.h"

#include <array>

#include "adapters/fhir_r4/outcome_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"

namespace cpis::usecases {
namespace {

constexpr std::array<std::string_view, 3> kinds{"record-held", "could-not-ask", "needs-review"};

fhir::Element& add_entry(fhir::Document& doc, std::string_view type, std::string_view id) {
  fhir::Element& entry = doc.append_item(doc.root(), "entry");
  doc.append(entry, "fullUrl", "urn:cpis-gateway:" + std::string{type} + ':' + std::string{id});
  return doc.append_resource(entry, "resource", type);
}

void add_encounter(fhir::Document& doc, std::string_view id, std::string_view body) {
  fhir::Document encounter;
  fhir::Issues issues;
  if (body.empty() || !fhir::json::read_view(body, encounter, issues)) return;
  fhir::Element& entry = doc.append_item(doc.root(), "entry");
  doc.append(entry, "fullUrl", "urn:cpis-gateway:Encounter:" + std::string{id});
  doc.clone(entry, encounter.root(), "resource");
}

void add_plans(fhir::Document& doc, const ProtectionRecord& record, Date today) {
  for (const HeldPlan& held : record.plans) {
    const std::string_view id = fhir_r4::plan_id(held);
    fhir_r4::write_flag(doc, add_entry(doc, "Flag", id), held, today);
    fhir_r4::write_care_plan(doc, add_entry(doc, "CarePlan", id), held, today);
    fhir_r4::write_care_team(doc, add_entry(doc, "CareTeam", id), held, today);
    fhir_r4::write_council(doc, add_entry(doc, "Organization", held.council.ods_code),
                           held.council);
  }
}

constexpr std::string_view incomplete_words =
    "More is held about this person than is shown here: something that is held could not be read. "
    "Ask the council, or look in the national system.";

void add_warning(fhir::Document& doc, std::string_view id, std::string_view code,
                 std::string diagnostics) {
  fhir::Element& outcome = add_entry(doc, "OperationOutcome", id);
  fhir_r4::OutcomeIssue issue;
  issue.severity = "warning";
  issue.code = code;
  issue.diagnostics = std::move(diagnostics);
  fhir_r4::add_issue(doc, outcome, issue);
}

}  // namespace

std::string_view words_of(AlertKind kind) {
  constexpr std::array<std::string_view, 3> words{
      "A child protection record is held for the person who has arrived.",
      "The child protection check could not be completed. Nothing is known about this person.",
      "This person could not be checked automatically. Somebody has to look.",
  };
  return words[static_cast<std::size_t>(kind)];
}

std::string alert_bundle(AlertKind kind, const AttendanceState& attendance,
                         const ProtectionRecord* record, std::string_view why,
                         std::string_view encounter_body, Time now) {
  fhir::Document doc;
  fhir::Element& bundle = doc.set_root("Bundle");
  fhir::Element& identifier = doc.append(bundle, "identifier");
  doc.append(identifier, "system", "urn:cpis-gateway:alert");
  doc.append(identifier, "value",
             std::string{kinds[static_cast<std::size_t>(kind)]} + ':' + attendance.id);
  doc.append(bundle, "type", "collection");
  doc.append(bundle, "timestamp", to_iso(now));
  if (record != nullptr) add_plans(doc, *record, london_date(now));
  if (kind != AlertKind::record_held) {
    add_warning(doc, attendance.id, kind == AlertKind::could_not_ask ? "transient" : "incomplete",
                std::string{words_of(kind)} + ' ' + std::string{why});
  }
  if (record != nullptr && record->incomplete) {
    add_warning(doc, attendance.id, "incomplete", std::string{incomplete_words});
  }
  add_encounter(doc, attendance.id, encounter_body);
  return fhir::json::write(doc.root());
}

std::string alert_line(AlertKind kind, const AttendanceState& attendance,
                       const ProtectionRecord* record, std::string_view why, Time now) {
  fhir::Document doc;
  fhir::Element& line = doc.set_fragment("");
  doc.append(line, "time", to_iso(now));
  doc.append(line, "alert", kinds[static_cast<std::size_t>(kind)]);
  doc.append(line, "text", words_of(kind));
  doc.append(line, "encounter", attendance.id);
  doc.append(line, "patient", attendance.patient_id);
  doc.append(line, "feed", attendance.feed);
  if (!why.empty()) doc.append(line, "reason", why);
  if (record != nullptr && record->incomplete) doc.append(line, "incomplete", incomplete_words);
  if (record != nullptr) {
    for (const HeldPlan& held : record->plans) {
      fhir::Element& plan = doc.append_item(line, "plans");
      doc.append(plan, "type", words_of(held.plan.type).code);
      doc.append(plan, "display", words_of(held.plan.type).display);
      doc.append(plan, "start", to_iso(held.plan.start.day));
      if (held.plan.end) doc.append(plan, "end", to_iso(held.plan.end->day));
      doc.append(plan, "council", held.council.name);
      doc.append(plan, "office_phone", held.council.office_phone);
      doc.append(plan, "emergency_phone", held.council.emergency_phone);
    }
  }
  return fhir::json::write(doc.root()) + '\n';
}

}  // namespace cpis::usecases
