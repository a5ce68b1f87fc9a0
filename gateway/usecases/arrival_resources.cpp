#include "gateway/usecases/arrival_resources.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/fhir_r4/resource_update.h"
#include "adapters/fhir_r4/systems.h"
#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/message_fields.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/usecases/moved_resources.h"
#include "profiles/v2_to_fhir/v2_tables.h"

namespace cpis::usecases {
namespace {

// What a message says of somebody's health is converted on request and not kept here.
constexpr std::array<std::string_view, 5> not_kept{"AllergyIntolerance", "Condition", "Observation",
                                                   "Procedure", "Provenance"};
constexpr std::string_view message_system = "urn:cpis-gateway:message";

bool of_person(std::string_view type) { return type == "RelatedPerson" || type == "Coverage"; }

ResourceBody* find(std::vector<ResourceBody>& resources, std::string_view type,
                   std::string_view id) {
  const auto found =
      std::find_if(resources.rbegin(), resources.rend(),
                   [&](const ResourceBody& one) { return one.id == id && one.type == type; });
  return found == resources.rend() || id.empty() ? nullptr : &*found;
}

const PatientState& state_of(const AdmissionChanges& changes, std::string_view id) {
  static const PatientState nobody;
  const auto found = std::find_if(changes.patients.rbegin(), changes.patients.rend(),
                                  [&](const PatientState& one) { return one.id == id; });
  return found == changes.patients.rend() ? nobody : *found;
}

// The event with what is known beside it: the mapping must say what the rules decided by.
AdtEvent settled(const Arrival& arrival, const AdmissionChanges& changes) {
  AdtEvent event = arrival.event;
  const PatientState& patient = state_of(changes, changes.patient_id);
  event.patient.nhs_number = patient.nhs_number;
  event.details.birth_date = patient.birth_date;
  event.details.shielded = patient.shielded;
  if (event.organisation_ods.empty()) event.organisation_ods = arrival.feed.organisation_ods;
  const auto visit =
      std::find_if(changes.attendances.begin(), changes.attendances.end(),
                   [&](const AttendanceState& one) { return one.id == changes.encounter_id; });
  if (!event.visit || visit == changes.attendances.end()) {
    event.visit.reset();
    return event;
  }
  event.visit->state = visit->state;
  event.visit->patient_class = visit->patient_class;
  event.visit->started = visit->started;
  return event;
}

std::string feed_uri(std::string_view feed) { return "urn:cpis-gateway:feed:" + std::string{feed}; }

// The resource with `meta.source`, so that a sender's next of kin can be told from another's.
std::string with_source(const fhir::Element& resource, std::string_view source) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root(resource.resource_type());
  doc.append(root, "id", resource.value_of("id"));
  doc.append(doc.append(root, "meta"), "source", source);
  for (const fhir::Element& child : resource.children()) {
    if (child.name() != "id" && child.name() != "meta") doc.clone(root, child);
  }
  return fhir::json::write(root);
}

// Somebody who was named before and is not any more. Of a shielded person's kin nothing is left
// but that there was one.
std::string ended(const fhir::Element& related, bool shielded) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("RelatedPerson");
  doc.append(root, "id", related.value_of("id"));
  fhir::Element& meta = doc.append(root, "meta");
  const fhir::Element* old = related.first("meta");
  if (old != nullptr && old->first("source") != nullptr) doc.clone(meta, *old->first("source"));
  if (shielded) {
    fhir::Element& label = doc.append_item(meta, "security");
    doc.append(label, "system", fhir_r4::systems::confidentiality);
    doc.append(label, "code", "R");
    doc.append(label, "display", "restricted");
  }
  if (!meta.has_children()) doc.remove(meta);
  doc.append(root, "active", "false", fhir::Kind::boolean);
  for (const fhir::Element& child : related.children()) {
    const std::string_view name = child.name();
    const bool told = name == "id" || name == "meta" || name == "active";
    if (!told && (!shielded || name == "patient")) doc.clone(root, child);
  }
  return fhir::json::write(root);
}

// What is known of somebody who now turns out to be shielded.
std::string without_place_and_kin(const std::string& body) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(body, doc, issues)) return body;
  const std::string_view type = doc.root().resource_type();
  if (type == "RelatedPerson") return ended(doc.root(), true);
  if (type == "Encounter") doc.remove_all(doc.root(), "location");
  return fhir::json::write(doc.root());
}

