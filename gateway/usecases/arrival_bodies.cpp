#include "gateway/usecases/arrival_bodies.h"

#include <algorithm>
#include <utility>

#include "adapters/fhir_r4/attendance_reader.h"
#include "adapters/fhir_r4/systems.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"

namespace cpis::usecases {
namespace {

bool is_shield(const fhir::Element& label) {
  const std::string_view code = label.value_of("code");
  return label.value_of("system") == fhir_r4::systems::confidentiality &&
         (code == "R" || code == "V");
}

// The label that `old` has, or that of somebody who is shielded now.
void restrict_access(fhir::Document& doc, fhir::Element& meta, const fhir::Element* old) {
  const fhir::Element* const had = old == nullptr ? nullptr : old->first("meta");
  bool labelled = false;
  if (had != nullptr) {
    for (const fhir::Element& label : had->children("security")) {
      if (!is_shield(label)) continue;
      doc.clone(meta, label);
      labelled = true;
    }
  }
  if (labelled) return;
  fhir::Element& label = doc.append_item(meta, "security");
  doc.append(label, "system", fhir_r4::systems::confidentiality);
  doc.append(label, "code", "R");
  doc.append(label, "display", "restricted");
}

std::string hidden_patient(const fhir::Element& patient) {
  fhir::Document label;
  fhir::Element& root = label.set_root("Patient");
  label.append(root, "id", patient.value_of("id"));
  restrict_access(label, label.append(root, "meta"), &patient);
  fhir::Document hidden;
  fhir_r4::update_resource(hidden, root, patient, {{}, true});
  return fhir::json::write(hidden.root());
}

std::string hidden_encounter(const fhir::Element& encounter) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("Encounter");
  doc.append(root, "id", encounter.value_of("id"));
  fhir::Element& meta = doc.append(root, "meta");
  if (const fhir::Element* old = encounter.first("meta")) {
    for (const fhir::Element& child : old->children()) {
      const bool of_version = child.name() == "versionId" || child.name() == "lastUpdated";
      if (!of_version) doc.clone(meta, child);
    }
  }
  if (!is_restricted(encounter)) restrict_access(doc, meta, nullptr);
  for (const fhir::Element& child : encounter.children()) {
    const std::string_view name = child.name();
    if (name != "id" && name != "meta" && name != "location") doc.clone(root, child);
  }
  return fhir::json::write(root);
}

}  // namespace

bool is_restricted(const fhir::Element& resource) {
  return fhir_r4::read_details(resource).shielded;
}

std::string MessageBody::over(std::string_view kept) const {
  // The tables write in the order that an update writes in; the plain mapper does not.
  if (kept.empty() && in_order) return fresh;
  fhir::Document said;
  fhir::Issues issues;
  if (!fhir::json::read_view(fresh, said, issues)) return fresh;
  LaidOver laid;
  if (kept.empty()) {
    laid.kept.set_root(said.root().resource_type());
    fhir_r4::update_resource(laid.merged, said.root(), laid.kept.root(), retraction);
  } else if (!lay_over(laid, said.root(), std::string{kept}, retraction, states_shielding)) {
    return fresh;
  }
  return fhir::json::write(laid.merged.root());
}

bool lay_over(LaidOver& out, const fhir::Element& fresh, std::string kept,
              const fhir_r4::Retraction& retraction, bool states_shielding) {
  fhir::Issues issues;
  if (!fhir::json::read(std::move(kept), out.kept, issues)) return false;
  const fhir::Element& old = out.kept.root();
  if (retraction.shielded || states_shielding || !is_restricted(old)) {
    fhir_r4::update_resource(out.merged, fresh, old, retraction);
    return true;
  }
  fhir::Element& root = out.labelled.clone_root(fresh);
  restrict_access(out.labelled, out.labelled.get_or_append(root, "meta"), &old);
  fhir_r4::update_resource(out.merged, root, old, {retraction.cleared, true});
  return true;
}

std::string ended_relation(const fhir::Element& related, bool shielded) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("RelatedPerson");
  doc.append(root, "id", related.value_of("id"));
  fhir::Element& meta = doc.append(root, "meta");
  const fhir::Element* old = related.first("meta");
  if (old != nullptr && old->first("source") != nullptr) doc.clone(meta, *old->first("source"));
  if (shielded) restrict_access(doc, meta, nullptr);
  if (!meta.has_children()) doc.remove(meta);
  doc.append(root, "active", "false", fhir::Kind::boolean);
  for (const fhir::Element& child : related.children()) {
    const std::string_view name = child.name();
    const bool told = name == "id" || name == "meta" || name == "active";
    if (!told && (!shielded || name == "patient")) doc.clone(root, child);
  }
  return fhir::json::write(root);
}

std::string hidden_resource(std::string_view body) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(body, doc, issues)) return std::string{body};
  const std::string_view type = doc.root().resource_type();
  if (type == "Patient") return hidden_patient(doc.root());
  if (type == "Encounter") return hidden_encounter(doc.root());
  if (type == "RelatedPerson") return ended_relation(doc.root(), true);
  return std::string{body};
}

}  // namespace cpis::usecases
