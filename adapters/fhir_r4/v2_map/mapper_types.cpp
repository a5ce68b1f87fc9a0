// The datatypes that need more than a table: codes, patient identifiers, telephones.
#include <algorithm>

#include "adapters/fhir_r4/build.h"
#include "adapters/fhir_r4/systems.h"
#include "adapters/fhir_r4/v2_map/mapper.h"

namespace cpis::fhir_r4::v2 {
namespace {

constexpr std::size_t phone_digits_min = 7;

std::string_view dialled_part(std::string_view text) {
  text = text.substr(0, text.find_first_not_of("0123456789 +()-./x"));
  while (!text.empty() && (text.back() == ' ' || text.back() == '-' || text.back() == '(')) {
    text.remove_suffix(1);
  }
  const auto digits =
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<std::size_t>(digits) >= phone_digits_min ? text : std::string_view{};
}

}  // namespace

std::string_view Mapper::part(const At& at, std::size_t component, std::string& room) const {
  At place = at;
  place.component = component;
  place.subcomponent = 1;
  return fields_.text(place, room);
}

const MappedCode* Mapper::mapped(const Rule& rule, std::string_view code, const At& at) {
  const MappedCode* row = tables_.find_code(rule.map, in_capitals(code));
  if (row == nullptr && rule.as != "uri") {  // that an authority has no system is usual
    findings_.push_back({Severity::information,
                         "V2FHIR-1",
                         {},
                         0,
                         at.segment.empty() ? std::string{} : path_text(at),
                         "a code without a row in the concept map " + rule.map});
  }
  return row;
}

std::string Mapper::path_text(const At& at) {
  std::string path{at.segment};
  if (at.occurrence > 1) path += "(" + std::to_string(at.occurrence) + ")";
  return path + "-" + std::to_string(at.field);
}

std::optional<CodingView> Mapper::coding_of(const Rule& rule, const Source& source, const At& at,
                                            std::string_view words, std::string& room) {
  const std::string_view code = text_at(source, at, room);
  if (code.empty()) return std::nullopt;
  if (!rule.map.empty()) {
    if (const MappedCode* row = mapped(rule, code, at)) {
      return CodingView{row->system, row->code, row->display};
    }
  }
  if (rule.as == "MappedConcept") return std::nullopt;
  if (source.kind != Source::Kind::fact) {
    std::string other;
    const std::string named = in_capitals(part(at, 3, other));
    const MappedCode* system = named.empty() ? nullptr : tables_.find_code("CodeSystem", named);
    if (system != nullptr) return CodingView{system->code, code, words};
  }
  if (looks_like_snomed(code)) return CodingView{systems::snomed, code, {}};
  return std::nullopt;
}

// CE, CNE, CWE: code ^ text ^ system ^ alternate code ^ text ^ system ... ^ original text (9).
void Mapper::write_concept(const Rule& rule, fhir::Element& element, const Source& source,
                           const At& at) {
  const bool in_message = source.kind != Source::Kind::fact;
  std::string room;
  std::string_view words;
  if (in_message) words = part(at, 9, room);
  if (words.empty() && in_message) words = part(at, 2, room);
  std::string code_room;
  const auto coding = coding_of(rule, source, at, words, code_room);
  if (!coding && rule.as == "MappedConcept") return;
  if (!coding && words.empty()) words = text_at(source, at, room);
  const auto spoken = as_primitive("string", words);
  if (!coding && !spoken) return;
  fhir::Element& made = target(doc_, element, rule.to);
  if (coding) add_coded(doc_, made, *coding);
  if (spoken) doc_.append(made, "text", spoken->text);
}

void Mapper::write_coding(const Rule& rule, fhir::Element& element, const Source& source,
                          const At& at) {
  std::string room;
  const auto coding = coding_of(rule, source, at, {}, room);
  if (!coding) return;
  fhir::Element& made = target(doc_, element, rule.to);
  if (!coding->system.empty()) doc_.append(made, "system", coding->system);
  doc_.append(made, "code", coding->code);
  if (!coding->display.empty()) doc_.append(made, "display", coding->display);
}

// PID-3 and its like. What the event did not take as an identifier of this person, a placeholder
// or a number that failed its check digit, does not become one here.
void Mapper::write_patient_identifier(const Rule& rule, fhir::Element& element, const At& at) {
  std::string room;
  const std::string_view value = part(at, 1, room);
  const auto number = NhsNumber::parse(value);
  if (number && number == event_.patient.nhs_number) {
    for (const fhir::Element& known : element.children("identifier")) {
      if (known.value_of("system") == systems::nhs_number) return;
    }
    fhir::Element& made = target(doc_, element, rule.to);
    if (!event_.patient.nhs_number_status.empty()) {
      fhir::Element& status = doc_.append_item(made, "extension");
      doc_.append(status, "url", extensions::number_status);
      add_concept(doc_, status, "valueCodeableConcept", false, systems::number_status,
                  event_.patient.nhs_number_status, {});
    }
    doc_.append(made, "system", systems::nhs_number);
    doc_.append(made, "value", number->digits());
    return;
  }
  const auto& ids = event_.patient.local_ids;
  std::string other;
  const auto known = std::find_if(ids.begin(), ids.end(), [&](const LocalIdentifier& id) {
    return id.value == value && id.type == part(at, 5, other);
  });
  if (known == ids.end()) return;
  fhir::Element& made = target(doc_, element, rule.to);
  if (const MappedCode* type = tables_.find_code("IdentifierType", in_capitals(known->type))) {
    add_coded(doc_, doc_.append(made, "type"), {type->system, type->code, type->display});
  }
  const std::string authority = in_capitals(known->authority);
  if (const MappedCode* system = tables_.find_code("IdentifierSystem", authority)) {
    doc_.append(made, "system", system->code);
  }
  doc_.append(made, "value", known->value);
  if (!known->authority.empty()) {
    doc_.append(doc_.append(made, "assigner"), "display", known->authority);
  }
}

// XTN: number ^ use ^ equipment ^ e-mail ... ^ unformatted (12).
void Mapper::write_contact_point(const Rule& rule, fhir::Element& element, const At& at) {
  std::string room;
  std::string other;
  const std::string_view first = part(at, 1, room);
  std::string_view email = part(at, 4, other);
  if (email.empty() && first.find('@') != std::string_view::npos) email = first;
  if (email.find('@') != std::string_view::npos) {
    fhir::Element& made = target(doc_, element, rule.to);
    doc_.append(made, "system", "email");
    doc_.append(made, "value", email);
  }
  const std::string_view written = first.empty() ? part(at, 12, room) : first;
  const std::string_view number = dialled_part(written);
  if (number.empty()) return;
  fhir::Element& made = target(doc_, element, rule.to);
  const std::string equipment = in_capitals(part(at, 3, other));
  const MappedCode* system = tables_.find_code("TelecomSystem", equipment);
  doc_.append(made, "system", system == nullptr ? "phone" : system->code);
  doc_.append(made, "value", number);
  if (equipment == "CP") {
    doc_.append(made, "use", "mobile");
    return;
  }
  const std::string use = in_capitals(part(at, 2, other));
  if (const MappedCode* row = tables_.find_code("TelecomUse", use)) {
    doc_.append(made, "use", row->code);
  }
}

}  // namespace cpis::fhir_r4::v2
