#include "gateway/usecases/arrival_resources.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/fhir_r4/systems.h"
#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/message_fields.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/usecases/arrival_bodies.h"
#include "gateway/usecases/moved_resources.h"

namespace cpis::usecases {
namespace {

// What a message says of somebody's health is converted on request and not kept here.
constexpr std::array<std::string_view, 5> not_kept{"AllergyIntolerance", "Condition", "Observation",
                                                   "Procedure", "Provenance"};
constexpr std::string_view message_system = "urn:cpis-gateway:message";

constexpr std::size_t usual_candidates = 16;

bool of_person(std::string_view type) { return type == "RelatedPerson" || type == "Coverage"; }

std::string name_of(std::string_view type, std::string_view id) {
  std::string name(type.size() + 1 + id.size(), '/');
  std::ranges::copy(type, name.begin());
  std::ranges::copy(id, name.begin() + static_cast<std::ptrdiff_t>(type.size()) + 1);
  return name;
}
std::string name_of(const ResourceBody& resource) { return name_of(resource.type, resource.id); }

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
// Into `event`, whose memory serves one message after the other.
void settle(const Arrival& arrival, const AdmissionChanges& changes, AdtEvent& event) {
  event = arrival.event;
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
    return;
  }
  event.visit->state = visit->state;
  event.visit->patient_class = visit->patient_class;
  event.visit->started = visit->started;
}

// What the rules would have written of the person or the visit.
std::string plain_body(const Arrival& arrival, const AdmissionChanges& changes,
                       const ResourceBody& resource) {
  const AdtEvent& event = arrival.event;
  const PatientState& patient = state_of(changes, changes.patient_id);
  if (resource.type == "Patient") return plain_patient(patient, event.patient, event.details);
  const auto visit = std::ranges::find(changes.attendances, resource.id, &AttendanceState::id);
  if (visit == changes.attendances.end() || !event.visit) return {};
  const std::string& organisation =
      event.organisation_ods.empty() ? arrival.feed.organisation_ods : event.organisation_ods;
  return plain_encounter(*visit, patient.shielded, organisation, *event.visit);
}

std::string feed_uri(std::string_view feed) { return "urn:cpis-gateway:feed:" + std::string{feed}; }

// The resource with `meta.source`, so that a sender's next of kin can be told from another's.
std::string with_source(const fhir::Element& resource, std::string_view source) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root(resource.resource_type());
  doc.append(root, "id", resource.value_of("id"));
  doc.append(doc.append(root, "meta"), "source", source);
  for (const fhir::Element& child : resource.children()) {
    if (child.name() != "id" && child.name() != "meta") doc.clone_view(root, child);
  }
  return fhir::json::write(root);
}

}  // namespace

ArrivalResources::Known ArrivalResources::known(std::string_view type, std::string_view id) const {
  const auto written = pending_.find(name_of(type, id));
  if (written != pending_.end()) return {written->second, std::nullopt};
  const auto entry = book_.find(type, id);
  return entry ? Known{entry->body, entry->version} : Known{{}, 0};
}

bool ArrivalResources::is_known(const ResourceBody& resource, const std::string& name) const {
  const auto written = pending_.find(name);
  if (written != pending_.end()) return written->second == resource.body;
  const auto entry = book_.find(resource.type, resource.id);
  return entry && resources::has_body(*entry, resource.body);
}

ArrivalResources::Candidate* ArrivalResources::candidate(std::vector<Candidate>& among,
                                                         std::string_view type,
                                                         std::string_view id) {
  const auto found = std::find_if(among.rbegin(), among.rend(), [&](const Candidate& one) {
    return one.resource.id == id && one.resource.type == type;
  });
  return found == among.rend() || id.empty() ? nullptr : &*found;
}

MessageBody ArrivalResources::what_is_said(const Arrival& arrival, bool shielded,
                                           std::string fresh) const {
  return {std::move(fresh),
          {arrival.event.cleared, shielded},
          arrival.event.details.shielding_stated,
          companions_};
}

// Lays what the message says of a Patient or Encounter over what is kept of it. How that is done
// again, when somebody else has written meanwhile, is noted only with what will be written.
void ArrivalResources::update(const Arrival& arrival, bool shielded, Candidate& one,
                              LaidOver& laid) const {
  ResourceBody& resource = one.resource;
  Known kept = known(resource.type, resource.id);
  resource.made_from = kept.version;
  if (one.tree == nullptr) {  // the tables make none of this message
    MessageBody said = what_is_said(arrival, shielded, std::move(resource.body));
    resource.body = said.over(kept.body);
    resource.remake = [said = std::move(said)](std::string_view now) { return said.over(now); };
    return;
  }
  one.said = one.tree;
  const bool over = !kept.body.empty() && lay_over(laid, *one.said, std::move(kept.body),
                                                   {arrival.event.cleared, shielded},
                                                   arrival.event.details.shielding_stated);
  if (over) one.tree = &laid.merged.root();
  resource.body = fhir::json::write(*one.tree);
}

