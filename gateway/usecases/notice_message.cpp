#include "gateway/usecases/notice_message.h"

#include "adapters/social_care/notice_csv.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"

namespace cpis::usecases {
namespace {

using fhir::Document;
using fhir::Element;
using fhir::Kind;

constexpr std::string_view nhs_number_system = "https://fhir.nhs.uk/Id/nhs-number";
constexpr std::string_view ods_system = "https://fhir.nhs.uk/Id/ods-organization-code";
constexpr std::string_view inactive_meaning =
    "The person's NHS number is no longer in use. Trace the person; never carry a plan over after "
    "an adoption.";

void add_identifier(Document& doc, Element& parent, std::string_view system,
                    std::string_view value) {
  Element& identifier = doc.append(parent, "identifier");
  doc.append(identifier, "system", system);
  doc.append(identifier, "value", value);
}

void add_organisation(Document& doc, Element& reference, std::string_view code,
                      std::string_view name) {
  doc.append(reference, "type", "Organization");
  add_identifier(doc, reference, ods_system, code);
  if (!name.empty()) doc.append(reference, "display", name);
}

std::string text_of(const NoticeEntry& entry) {
  const Caller& by = entry.access.by;
  std::string text = by.organisation_name + " (" + by.organisation_code + ')';
  for (const std::string* part : {&by.role_name, &by.person_name}) {
    if (!part->empty()) text += ", " + *part;
  }
  return text + ", at " + to_iso(entry.access.at) + ". " +
         std::string{social_care::access_notice_meaning};
}

Element& open_bundle(Document& doc, std::string_view id, Time created) {
  Element& bundle = doc.set_root("Bundle");
  Element& identifier = doc.append(bundle, "identifier");
  doc.append(identifier, "system", "urn:cpis-gateway:notice");
  doc.append(identifier, "value", id);
  doc.append(bundle, "type", "collection");
  doc.append(bundle, "timestamp", to_iso(created));
  return bundle;
}

// What all Communications of a council have in common.
struct Addressee {
  std::string_view code;
  std::string_view name;
  std::string_view route;
};

Element& add_communication(Document& doc, std::string_view id, const Addressee& to) {
  Element& entry = doc.append_item(doc.root(), "entry");
  doc.append(entry, "fullUrl", "urn:uuid:" + std::string{id});
  Element& one = doc.append_resource(entry, "resource", "Communication");
  Element& identifier = doc.append_item(one, "identifier");
  doc.append(identifier, "system", "urn:cpis-gateway:access");
  doc.append(identifier, "value", id);
  doc.append(one, "status", "completed");
  Element& category = doc.append_item(one, "category");
  Element& coding = doc.append_item(category, "coding");
  doc.append(coding, "system", "http://terminology.hl7.org/CodeSystem/communication-category");
  doc.append(coding, "code", "notification");
  doc.append(category, "text", to.route);
  doc.append(one, "priority", to.route == "office" ? "routine" : "urgent");
  return one;
}

void add_about(Document& doc, Element& one, const Addressee& to, std::string_view local_id) {
  if (local_id.empty()) return;
  Element& about = doc.append_item(one, "about");
  doc.append(about, "type", "Patient");
  add_identifier(doc, about, "urn:cpis-gateway:la-person-id:" + std::string{to.code}, local_id);
}

void add_payload(Document& doc, Element& one, std::string_view text) {
  doc.append(doc.append_item(one, "payload"), "contentString", text);
}

Element& open_json(Document& doc, std::string_view id, std::string_view kind, Time created,
                   const Addressee& to) {
  Element& root = doc.set_fragment("");
  doc.append(root, "notice", id);
  doc.append(root, "kind", kind);
  doc.append(root, "created", to_iso(created));
  doc.append(root, "council", to.code);
  doc.append(root, "route", to.route);
  return root;
}

std::string as_json(const AccessNotice& notice, const Addressee& to) {
  Document doc;
  Element& root = open_json(doc, notice.id, "access", notice.created, to);
  doc.append(root, "text", social_care::access_notice_meaning);
  for (const NoticeEntry& entry : notice.entries) {
    Element& row = doc.append_item(root, "accesses");
    doc.append(row, "id", entry.access.id);
    doc.append(row, "at", to_iso(entry.access.at));
    doc.append(row, "la_person_id", entry.local_id);
    doc.append(row, "nhs_number", entry.access.person.digits());
    doc.append(row, "organisation_code", entry.access.by.organisation_code);
    doc.append(row, "organisation", entry.access.by.organisation_name);
    doc.append(row, "role", entry.access.by.role_name);
    doc.append(row, "who", entry.access.by.person_name);
  }
  return fhir::json::write(doc.root());
}

}  // namespace

std::string_view content_type_of(NoticeBody body) {
  return body == NoticeBody::json ? "application/json" : "application/fhir+json";
}

std::string notice_text(const AccessNotice& notice, NoticeBody body, std::string_view route) {
  const Addressee to{notice.council_ods, notice.council_name, route};
  if (body == NoticeBody::json) return as_json(notice, to);
  Document doc;
  open_bundle(doc, notice.id, notice.created);
  for (const NoticeEntry& entry : notice.entries) {
    Element& one = add_communication(doc, entry.access.id, to);
    Element& subject = doc.append(one, "subject");
    doc.append(subject, "type", "Patient");
    add_identifier(doc, subject, nhs_number_system, entry.access.person.digits());
    add_about(doc, one, to, entry.local_id);
    doc.append(one, "sent", to_iso(notice.created));
    add_organisation(doc, doc.append_item(one, "recipient"), to.code, to.name);
    add_organisation(doc, doc.append(one, "sender"), entry.access.by.organisation_code,
                     entry.access.by.organisation_name);
    add_payload(doc, one, text_of(entry));
  }
  return fhir::json::write(doc.root());
}

std::string notice_text(const InactiveNotice& notice, NoticeBody body, std::string_view route) {
  const Addressee to{notice.council_ods, notice.council_name, route};
  Document doc;
  if (body == NoticeBody::json) {
    Element& root = open_json(doc, notice.id, "inactive-number", notice.created, to);
    doc.append(root, "text", inactive_meaning);
    for (const InactiveEntry& entry : notice.entries) {
      Element& row = doc.append_item(root, "numbers");
      doc.append(row, "la_person_id", entry.local_id);
      doc.append(row, "replaced", entry.replaced_by.empty() ? "false" : "true", Kind::boolean);
    }
    return fhir::json::write(doc.root());
  }
  open_bundle(doc, notice.id, notice.created);
  std::size_t number = 0;
  for (const InactiveEntry& entry : notice.entries) {
    Element& one = add_communication(doc, notice.id + '-' + std::to_string(++number), to);
    add_about(doc, one, to, entry.local_id);
    doc.append(one, "sent", to_iso(notice.created));
    add_organisation(doc, doc.append_item(one, "recipient"), to.code, to.name);
    add_payload(
        doc, one,
        std::string{inactive_meaning} + (entry.replaced_by.empty() ? " No replacement was given."
                                                                   : " There is a replacement."));
  }
  return fhir::json::write(doc.root());
}

}  // namespace cpis::usecases
