#include "gateway/fhir_api/cds_cards.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/fhir_r4/plan_mapper.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/edge/ids.h"
#include "profiles/fhir/artefacts.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;

// A summary has fewer than 140 characters.
constexpr std::string_view held_summary = "A child protection record is held: ";
constexpr std::string_view unknown_summary =
    "The child protection check could not be completed: nothing is known";
constexpr std::string_view none_summary = "No child protection record is held now";
constexpr std::string_view none_detail =
    "CP-IS holds no plan that is shown for this person now. That says nothing about risk: go by "
    "what you see and hear, and follow local safeguarding procedures.";
constexpr std::string_view unknown_detail =
    "Do not take this for \"no record\". Ask again later, ask the council's children's services, "
    "or "
    "look in the national system.";
constexpr std::string_view incomplete_summary = "More is held about this person than could be read";

struct Reason {
  std::string_view code, display;
};
constexpr std::array reasons{
    Reason{"already-known", "I know of this record already"},
    Reason{"council-contacted", "The council has been contacted"},
    Reason{"other-person", "This is not about the person in front of me"},
    Reason{"not-relevant-now", "Not relevant to this contact"},
};

std::string fresh_uuid() {
  std::string id = random_uuid();
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return id;
}

// Names of councils are data: what markdown would take for its own is escaped.
std::string plain(std::string_view text) {
  constexpr std::string_view special = "\\`*_{}[]()<>#+-.!|~&";
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) continue;
    if (special.find(c) != special.npos) out += '\\';
    out += c;
  }
  return out;
}

Element& add_card(Document& doc, std::string_view indicator, std::string_view summary,
                  std::string_view detail) {
  Element& card = doc.append_item(doc.root(), "cards");
  doc.append(card, "uuid", fresh_uuid());
  doc.append(card, "summary", summary);
  doc.append(card, "detail", detail);
  doc.append(card, "indicator", indicator);
  Element& source = doc.append(card, "source");
  doc.append(source, "label", "Child Protection - Information Sharing (CP-IS)");
  doc.append(source, "url",
             "https://digital.nhs.uk/services/child-protection-information-sharing-project");
  Element& topic = doc.append(source, "topic");
  doc.append(topic, "system",
             std::string{profiles::canonical_base} + "/CodeSystem/cpis-card-topic");
  doc.append(topic, "code", "child-protection");
  doc.append(topic, "display", "Child protection");
  for (const Reason& reason : reasons) {
    Element& coding = doc.append_item(card, "overrideReasons");
    doc.append(coding, "system",
               std::string{profiles::canonical_base} + "/CodeSystem/cpis-override-reason");
    doc.append(coding, "code", reason.code);
    doc.append(coding, "display", reason.display);
  }
  return card;
}

std::string describe(const HeldPlan& held, Date today) {
  const Plan& plan = held.plan;
  std::string text =
      "- **" + std::string{words_of(plan.type).display} + "** from " + to_iso(plan.start.day);
  if (plan.end) {
    const bool ended = plan.type != PlanType::ucp && plan.end->day < today;
    text += (plan.type == PlanType::ucp ? ", expected delivery "
             : ended                    ? ", ended "
                                        : " to ") +
            to_iso(plan.end->day);
  }
  text +=
      "\n  - " + plain(held.council.name) + "\n  - office hours: " +
      (held.council.office_phone.empty() ? "not given" : plain(held.council.office_phone)) +
      "\n  - out of hours (emergency duty team): " +
      (held.council.emergency_phone.empty() ? "not given" : plain(held.council.emergency_phone)) +
      '\n';
  return text;
}

std::string summary_of(const ProtectionRecord& record) {
  std::string summary{held_summary};
  std::string_view last;
  for (const HeldPlan& held : record.plans) {
    const std::string_view kind = words_of(held.plan.type).code;
    const std::string_view words = words_of(held.plan.type).display;
    if (kind == last || summary.size() + words.size() + 2 >= 140) continue;
    if (summary.size() > held_summary.size()) summary += ", ";
    summary += words;
    last = kind;
  }
  return summary;
}

void add_record(Document& doc, const ProtectionRecord& record, std::string_view base, Date today) {
  if (!record.plans.empty()) {
    std::string detail;
    for (const HeldPlan& held : record.plans) detail += describe(held, today);
    Element& card = add_card(doc, "critical", summary_of(record), detail);
    for (const HeldPlan& held : record.plans) {
      Element& link = doc.append_item(card, "links");
      doc.append(link, "label", "Flag: " + std::string{words_of(held.plan.type).display});
      doc.append(link, "url", std::string{base} + "/Flag/" + std::string{fhir_r4::plan_id(held)});
      doc.append(link, "type", "absolute");
    }
  }
  if (record.incomplete || record.plans.empty()) {
    add_card(doc, "warning", incomplete_summary, unknown_detail);
  }
}

}  // namespace

const CdsService* find_cds_service(std::string_view id) {
  for (const CdsService& service : cds_services) {
    if (service.id == id) return &service;
  }
  return nullptr;
}

std::string cds_discovery() {
  Document doc;
  Element& root = doc.set_fragment("");
  for (const CdsService& service : cds_services) {
    Element& row = doc.append_item(root, "services");
    doc.append(row, "hook", service.hook);
    doc.append(row, "title", service.title);
    doc.append(row, "description", service.description);
    doc.append(row, "id", service.id);
    doc.append(doc.append(row, "prefetch"), "patient", "Patient/{{context.patientId}}");
    doc.append(row, "usageRequirements",
               "Each call is a look at the person's record, made in the name of the registered "
               "client: from unscheduled care it is recorded and told to the responsible council.");
  }
  return fhir::json::write(doc.root());
}

std::string cds_cards(const ProtectionAnswer& answer, std::string_view base, Date today) {
  Document doc;
  doc.set_fragment("");
  if (const auto* record = std::get_if<ProtectionRecord>(&answer)) {
    add_record(doc, *record, base, today);
  } else if (std::holds_alternative<NoneHeld>(answer)) {
    add_card(doc, "info", none_summary, none_detail);
  } else {
    add_card(doc, "warning", unknown_summary, unknown_detail);
  }
  return fhir::json::write(doc.root());
}

std::string cds_unasked_card(std::string_view why) {
  Document doc;
  doc.set_fragment("");
  add_card(doc, "warning", unknown_summary,
           std::string{why} + "\n\n" + std::string{unknown_detail});
  return fhir::json::write(doc.root());
}

}  // namespace cpis::fhir_api