// Everything that the tables make of the message and that is kept here, as a Bundle.
fhir::Document ArrivalResources::mapped(const Arrival& arrival, const AdmissionChanges& changes) {
  settle(arrival, changes, settled_);
  const AdtEvent& event = settled_;
  fhir_r4::v2::ConversionContext context;
  context.patient_id = changes.patient_id;
  context.encounter_id = changes.encounter_id;
  context.recorded = arrival.now;
  context.without = not_kept;
  context.bare = true;
  Findings findings;
  const hl7v2::MessageFields fields{arrival.message, arrival.feed};
  fhir::Document bundle =
      fhir_r4::v2::convert(fields, event, mappings_.of(arrival.feed_name), context, findings);
  if (!event.details.shielded) return bundle;
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    fhir::Element& resource = bundle.edit(*entry.first("resource"));
    if (resource.resource_type() == "Encounter") bundle.remove_all(resource, "location");
  }
  return bundle;
}

// What the Bundle holds beside Patient and Encounter; to those that the rules have planned it gives
// their trees.
std::vector<ArrivalResources::Candidate> ArrivalResources::companions(const Arrival& arrival,
                                                                      bool shielded,
                                                                      const fhir::Document& bundle,
                                                                      Candidate* patient,
                                                                      Candidate* encounter) {
  std::vector<Candidate> made;
  made.reserve(usual_candidates);
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    const fhir::Element& tree = *entry.first("resource");
    const std::string_view type = tree.resource_type();
    const std::string_view id = tree.value_of("id");
    if (type == "Patient" || type == "Encounter") {
      Candidate* const planned = type == "Patient" ? patient : encounter;
      if (planned != nullptr && planned->resource.id == id) planned->tree = &tree;
      continue;
    }
    if (shielded && type == "Location") continue;
    if (of_person(type) && patient == nullptr) continue;
    if (type == "EpisodeOfCare" && encounter == nullptr) continue;
    std::string body = type == "RelatedPerson" ? with_source(tree, feed_uri(arrival.feed_name))
                                               : fhir::json::write(tree);
    made.push_back({{std::string{type}, std::string{id}, std::move(body)}, nullptr, &tree});
  }
  return made;
}

ResourceBody ArrivalResources::provenance_of(const Arrival& arrival, const std::string& id,
                                             const std::vector<Candidate>& about) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("Provenance");
  doc.append(root, "id", id);
  for (const Candidate& one : about) {
    doc.append(doc.append_item(root, "target"), "reference", one.name);
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
  const bool is_among = std::ranges::any_of(about, [&](const Candidate& one) {
    return one.resource.type == "Organization" && one.resource.id == organisation;
  });
  if (is_among) doc.append(who, "reference", "Organization/" + organisation);
  doc.append(who, "display", arrival.feed_name);
  fhir::Element& entity = doc.append_item(root, "entity");
  doc.append(entity, "role", "source");
  fhir::Element& identifier = doc.append(doc.append(entity, "what"), "identifier");
  doc.append(identifier, "system", message_system);
  doc.append(identifier, "value", std::to_string(arrival.message_id));
  ResourceBody made{"Provenance", id, fhir::json::write(root)};
  made.keys = resources::keys_of(made.type, root);
  return made;
}

// The next of kin whom this sender named before and does not name now; all of a shielded person.
void ArrivalResources::add_related(const Arrival& arrival, const PatientState& patient,
                                   std::vector<Candidate>& made) const {
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
    if (candidate(made, "RelatedPerson", id) != nullptr) continue;
    const Known kept = known("RelatedPerson", id);
    const auto end = [source, shielded = patient.shielded](std::string_view body) -> std::string {
      fhir::Document old;
      fhir::Issues issues;
      if (!fhir::json::read_view(body, old, issues)) return {};
      const fhir::Element* meta = old.root().first("meta");
      const bool same_sender = meta != nullptr && meta->value_of("source") == source;
      const bool active = old.root().value_of("active") == "true";
      if (!shielded && !(same_sender && active)) return {};
      return ended_relation(old.root(), shielded);
    };
    std::string body = end(kept.body);
    if (!body.empty()) made.push_back({{"RelatedPerson", id, std::move(body), kept.version, end}});
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
      const auto move = [from = gone.id, to = gone.survivor, shielded](std::string_view body) {
        std::string moved = moved_resource(body, from, to);
        return moved.empty() || !shielded ? moved : hidden_resource(moved);
      };
      const Known kept = known(type, id);
      std::string moved = move(kept.body);
      if (!moved.empty()) {
        changes.resources.push_back({type, id, std::move(moved), kept.version, move});
      }
    }
  }
}

bool ArrivalResources::shows_place(const std::string& patient_id) const {
  const Known kept = known("Patient", patient_id);
  fhir::Document doc;
  fhir::Issues issues;
  return fhir::json::read_view(kept.body, doc, issues) && !is_restricted(doc.root());
}

