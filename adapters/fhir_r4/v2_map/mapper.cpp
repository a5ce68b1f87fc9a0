#include "adapters/fhir_r4/v2_map/mapper.h"

#include <algorithm>
#include <array>

#include "adapters/fhir_r4/encounter_class.h"
#include "adapters/fhir_r4/patient_mapper.h"
#include "adapters/fhir_r4/systems.h"

namespace cpis::fhir_r4::v2 {
namespace {

constexpr std::size_t segments_max = 200;    // of one name that become resources
constexpr std::size_t repetitions_max = 50;  // of one field
constexpr std::size_t depth_max = 8;         // a bed in a room in a ward in a site

constexpr std::array<std::string_view, 5> state_words{"unknown", "planned", "in-progress",
                                                      "finished", "cancelled"};
constexpr std::array<std::string_view, 4> sex_words{"unknown", "male", "female", "other"};

// Facts and keys differ in length or last letter more often than in the first.
template <class Value>
const Value* find(const std::vector<std::pair<std::string_view, Value>>& pairs,
                  std::string_view name) {
  for (const auto& [known, value] : pairs) {
    if (known.size() == name.size() && known.back() == name.back() && known == name) return &value;
  }
  return nullptr;
}

// The primitives that rules name most; no datatype table has the name of a primitive.
bool is_plain(std::string_view type) {
  return type == "string" || type == "code" || type == "uri" || type == "boolean";
}

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
  made_.reserve(16);
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
      make_and_remember(rule, At{});
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
const std::string& Mapper::scope() const {
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
  const PatientDetails& details = event_.details;
  patient_id_ = derived_patient_id();
  if (details.birth_date) birth_date_ = to_iso(*details.birth_date);
  facts_.reserve(16);
  facts_.emplace_back("@patient_id", patient_id_);
  facts_.emplace_back("@organisation", event_.organisation_ods);
  facts_.emplace_back("@sender", event_.sender);
  facts_.emplace_back("@scope", scope());
  facts_.emplace_back("@trigger", event_.trigger);
  facts_.emplace_back("@control_id", event_.control_id);
  facts_.emplace_back("@message", context_.message_reference);
  facts_.emplace_back("@sex", sex_words[static_cast<std::size_t>(details.sex)]);
  facts_.emplace_back("@deceased", details.deceased ? "Y" : "");
  facts_.emplace_back("@birth_date", birth_date_);
  fact_times_.reserve(8);
  if (details.died) fact_times_.emplace_back("@died", *details.died);
  if (event_.occurred) fact_times_.emplace_back("@occurred", *event_.occurred);
  fact_times_.emplace_back("@recorded", context_.recorded);
  if (event_.visit) learn_visit();
}

void Mapper::learn_visit() {
  const VisitDetails& visit = *event_.visit;
  // A first sight by an update is under way unless it has an end.
  const VisitState seen = visit.ended ? VisitState::finished : VisitState::in_progress;
  const VisitState state = visit.state == VisitState::unknown ? seen : visit.state;
  encounter_id_ = derived_encounter_id();
  facts_.emplace_back("@encounter_id", encounter_id_);
  facts_.emplace_back("@state", state_words[static_cast<std::size_t>(state)]);
  facts_.emplace_back("@class", class_word(visit));
  facts_.emplace_back("@class_sent", visit.class_as_sent);
  facts_.emplace_back("@site", visit.site_ods);
  if (visit.started) fact_times_.emplace_back("@started", *visit.started);
  const bool ends_before = visit.ended && visit.started && *visit.ended < *visit.started;
  if (visit.ended && !ends_before) fact_times_.emplace_back("@ended", *visit.ended);
}

void Mapper::make_segment_resources(const ResourceRule& rule) {
  const std::size_t count = std::min(fields_.segments(rule.segment), segments_max);
  for (std::size_t n = 1; n <= count; ++n) {
    At at;
    at.segment = rule.segment;
    at.occurrence = n;
    make_and_remember(rule, at);
  }
}

// Others refer to the first that was made by a rule.
void Mapper::make_and_remember(const ResourceRule& rule, const At& at) {
  const auto made = make_resource(rule, at);
  if (made && find(references_, rule.key) == nullptr) references_.emplace_back(rule.key, *made);
}

std::string Mapper::id_of(const ResourceRule& rule, const At& at) const {
  std::string room;
  if (rule.id.size() == 1 && rule.id[0].kind == Source::Kind::fact) {
    const std::string_view id = text(rule.id[0], at, room);
    return id.empty() || is_fhir_id(id) ? std::string{id} : stable_id({rule.type, id});
  }
  IdParts parts;
  parts.add(rule.type);
  bool any = false;
  for (const Source& source : rule.id) {
    const std::string_view part = text(source, at, room);
    parts.add(part);
    // What every message has (who sent it, whom it is about) does not make a resource.
    const bool tells = source.kind != Source::Kind::fact || source.name == "@control_id";
    any = any || (tells && !part.empty());
  }
  return any ? parts.id() : std::string{};
}

std::optional<std::size_t> Mapper::make_resource(const ResourceRule& rule, const At& at) {
  if (rule.locates && event_.details.shielded) return std::nullopt;
  if (depth_ >= depth_max || !holds(rule.when, at)) return std::nullopt;
  const std::string id = id_of(rule, at);
  if (id.empty()) return std::nullopt;
  std::string reference;
  reference.reserve(rule.type.size() + 1 + id.size());
  reference.append(rule.type).append(1, '/').append(id);
  const auto known = std::find(made_.begin(), made_.end(), reference);
  const auto place = static_cast<std::size_t>(known - made_.begin());
  if (known != made_.end()) return place;
  made_.push_back(std::move(reference));
  ++depth_;
  fhir::Element& entry = add_entry(made_[place]);
  fhir::Element& resource = doc_.append_resource(entry, "resource", rule.type);
  doc_.append(resource, "id", id);
  if (event_.details.shielded && is_personal(rule.type)) restrict(resource);
  apply_all(rule.rules, resource, at);
  add_request(entry, made_[place]);
  --depth_;
  return place;
}

fhir::Element& Mapper::add_entry(std::string_view reference) {
  fhir::Element& entry = doc_.append_item(*bundle_, "entry");
  if (!context_.bare) {
    doc_.append(entry, "fullUrl", std::string{context_.base_url}.append("/").append(reference));
  }
  return entry;
}

void Mapper::add_request(fhir::Element& entry, std::string_view reference) {
  if (context_.bare) return;
  fhir::Element& request = doc_.append(entry, "request");
  doc_.append(request, "method", "PUT");
  doc_.append(request, "url", reference);
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
    fhir::Element& entry = add_entry(reference);
    write_replaced_patient(doc_, doc_.append_resource(entry, "resource", "Patient"), id, survivor);
    add_request(entry, reference);
  }
}

bool Mapper::holds(const std::vector<Condition>& conditions, const At& at) const {
  std::string room;
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const std::string_view value = text(condition.from, at, room);
    const auto& values = condition.values;
    switch (condition.test) {
      case Condition::Test::present:
        return !value.empty();
      case Condition::Test::absent:
        return value.empty();
      case Condition::Test::in:
        return std::find(values.begin(), values.end(), value) != values.end();
      case Condition::Test::not_in:
        return std::find(values.begin(), values.end(), value) == values.end();
      case Condition::Test::starts_with:
        return std::any_of(values.begin(), values.end(),
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

// Whether `at` is what `address` gave for the source.
bool Mapper::is_place(const Source& source, const At& at) {
  return source.kind != Source::Kind::none && !at.segment.empty();
}

std::string_view Mapper::text(const Source& source, const At& at, std::string& room) const {
  if (source.kind == Source::Kind::fact) return fact(source, room);
  const auto place = address(source, at);
  return place ? fields_.text(*place, room) : std::string_view{};
}

std::string_view Mapper::fact(const Source& source, std::string& room) const {
  if (const auto* fact = find(facts_, source.name)) return *fact;
  const Time* const moment = find(fact_times_, source.name);
  if (moment == nullptr) return {};
  room = to_iso(*moment);
  return room;
}

std::string_view Mapper::text_at(const Source& source, const At& at, std::string& room) const {
  if (source.kind == Source::Kind::fact) return fact(source, room);
  return is_place(source, at) ? fields_.text(at, room) : std::string_view{};
}

std::optional<SentTime> Mapper::time_at(const Source& source, const At& at) const {
  if (source.kind == Source::Kind::fact) {
    const Time* const fact = find(fact_times_, source.name);
    if (fact == nullptr) return std::nullopt;
    return SentTime{london_date(*fact), *fact};
  }
  return is_place(source, at) ? fields_.time(at) : std::nullopt;
}

void Mapper::apply_all(const std::vector<Rule>& rules, fhir::Element& element, const At& at) {
  for (const Rule& rule : rules) apply(rule, element, at);
}

void Mapper::apply(const Rule& rule, fhir::Element& element, const At& at) {
  if ((rule.locates && event_.details.shielded) || !holds(rule.when, at)) return;
  if (rule.coding) {
    const Coding& coding = *rule.coding;
    add_coded(doc_, target(doc_, element, rule.to), {coding.system, coding.code, coding.display});
  } else if (!rule.value.empty()) {
    if (const auto value = as_primitive(rule.as, rule.value)) put(doc_, element, rule.to, *value);
  } else if (rule.reference == "*") {
    for (const std::string& each : made_) {
      if (!each.starts_with("Provenance/")) refer(rule, element, each);
    }
  } else if (!rule.reference.empty()) {
    const std::size_t* const known = find(references_, rule.reference);
    if (known != nullptr) refer(rule, element, made_[*known]);
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
    if (reference) refer(rule, element, made_[*reference]);
    return;
  }
  if (is_plain(rule.as)) return write_primitive(rule, element, source, at);
  if (rule.as == "CodeableConcept" || rule.as == "MappedConcept") {
    return write_concept(rule, element, source, at);
  }
  if (rule.as == "Coding") return write_coding(rule, element, source, at);
  if (rule.as == "PatientIdentifier") return write_patient_identifier(rule, element, at);
  if (rule.as == "ContactPoint") return write_contact_point(rule, element, at);
  if (write_time(rule, element, source, at)) return;
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
  write_primitive(rule, element, source, at);
}

void Mapper::write_primitive(const Rule& rule, fhir::Element& element, const Source& source,
                             const At& at) {
  std::string room;
  std::string_view value = text_at(source, at, room);
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
  const auto moment = time_at(source, at);
  if (!moment) return true;
  if (rule.as == "date") {
    put(doc_, element, rule.to, {to_iso(moment->day), fhir::Kind::string});
  } else if (rule.as == "dateTime") {
    put(doc_, element, rule.to, {date_time_text(*moment), fhir::Kind::string});
  } else if (moment->instant) {
    put(doc_, element, rule.to, {to_iso(*moment->instant), fhir::Kind::string});
  }
  return true;
}

fhir::Document convert(const FieldSource& fields, const AdtEvent& event, const Tables& tables,
                       const ConversionContext& context, Findings& findings) {
  return Mapper{fields, event, tables, context, findings}.run();
}

}  // namespace cpis::fhir_r4::v2
