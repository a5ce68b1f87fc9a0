#include <algorithm>
#include <charconv>

#include "adapters/fhir_r4/attendance_reader.h"
#include "adapters/fhir_r4/systems.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/search/values.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/resource_body.h"

// POST Patient/$match (http://hl7.org/fhir/R4/patient-operation-match.html). Deterministic: an
// identifier in common is certain; the same birth date with family and given name is probable, with
// one of them possible. Nobody is found by a name alone.

namespace cpis::fhir_api {
namespace {

using resources::EntryPtr;

constexpr std::string_view grade_url = "http://hl7.org/fhir/StructureDefinition/match-grade";

struct Candidate {
  EntryPtr entry;
  std::string_view grade;
  std::string_view score;
};

struct Asked {
  const fhir::Element* patient = nullptr;
  bool only_certain = false;
  std::size_t count = count_default;
};

Asked read(const fhir::Element& root) {
  Asked asked;
  if (root.resource_type() == "Patient") asked.patient = &root;
  if (root.resource_type() != "Parameters") return asked;
  for (const fhir::Element& parameter : root.children("parameter")) {
    const std::string_view name = parameter.value_of("name");
    if (name == "resource") asked.patient = parameter.first("resource");
    if (name == "onlyCertainMatches") {
      asked.only_certain = parameter.value_of("valueBoolean") == "true";
    }
    if (name == "count") {
      const std::string_view text = parameter.value_of("valueInteger");
      std::from_chars(text.data(), text.data() + text.size(), asked.count);
    }
  }
  return asked;
}

bool names_agree(const fhir::Element& a, const fhir::Element& b, std::string_view part) {
  for (const fhir::Element& name : a.children("name")) {
    for (const fhir::Element& value : name.children(part)) {
      const std::string wanted = fhir::search::folded(value.value());
      for (const fhir::Element& other : b.children("name")) {
        for (const fhir::Element& held : other.children(part)) {
          if (!wanted.empty() && fhir::search::folded(held.value()) == wanted) return true;
        }
      }
    }
  }
  return false;
}

void add_certain(const Services& services, const fhir::Element& patient,
                 std::vector<Candidate>& found) {
  for (const fhir::Element& identifier : patient.children("identifier")) {
    const std::string key = std::string{identifier.value_of("system")} + '|' +
                            std::string{identifier.value_of("value")};
    if (key.ends_with('|')) continue;
    for (EntryPtr& entry : services.book.by_identifier("Patient", key)) {
      found.push_back({std::move(entry), "certain", "1.0"});
    }
  }
}

bool has_identifier(const fhir::Element& patient) {
  const auto identifiers = patient.children("identifier");
  return std::any_of(identifiers.begin(), identifiers.end(),
                     [](const fhir::Element& each) { return !each.value_of("value").empty(); });
}

bool has_name_and_birth_date(const fhir::Element& patient) {
  const auto names = patient.children("name");
  return parse_iso_date(patient.value_of("birthDate")).has_value() &&
         std::any_of(names.begin(), names.end(), [](const fhir::Element& each) {
           return !each.value_of("family").empty() || each.first("given") != nullptr;
         });
}

void add_likely(EntryPtr entry, const fhir::Element& patient, std::vector<Candidate>& found) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(entry->body, doc, issues)) return;
  const bool family = names_agree(patient, doc.root(), "family");
  const bool given = names_agree(patient, doc.root(), "given");
  if (family && given) {
    found.push_back({std::move(entry), "probable", "0.8"});
  } else if (family || given) {
    found.push_back({std::move(entry), "possible", "0.5"});
  }
}

// Who cannot be looked for is not nobody: the answer, when the search could not be made.
std::optional<http::Response> add_likely(const Services& services, const Exchange& exchange,
                                         const fhir::Element& patient,
                                         std::vector<Candidate>& found) {
  if (!has_name_and_birth_date(patient)) return std::nullopt;
  const std::string_view born = patient.value_of("birthDate");
  LocalQuery query;
  query.type = "Patient";
  query.base = exchange.base;
  query.any_breadth = true;
  query.items = {{"birthdate", std::string{born}}, {"_count", std::to_string(count_max)}};
  while (true) {
    auto outcome = search_local(services, query);
    if (auto* response = std::get_if<http::Response>(&outcome)) return std::move(*response);
    auto& page = std::get<LocalPage>(outcome);
    for (EntryPtr& entry : page.matches) add_likely(std::move(entry), patient, found);
    if (!page.next) return std::nullopt;
    query.after = *page.next;
  }
}

void write(fhir::Document& doc, fhir::Element& bundle, const Exchange& exchange,
           const Candidate& one) {
  fhir::Document person;
  fhir::Issues issues;
  if (!fhir::json::read_view(one.entry->body, person, issues)) return;
  fhir::Element& entry = doc.append_item(bundle, "entry");
  doc.append(entry, "fullUrl", exchange.base + "/Patient/" + one.entry->id);
  doc.clone(entry, person.root(), "resource");
  fhir::Element& search = doc.append(entry, "search");
  fhir::Element& grade = doc.append_item(search, "extension");
  doc.append(grade, "url", grade_url);
  doc.append(grade, "valueCode", one.grade);
  doc.append(search, "mode", "match");
  doc.append(search, "score", one.score, fhir::Kind::number);
}

http::Response match(const Services& services, Exchange& exchange) {
  std::string text;
  if (auto response = take_plain_body(exchange.request, services.settings.body_bytes_max, text)) {
    return *std::move(response);
  }
  fhir::Document body;
  const std::string type{exchange.request.header("Content-Type").value_or("")};
  if (auto response = read_resource(type, std::move(text), body, services.validation.policy()))
    return *std::move(response);
  const Asked asked = read(body.root());
  if (asked.patient == nullptr || asked.patient->resource_type() != "Patient") {
    return bad_parameter("", "a Patient is needed, as parameter `resource`");
  }
  if (!has_identifier(*asked.patient) && !has_name_and_birth_date(*asked.patient)) {
    return bad_parameter("",
                         "nobody can be matched by this: give an identifier, or a full birth date "
                         "and a family or given name");
  }
  std::vector<Candidate> found;
  add_certain(services, *asked.patient, found);
  if (!asked.only_certain) {
    auto response = add_likely(services, exchange, *asked.patient, found);
    if (response) return *std::move(response);
  }
  std::vector<Candidate> best;
  for (Candidate& one : found) {
    const bool there = std::any_of(best.begin(), best.end(), [&](const Candidate& each) {
      return each.entry->id == one.entry->id;
    });
    if (!there && best.size() < std::min(asked.count, count_max)) best.push_back(std::move(one));
  }
  // Two people with the same identifier: neither is certain.
  if (asked.only_certain && best.size() > 1) best.clear();
  std::stable_sort(best.begin(), best.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  fhir::Document doc;
  fhir::Element& bundle = doc.set_root("Bundle");
  doc.append(bundle, "type", "searchset");
  doc.append(bundle, "total", std::to_string(best.size()), fhir::Kind::number);
  for (const Candidate& one : best) write(doc, bundle, exchange, one);
  return resource_answer(200, doc.root());
}

}  // namespace

void match_person(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), match);
}

}  // namespace cpis::fhir_api