void ArrivalResources::hide_one(std::string_view type, std::string_view id,
                                std::vector<ResourceBody>& hidden) const {
  const auto hide = [](std::string_view body) {
    return body.empty() ? std::string{} : hidden_resource(body);
  };
  const Known kept = known(type, id);
  ResourceBody one{std::string{type}, std::string{id}, hide(kept.body), kept.version, hide};
  if (!one.body.empty() && !is_known(one, name_of(one))) hidden.push_back(std::move(one));
}

// Of everybody who turns out to be shielded by this message; what it tells of is hidden already.
std::vector<ResourceBody> ArrivalResources::hidden(const AdmissionChanges& changes) const {
  std::vector<ResourceBody> hidden;
  for (const PatientState& patient : changes.patients) {
    if (!patient.shielded || !patient.survivor.empty() || !shows_place(patient.id)) continue;
    hide_one("Patient", patient.id, hidden);
    for (const auto& [type, id] : about(patient.id)) {
      if (type == "Encounter" || type == "RelatedPerson") hide_one(type, id, hidden);
    }
  }
  std::erase_if(hidden, [&](const ResourceBody& one) {
    return std::any_of(changes.resources.begin(), changes.resources.end(), [&](const auto& told) {
      return told.type == one.type && told.id == one.id;
    });
  });
  return hidden;
}

void ArrivalResources::hide_rest(std::string_view patient_id, AdmissionChanges& changes) {
  std::vector<ResourceBody> rest;
  for (const auto& [type, id] : about(patient_id)) {
    if (type == "Encounter" || type == "RelatedPerson") hide_one(type, id, rest);
  }
  for (ResourceBody& one : rest) {
    std::string name = name_of(one);
    write(std::move(one), std::move(name), changes);
  }
}

void ArrivalResources::write(ResourceBody one, std::string name, AdmissionChanges& changes) {
  pending_[std::move(name)] = one.body;
  if (one.type == "RelatedPerson") pending_kin_[changes.patient_id].push_back(one.id);
  changes.resources.push_back(std::move(one));
}

void ArrivalResources::complete(const Arrival& arrival, AdmissionChanges& changes) {
  follow_survivors(changes);
  std::vector<ResourceBody> rest = hidden(changes);
  if (changes.resources.empty() && rest.empty()) return;
  std::vector<Candidate> all;
  all.reserve(usual_candidates);
  for (ResourceBody& one : changes.resources) all.push_back({std::move(one)});
  changes.resources.clear();
  Candidate* const patient = candidate(all, "Patient", changes.patient_id);
  Candidate* const encounter = candidate(all, "Encounter", changes.encounter_id);
  const PatientState& state = state_of(changes, changes.patient_id);
  fhir::Document bundle;
  std::vector<Candidate> made;
  if (companions_ && (patient != nullptr || encounter != nullptr)) {
    bundle = mapped(arrival, changes);
    made = companions(arrival, state.shielded, bundle, patient, encounter);
    if (patient != nullptr) add_related(arrival, state, made);
  }
  for (Candidate& one : all) {
    if (one.tree == nullptr && one.resource.body.empty()) {
      one.resource.body = plain_body(arrival, changes, one.resource);
    }
  }
  std::array<LaidOver, 2> laid;
  if (patient != nullptr) update(arrival, state.shielded, *patient, laid[0]);
  if (encounter != nullptr) update(arrival, state.shielded, *encounter, laid[1]);

  std::erase_if(rest,
                [&](const auto& one) { return candidate(made, one.type, one.id) != nullptr; });
  for (Candidate& one : made) all.push_back(std::move(one));
  for (ResourceBody& one : rest) all.push_back({std::move(one)});
  write_all(arrival, state.shielded, std::move(all), changes);
}

// Writes what is not known, and the Provenance when there is any such.
void ArrivalResources::write_all(const Arrival& arrival, bool shielded, std::vector<Candidate> all,
                                 AdmissionChanges& changes) {
  const auto look_up = [this](Candidate& one) {
    one.name = name_of(one.resource);
    one.is_known = is_known(one.resource, one.name);
  };
  std::ranges::for_each(all, look_up);
  const bool changed = !std::ranges::all_of(all, &Candidate::is_known);
  if (changed && companions_) {
    const std::string& id =
        changes.encounter_id.empty() ? changes.patient_id : changes.encounter_id;
    all.push_back({provenance_of(arrival, id, all)});
    look_up(all.back());
  }
  for (Candidate& one : all) {
    ResourceBody& resource = one.resource;
    // What this message wrote just now stands in place of what was known before.
    const auto written = pending_.find(one.name);
    if (written == pending_.end() ? one.is_known : written->second == resource.body) continue;
    if (one.said != nullptr) {
      std::string fresh = one.said == one.tree ? resource.body : fhir::json::write(*one.said);
      resource.remake = [said = what_is_said(arrival, shielded, std::move(fresh))](
                            std::string_view now) { return said.over(now); };
    }
    if (one.tree != nullptr) resource.keys = resources::keys_of(resource.type, *one.tree);
    write(std::move(resource), std::move(one.name), changes);
  }
}

}  // namespace cpis::usecases