ResourceBody provenance_of(const Arrival& arrival, const std::string& id,
                           const std::vector<ResourceBody>& about) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("Provenance");
  doc.append(root, "id", id);
  for (const ResourceBody& one : about) {
    doc.append(doc.append_item(root, "target"), "reference", one.type + '/' + one.id);
  }
  if (arrival.event.occurred) {
    doc.append(root, "occurredDateTime", to_iso(*arrival.event.occurred));
  }
  doc.append(root, "recorded", to_iso(arrival.now));
  fhir::Element& agent = doc.append_item(root, "agent");
  fhir::Element& author = doc.append_item(doc.append(agent, "type"), "coding");
  doc.append(author, "system", "http://terminology.hl7.org/CodeSystem/provenance-participant-type");
  doc.append(author, "code", "author");
  doc.append(author, "display", "Author");
  fhir::Element& who = doc.append(agent, "who");
  const std::string& organisation = arrival.event.organisation_ods.empty()
                                        ? arrival.feed.organisation_ods
                                        : arrival.event.organisation_ods;
  const auto sender = std::find_if(about.begin(), about.end(), [&](const ResourceBody& one) {
    return one.type == "Organization" && one.id == organisation;
  });
  if (sender != about.end()) doc.append(who, "reference", "Organization/" + sender->id);
  doc.append(who, "display", arrival.feed_name);
  fhir::Element& entity = doc.append_item(root, "entity");
  doc.append(entity, "role", "source");
  fhir::Element& identifier = doc.append(doc.append(entity, "what"), "identifier");
  doc.append(identifier, "system", message_system);
  doc.append(identifier, "value", std::to_string(arrival.message_id));
  return {"Provenance", id, fhir::json::write(root)};
}

}  // namespace

Status ArrivalResources::open() {
  for (const profiles::V2Table& table : profiles::v2_tables()) {
    if (const Status added = tables_.add(table.json); !added) return added;
  }
  return done;
}

std::string ArrivalResources::known_body(std::string_view type, std::string_view id) const {
  const auto written = pending_.find(std::string{type} + '/' + std::string{id});
  if (written != pending_.end()) return written->second;
  const auto entry = book_.find(type, id);
  return entry ? entry->body : std::string{};
}

bool ArrivalResources::is_known(const ResourceBody& resource) const {
  const auto written = pending_.find(resource.type + '/' + resource.id);
  if (written != pending_.end()) return written->second == resource.body;
  const auto entry = book_.find(resource.type, resource.id);
  return entry &&
         entry->body == resources::with_version(resource.body, entry->version, entry->updated);
}

void ArrivalResources::update(const Arrival& arrival, bool shielded, ResourceBody& resource) const {
  const std::string known = known_body(resource.type, resource.id);
  // The tables write in the order that an update writes in; the plain mapper does not.
  if (known.empty() && companions_) return;
  fhir::Document old;
  fhir::Document fresh;
  fhir::Issues issues;
  if (known.empty()) {
    old.set_root(resource.type);
  } else if (!fhir::json::read_view(known, old, issues)) {
    return;
  }
  if (!fhir::json::read_view(resource.body, fresh, issues)) return;
  fhir::Document merged;
  fhir_r4::update_resource(merged, fresh.root(), old.root(), {arrival.event.cleared, shielded});
  resource.body = fhir::json::write(merged.root());
}

// Everything that the tables make of the message and that is kept here.
std::vector<ResourceBody> ArrivalResources::mapped(const Arrival& arrival,
                                                   const AdmissionChanges& changes) const {
  const AdtEvent event = settled(arrival, changes);
  fhir_r4::v2::ConversionContext context;
  context.patient_id = changes.patient_id;
  context.encounter_id = changes.encounter_id;
  context.recorded = arrival.now;
  context.without = not_kept;
  Findings findings;
  const hl7v2::MessageFields fields{arrival.message, arrival.feed};
  fhir::Document bundle = fhir_r4::v2::convert(fields, event, tables_, context, findings);
  std::vector<ResourceBody> made;
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    fhir::Element& resource = bundle.edit(*entry.first("resource"));
    const std::string_view type = resource.resource_type();
    if (event.details.shielded && type == "Location") continue;
    if (event.details.shielded && type == "Encounter") bundle.remove_all(resource, "location");
    made.push_back({std::string{type}, std::string{resource.value_of("id")},
                    type == "RelatedPerson" ? with_source(resource, feed_uri(arrival.feed_name))
                                            : fhir::json::write(resource)});
  }
  return made;
}

