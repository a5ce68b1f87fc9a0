#include "adapters/fhir_r4/v2_map/mapper.h"

#include <algorithm>
#include <array>

#include "adapters/fhir_r4/patient_mapper.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4::v2 {
namespace {

constexpr std::size_t segments_max = 200;    // of one name that become resources
constexpr std::size_t repetitions_max = 50;  // of one field
constexpr std::size_t depth_max = 8;         // a bed in a room in a ward in a site

constexpr std::array<std::string_view, 5> state_words{"unknown", "planned", "in-progress",
                                                      "finished", "cancelled"};
constexpr std::array<std::string_view, 9> class_words{"unknown",    "emergency", "inpatient",
                                                      "outpatient", "preadmit",  "obstetrics",
                                                      "newborn",    "recurring", "waiting"};
constexpr std::array<std::string_view, 4> sex_words{"unknown", "male", "female", "other"};

// Resources about the person, as against places, organisations and staff.
bool is_personal(std::string_view type) {
  return type != "Organization" && type != "Practitioner" && type != "PractitionerRole" &&
         type != "Location" && type != "Provenance";
}

}  // namespace

Mapper::Mapper(const FieldSource& fields, const AdtEvent& event, const Tables& tables,
               const ConversionContext& context, Findings& findings)
    : fields_{fields}, event_{event}, tables_{tables}, context_{context}, findings_{findings} {
  learn_facts();
}

fhir::Document Mapper::run() {
  bundle_ = &doc_.set_root("Bundle");
  doc_.append(*bundle_, "type", "transaction");
  doc_.append(*bundle_, "timestamp", to_iso(context_.recorded));
  for (const ResourceRule& rule : tables_.resources()) {
    // Provenance comes last in the tables and points at all; merged records are part of "all".
    if (std::find(context_.without.begin(), context_.without.end(), rule.type) !=
        context_.without.end()) {
      continue;
    }
    if (rule.type == "Provenance") add_merged_patients();
    if (rule.segment.empty()) {
      if (auto made = make_resource(rule, At{})) references_.emplace(rule.key, *made);
    } else {
      make_segment_resources(rule);
    }
  }
  return std::move(doc_);
}

std::string Mapper::derived_patient_id() const {
  if (!context_.patient_id.empty()) return context_.patient_id;
  if (event_.patient.nhs_number) return std::string{event_.patient.nhs_number->digits()};
  if (event_.patient.local_ids.empty()) {
    // Nobody is identified: the patient of this visit, whoever that is.
    if (!event_.visit || event_.visit->number.empty()) return {};
    return stable_id({"Patient of", scope(), event_.visit->number});
  }
  const LocalIdentifier& first = event_.patient.local_ids.front();
  return stable_id({"Patient", event_.sender, first.authority, first.value});
}

// Whose numbers these are: the same visit number means another visit at another hospital.
std::string Mapper::scope() const {
  return event_.organisation_ods.empty() ? event_.sender : event_.organisation_ods;
}

std::string Mapper::derived_encounter_id() const {
  if (!event_.visit) return {};
  if (!context_.encounter_id.empty()) return context_.encounter_id;
  if (!event_.visit->number.empty()) {
    return stable_id({"Encounter", scope(), event_.visit->number});
  }
  if (!event_.visit->started) return {};
  return stable_id({"Encounter", scope(), derived_patient_id(), to_iso(*event_.visit->started)});
}

void Mapper::learn_facts() {
  facts_["@patient_id"] = derived_patient_id();
  facts_["@organisation"] = event_.organisation_ods;
  facts_["@sender"] = event_.sender;
  facts_["@scope"] = scope();
  facts_["@trigger"] = event_.trigger;
  facts_["@control_id"] = event_.control_id;
  facts_["@message"] = context_.message_reference;
  facts_["@sex"] = sex_words[static_cast<std::size_t>(event_.details.sex)];
  facts_["@deceased"] = event_.details.deceased ? "Y" : "";
  facts_["@birth_date"] = event_.details.birth_date ? to_iso(*event_.details.birth_date) : "";
  if (event_.details.died) fact_times_["@died"] = *event_.details.died;
  if (event_.occurred) fact_times_["@occurred"] = *event_.occurred;
  fact_times_["@recorded"] = context_.recorded;
  if (event_.visit) learn_visit();
}

void Mapper::learn_visit() {
  const VisitDetails& visit = *event_.visit;
  // A first sight by an update is under way unless it has an end.
  const VisitState seen = visit.ended ? VisitState::finished : VisitState::in_progress;
  const VisitState state = visit.state == VisitState::unknown ? seen : visit.state;
  facts_["@encounter_id"] = derived_encounter_id();
  facts_["@state"] = state_words[static_cast<std::size_t>(state)];
  facts_["@class"] = class_words[static_cast<std::size_t>(visit.patient_class)];
  facts_["@site"] = visit.site_ods;
  if (visit.started) fact_times_["@started"] = *visit.started;
  const bool ends_before = visit.ended && visit.started && *visit.ended < *visit.started;
  if (visit.ended && !ends_before) fact_times_["@ended"] = *visit.ended;
}

