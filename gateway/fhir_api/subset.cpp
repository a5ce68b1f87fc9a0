#include "gateway/fhir_api/subset.h"

#include <algorithm>
#include <vector>

#include "fhir/definitions/definitions.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;
using fhir::Field;
using fhir::TypeKind;
using fhir::TypeTable;

struct Cut {
  Document& doc;
  const Wishes& wishes;
  const TypeTable& types;

  bool listed(const Element& resource, const Field& field) const {
    return std::any_of(wishes.elements.begin(), wishes.elements.end(), [&](std::string_view name) {
      const std::size_t dot = name.find('.');
      if (dot != name.npos && name.substr(0, dot) != resource.resource_type()) return false;
      return name.substr(dot == name.npos ? 0 : dot + 1) == field.name;
    });
  }

  bool stays(const Element& resource, const Element& child, const Field& field, bool top) const {
    const std::string_view name = child.name();
    if (name == "id" || name == "meta") return true;
    const bool needed = field.element->min > 0 || field.element->is_modifier;
    if (!wishes.elements.empty()) return !top || needed || listed(resource, field);
    switch (wishes.summary) {
      case Summary::text:
        return name == "text" || (top ? field.element->min > 0 : true);
      case Summary::data:
        return name != "text";
      case Summary::on:
        return field.element->is_summary || field.element->min > 0;
      default:
        return true;
    }
  }

  void cut(const Element& resource, const Element& parent, fhir::Schema::TypeId type, bool top) {
    std::vector<const Element*> gone;
    for (const Element& child : parent.children()) {
      const Field* field = types.field(type, child.name());
      if (field == nullptr) continue;
      if (!stays(resource, child, *field, top)) {
        gone.push_back(&child);
        continue;
      }
      const bool deeper = wishes.summary == Summary::on && !child.primitive();
      const auto member = deeper ? types.member(type, child.name()) : std::nullopt;
      if (member && member->type != fhir::Schema::no_type &&
          types.info(member->type).kind == TypeKind::backbone) {
        cut(resource, child, member->type, false);
      }
    }
    for (const Element* child : gone) doc.remove(doc.edit(*child));
  }

  void mark(Element& resource) {
    Element& tag = doc.append_item(doc.get_or_append(resource, "meta"), "tag");
    doc.append(tag, "system", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue");
    doc.append(tag, "code", "SUBSETTED");
    doc.append(tag, "display", "subsetted");
  }

  void apply(Element& resource) {
    const auto type = types.resource(resource.resource_type());
    if (type == fhir::Schema::no_type || resource.resource_type() == "OperationOutcome") return;
    cut(resource, resource, type, true);
    mark(resource);
  }
};

}  // namespace

void keep_only(Document& doc, const Wishes& wishes) {
  Cut cut{doc, wishes, fhir::Definitions::r4().types()};
  Element& root = doc.root();
  if (root.resource_type() != "Bundle") return cut.apply(root);
  if (wishes.summary == Summary::count) return doc.remove_all(root, "entry");
  for (const Element& entry : root.children("entry")) {
    const Element* resource = entry.first("resource");
    const Element* search = entry.first("search");
    // _elements is about matches; what was included is shown whole.
    const bool is_match = search == nullptr || search->value_of("mode") == "match";
    if (resource == nullptr || (!wishes.elements.empty() && !is_match)) continue;
    cut.apply(doc.edit(*resource));
  }
}

}  // namespace cpis::fhir_api