// The next of kin whom this sender named before and does not name now; all of a shielded person.
void ArrivalResources::add_related(const Arrival& arrival, const PatientState& patient,
                                   std::vector<ResourceBody>& made) const {
  const bool names_some = arrival.message.count("NK1") != 0;
  if (!names_some && !patient.shielded) return;
  const std::string source = feed_uri(arrival.feed_name);
  std::vector<std::string> ids;
  for (const auto& entry : book_.of_patient("RelatedPerson", patient.id)) ids.push_back(entry->id);
  const auto pending = pending_kin_.find(patient.id);
  if (pending != pending_kin_.end()) {
    ids.insert(ids.end(), pending->second.begin(), pending->second.end());
  }
  for (const std::string& id : ids) {
    if (find(made, "RelatedPerson", id) != nullptr) continue;
    const std::string body = known_body("RelatedPerson", id);
    fhir::Document old;
    fhir::Issues issues;
    if (!fhir::json::read_view(body, old, issues)) continue;
    const fhir::Element* meta = old.root().first("meta");
    const bool same_sender = meta != nullptr && meta->value_of("source") == source;
    const bool active = old.root().value_of("active") == "true";
    if (patient.shielded || (same_sender && active)) {
      made.push_back({"RelatedPerson", id, ended(old.root(), patient.shielded)});
    }
  }
}

// Type and id of what may be about a person, in the book or written by this batch.
std::vector<std::pair<std::string, std::string>> ArrivalResources::about(
    std::string_view patient_id) const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string_view type : types_that_follow) {
    for (const auto& entry : book_.of_patient(type, std::string{patient_id})) {
      found.emplace_back(type, entry->id);
    }
  }
  const std::string reference = "\"Patient/" + std::string{patient_id} + '"';
  for (const auto& [name, body] : pending_) {
    const std::size_t slash = name.find('/');
    const bool follows = std::ranges::count(types_that_follow, name.substr(0, slash)) != 0;
    if (follows && body.find(reference) != std::string::npos) {
      found.emplace_back(name.substr(0, slash), name.substr(slash + 1));
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void ArrivalResources::follow_survivors(AdmissionChanges& changes) const {
  for (const PatientState& gone : changes.patients) {
    if (gone.survivor.empty()) continue;
    const bool shielded = state_of(changes, gone.survivor).shielded;
    for (const auto& [type, id] : about(gone.id)) {
      if (find(changes.resources, type, id) != nullptr) continue;
      std::string moved = moved_resource(known_body(type, id), gone.id, gone.survivor);
      if (moved.empty()) continue;
      if (shielded) moved = without_place_and_kin(moved);
      changes.resources.push_back({type, id, std::move(moved)});
    }
  }
}

void ArrivalResources::complete(const Arrival& arrival, AdmissionChanges& changes) {
  follow_survivors(changes);
  ResourceBody* const patient = find(changes.resources, "Patient", changes.patient_id);
  ResourceBody* const encounter = find(changes.resources, "Encounter", changes.encounter_id);
  const bool told_of = patient != nullptr || encounter != nullptr;
  if (changes.resources.empty()) return;
  std::vector<ResourceBody> made;
  if (companions_ && told_of) {
    for (ResourceBody& one : mapped(arrival, changes)) {
      ResourceBody* const planned = one.type == "Patient"     ? patient
                                    : one.type == "Encounter" ? encounter
                                                              : nullptr;
      if (planned != nullptr && planned->id == one.id) planned->body = std::move(one.body);
      const bool of_visit = one.type == "EpisodeOfCare";
      const bool told =
          !(of_person(one.type) && patient == nullptr) && !(of_visit && encounter == nullptr);
      if (one.type != "Patient" && one.type != "Encounter" && told) made.push_back(std::move(one));
    }
    if (patient != nullptr) add_related(arrival, state_of(changes, changes.patient_id), made);
  }
  const bool shielded = state_of(changes, changes.patient_id).shielded;
  if (patient != nullptr) update(arrival, shielded, *patient);
  if (encounter != nullptr) update(arrival, shielded, *encounter);

  std::vector<ResourceBody> all = std::move(changes.resources);
  for (ResourceBody& one : made) all.push_back(std::move(one));
  changes.resources.clear();
  std::optional<ResourceBody> provenance;
  const bool changed =
      std::any_of(all.begin(), all.end(), [&](const ResourceBody& one) { return !is_known(one); });
  if (changed && companions_) {
    provenance = provenance_of(
        arrival, changes.encounter_id.empty() ? changes.patient_id : changes.encounter_id, all);
  }
  if (provenance) all.push_back(*std::move(provenance));
  for (ResourceBody& one : all) {
    if (is_known(one)) continue;
    pending_[one.type + '/' + one.id] = one.body;
    if (one.type == "RelatedPerson") pending_kin_[changes.patient_id].push_back(one.id);
    changes.resources.push_back(std::move(one));
  }
}

}  // namespace cpis::usecases