void Mapper::make_segment_resources(const ResourceRule& rule) {
  const std::size_t count = std::min(fields_.segments(rule.segment), segments_max);
  for (std::size_t n = 1; n <= count; ++n) {
    At at;
    at.segment = rule.segment;
    at.occurrence = n;
    if (auto made = make_resource(rule, at)) references_.emplace(rule.key, *made);
  }
}

std::string Mapper::id_of(const ResourceRule& rule, const At& at) const {
  if (rule.id.size() == 1 && rule.id[0].kind == Source::Kind::fact) {
    const std::string id = text(rule.id[0], at);
    return id.empty() || is_fhir_id(id) ? id : stable_id({rule.type, id});
  }
  std::vector<std::string> parts{rule.type};
  bool any = false;
  for (const Source& source : rule.id) {
    parts.push_back(text(source, at));
    // What every message has (who sent it, whom it is about) does not make a resource.
    const bool tells = source.kind != Source::Kind::fact || source.name == "@control_id";
    any = any || (tells && !parts.back().empty());
  }
  return any ? stable_id(parts) : std::string{};
}

std::optional<std::string> Mapper::make_resource(const ResourceRule& rule, const At& at) {
  if (rule.locates && event_.details.shielded) return std::nullopt;
  if (depth_ >= depth_max || !holds(rule.when, at)) return std::nullopt;
  const std::string id = id_of(rule, at);
  if (id.empty()) return std::nullopt;
  const std::string reference = rule.type + "/" + id;
  if (std::find(made_.begin(), made_.end(), reference) != made_.end()) return reference;
  made_.push_back(reference);
  ++depth_;
  fhir::Element& entry = doc_.append_item(*bundle_, "entry");
  doc_.append(entry, "fullUrl", context_.base_url + "/" + reference);
  fhir::Element& resource = doc_.append_resource(entry, "resource", rule.type);
  doc_.append(resource, "id", id);
  if (event_.details.shielded && is_personal(rule.type)) restrict(resource);
  apply_all(rule.rules, resource, at);
  fhir::Element& request = doc_.append(entry, "request");
  doc_.append(request, "method", "PUT");
  doc_.append(request, "url", reference);
  --depth_;
  return reference;
}

void Mapper::restrict(fhir::Element& resource) {
  fhir::Element& label = doc_.append_item(doc_.get_or_append(resource, "meta"), "security");
  doc_.append(label, "system", systems::confidentiality);
  doc_.append(label, "code", "R");
  doc_.append(label, "display", "restricted");
}

// The v2-to-FHIR guide has no map for A40: a merged record stays, inactive, and names its survivor.
void Mapper::add_merged_patients() {
  const std::string survivor = derived_patient_id();
  if (event_.action != AdtAction::merge || survivor.empty()) return;
  for (const PatientIdentity& away : event_.merged_away) {
    std::string id;
    if (away.nhs_number && away.nhs_number != event_.patient.nhs_number) {
      id = away.nhs_number->digits();
    } else if (!away.local_ids.empty()) {
      const LocalIdentifier& first = away.local_ids.front();
      id = stable_id({"Patient", event_.sender, first.authority, first.value});
    }
    const std::string reference = "Patient/" + id;
    if (id.empty() || std::find(made_.begin(), made_.end(), reference) != made_.end()) continue;
    made_.push_back(reference);
    fhir::Element& entry = doc_.append_item(*bundle_, "entry");
    doc_.append(entry, "fullUrl", context_.base_url + "/" + reference);
    write_replaced_patient(doc_, doc_.append_resource(entry, "resource", "Patient"), id, survivor);
    fhir::Element& request = doc_.append(entry, "request");
    doc_.append(request, "method", "PUT");
    doc_.append(request, "url", reference);
  }
}

bool Mapper::holds(const std::vector<Condition>& conditions, const At& at) const {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const std::string value = text(condition.from, at);
    const bool listed = std::find(condition.values.begin(), condition.values.end(), value) !=
                        condition.values.end();
    switch (condition.test) {
      case Condition::Test::present:
        return !value.empty();
      case Condition::Test::absent:
        return value.empty();
      case Condition::Test::in:
        return listed;
      case Condition::Test::not_in:
        return !listed;
      case Condition::Test::starts_with:
        return std::any_of(condition.values.begin(), condition.values.end(),
                           [&](const std::string& front) { return value.starts_with(front); });
    }
    return false;
  });
}

std::optional<FieldAddress> Mapper::address(const Source& source, const At& at) const {
  if (source.kind == Source::Kind::segment) {
    At place;
    place.segment = source.name;
    place.occurrence = source.name == at.segment ? at.occurrence : 1;
    place.field = source.field;
    place.component = source.component;
    place.subcomponent = source.subcomponent;
    return place;
  }
  if (source.kind == Source::Kind::component && !at.segment.empty()) {
    At place = at;
    place.component = source.component;
    place.subcomponent = source.subcomponent;
    return place;
  }
  return std::nullopt;
}

