#include "gateway/usecases/moved_resources.h"

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"

namespace cpis::usecases {
namespace {

// The reader limits how deep a document is, and with it this.
bool move_references(fhir::Document& doc, const fhir::Element& within, std::string_view from,
                     std::string_view to) {
  bool moved = false;
  for (const fhir::Element& child : within.children()) {
    if (child.name() == "reference" && child.value() == from) {
      doc.set_value(doc.edit(child), to);
      moved = true;
    } else {
      moved = move_references(doc, child, from, to) || moved;
    }
  }
  return moved;
}

void forget_version(fhir::Document& doc) {
  const fhir::Element* const found = doc.root().first("meta");
  if (found == nullptr) return;
  fhir::Element& meta = doc.edit(*found);
  doc.remove_all(meta, "versionId");
  doc.remove_all(meta, "lastUpdated");
  if (!meta.has_children()) doc.remove(meta);
}

}  // namespace

std::string moved_resource(std::string_view body, std::string_view from, std::string_view to) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(body, doc, issues)) return {};
  const std::string old_reference = "Patient/" + std::string{from};
  const std::string new_reference = "Patient/" + std::string{to};
  if (!move_references(doc, doc.root(), old_reference, new_reference)) return {};
  forget_version(doc);
  return fhir::json::write(doc.root());
}

}  // namespace cpis::usecases