std::string Mapper::text(const Source& source, const At& at) const {
  if (source.kind == Source::Kind::fact) {
    const auto fact = facts_.find(source.name);
    if (fact != facts_.end()) return fact->second;
    const auto moment = fact_times_.find(source.name);
    return moment == fact_times_.end() ? std::string{} : to_iso(moment->second);
  }
  const auto place = address(source, at);
  return place ? fields_.text(*place) : std::string{};
}

std::optional<SentTime> Mapper::time(const Source& source, const At& at) const {
  if (source.kind == Source::Kind::fact) {
    const auto fact = fact_times_.find(source.name);
    if (fact == fact_times_.end()) return std::nullopt;
    return SentTime{london_date(fact->second), fact->second};
  }
  const auto place = address(source, at);
  return place ? fields_.time(*place) : std::nullopt;
}

void Mapper::apply_all(const std::vector<Rule>& rules, fhir::Element& element, const At& at) {
  for (const Rule& rule : rules) apply(rule, element, at);
}

void Mapper::apply(const Rule& rule, fhir::Element& element, const At& at) {
  if ((rule.locates && event_.details.shielded) || !holds(rule.when, at)) return;
  if (rule.coding) {
    add_coded(doc_, target(doc_, element, rule.to), *rule.coding);
  } else if (!rule.value.empty()) {
    if (const auto value = as_primitive(rule.as, rule.value)) put(doc_, element, rule.to, *value);
  } else if (rule.reference == "*") {
    for (const std::string& each : made_) {
      if (!each.starts_with("Provenance/")) refer(rule, element, each);
    }
  } else if (!rule.reference.empty()) {
    const auto known = references_.find(rule.reference);
    if (known != references_.end()) refer(rule, element, known->second);
  } else if (rule.from.kind == Source::Kind::segment && rule.from.whole) {
    apply_to_repetitions(rule, element, *address(rule.from, at));
  } else {
    write(rule, element, rule.from, address(rule.from, at).value_or(at));
  }
}

void Mapper::apply_to_repetitions(const Rule& rule, fhir::Element& element, const At& field) {
  const std::size_t count = std::min(fields_.repetitions(field), repetitions_max);
  const bool many = rule.to.back().many;
  const Source first{Source::Kind::component, {}, 0, 1, 1, true};
  for (std::size_t n = 1; n <= count; ++n) {
    At at = field;
    at.repetition = n;
    write(rule, element, first, at);
    if (!many) return;
  }
}

void Mapper::refer(const Rule& rule, fhir::Element& element, std::string_view reference) {
  doc_.append(target(doc_, element, rule.to), "reference", reference);
}

void Mapper::write(const Rule& rule, fhir::Element& element, const Source& source, const At& at) {
  if (!rule.make.empty()) {
    const ResourceRule* made = tables_.find_template(rule.make);
    const auto reference = made == nullptr ? std::nullopt : make_resource(*made, at);
    if (reference) refer(rule, element, *reference);
    return;
  }
  if (rule.as == "CodeableConcept" || rule.as == "MappedConcept") {
    return write_concept(rule, element, source, at);
  }
  if (rule.as == "Coding") return write_coding(rule, element, source, at);
  if (rule.as == "PatientIdentifier") return write_patient_identifier(rule, element, at);
  if (rule.as == "ContactPoint") return write_contact_point(rule, element, at);
  if (const auto* datatype = tables_.find_datatype(rule.as)) {
    fhir::Element& made = target(doc_, element, rule.to);
    apply_all(*datatype, made, at);
    const bool lacks = std::any_of(datatype->begin(), datatype->end(), [&](const Rule& each) {
      return each.required && made.first(each.to.front().name) == nullptr;
    });
    if (lacks || !made.has_children()) {
      doc_.remove(made);
      remove_empty(doc_, element, rule.to.front().name);
    }
    return;
  }
  if (write_time(rule, element, source, at)) return;
  std::string value = text(source, at);
  if (value.empty()) return;
  if (!rule.map.empty()) {
    const MappedCode* code = mapped(rule, value, at);
    if (code == nullptr) return;
    value = code->code;
  }
  if (const auto primitive = as_primitive(rule.as, value)) {
    put(doc_, element, rule.to, *primitive);
  }
}

bool Mapper::write_time(const Rule& rule, fhir::Element& element, const Source& source,
                        const At& at) {
  if (rule.as != "date" && rule.as != "dateTime" && rule.as != "instant") return false;
  const auto moment = time(source, at);
  if (!moment) return true;
  if (rule.as == "date") {
    put(doc_, element, rule.to, {to_iso(moment->day)});
  } else if (rule.as == "dateTime") {
    put(doc_, element, rule.to, {date_time_text(*moment)});
  } else if (moment->instant) {
    put(doc_, element, rule.to, {to_iso(*moment->instant)});
  }
  return true;
}

fhir::Document convert(const FieldSource& fields, const AdtEvent& event, const Tables& tables,
                       const ConversionContext& context, Findings& findings) {
  return Mapper{fields, event, tables, context, findings}.run();
}

}  // namespace cpis::fhir_r4::v2
