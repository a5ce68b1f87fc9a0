#include "gateway/fhir_api/search_candidates.h"

#include <algorithm>

#include "adapters/core/nhs_number.h"
#include "adapters/fhir_r4/systems.h"
#include "gateway/fhir_api/answers.h"

namespace cpis::fhir_api {
namespace {

using fhir::search::Criterion;
using fhir::search::Modifier;
using fhir::search::Prefix;
using fhir::search::Query;
using resources::EntryPtr;
using resources::ResourceBook;

// An id that no resource has: finds nothing, and is well formed.
constexpr std::string_view nobody = "-";

http::Response invalid_number(std::string_view parameter) {
  return bad_parameter(parameter, "Invalid NHS number", "INVALID_SEARCH_DATA");
}

bool all_digits(std::string_view text) {
  return text.size() == 10 && text.find_first_not_of("0123456789") == text.npos;
}

// `system|value` to references to the people who have it.
bool add_people(const ResourceBook& book, std::string_view token, std::string& out) {
  const Token read = read_token(token);
  std::string code = read.code;
  if (read.system == fhir_r4::systems::nhs_number) {
    const auto number = NhsNumber::parse(code);
    if (!number) return false;
    code = number->digits();
    out += (out.empty() ? "Patient/" : ",Patient/") + code;
    return true;
  }
  const auto people = read.system ? book.by_identifier("Patient", *read.system + '|' + code)
                                  : book.by_identifier_value("Patient", code);
  for (const EntryPtr& person : people) {
    out += (out.empty() ? "Patient/" : ",Patient/") + person->id;
  }
  return true;
}

// False when an NHS number cannot be one.
bool reference_of(const ResourceBook& book, std::string_view text, std::string& out) {
  if (text.find('|') != text.npos) return add_people(book, text, out);
  const std::size_t slash = text.rfind('/');
  std::string id{text.substr(slash == text.npos ? 0 : slash + 1)};
  const std::string head{text.substr(0, slash == text.npos ? 0 : slash + 1)};
  const bool has_blank = id.find(' ') != std::string::npos;
  if (all_digits(id) || has_blank) {
    const auto number = NhsNumber::parse(id);
    if (!number) return false;
    id = number->digits();
  }
  out += (out.empty() ? "" : ",") + (head.empty() ? "Patient/" : head) + id;
  return true;
}

void add(std::vector<EntryPtr>& all, std::vector<EntryPtr>&& some) {
  for (EntryPtr& entry : some) all.push_back(std::move(entry));
}

std::vector<EntryPtr> identified(const ResourceBook& book, std::string_view type,
                                 const Criterion& criterion) {
  std::vector<EntryPtr> found;
  for (const auto& value : criterion.values) {
    add(found, value.system_given ? book.by_identifier(type, value.system + '|' + value.text)
                                  : book.by_identifier_value(type, value.text));
  }
  return found;
}

bool indexed_identifier(const Criterion& criterion) {
  return criterion.name == "identifier" && criterion.modifier == Modifier::none &&
         std::all_of(criterion.values.begin(), criterion.values.end(),
                     [](const auto& value) { return !value.text.empty(); });
}

bool names_person(const Criterion& criterion) {
  return (criterion.name == "patient" || criterion.name == "subject" ||
          criterion.name == "beneficiary") &&
         criterion.reverse_type.empty() &&
         (criterion.modifier == Modifier::none ||
          (criterion.modifier == Modifier::type && criterion.target == "Patient"));
}

bool says(const Criterion& criterion) {
  return criterion.chain.empty() && criterion.reverse_type.empty() &&
         (criterion.modifier == Modifier::none || criterion.modifier == Modifier::exact);
}

// A day or a month, or several days: not "born since 1900".
bool is_narrow_birth_date(const Criterion& criterion) {
  constexpr std::int64_t milliseconds_max = std::int64_t{31} * 24 * 60 * 60 * 1000;
  if (criterion.name != "birthdate" || !says(criterion)) return false;
  std::int64_t sum = 0;
  for (const auto& value : criterion.values) {
    if (value.prefix != Prefix::eq) return false;
    sum += std::min(value.time.to - value.time.from, milliseconds_max + 1);
  }
  return sum <= milliseconds_max;
}

// A day sorts behind its month and its year, which may be all that is known of somebody.
std::vector<EntryPtr> born(const ResourceBook& book, const Criterion& criterion) {
  std::vector<EntryPtr> found;
  for (const auto& value : criterion.values) {
    std::string first = to_iso(from_micros(value.time.from * 1000)).substr(0, 10);
    if (first.ends_with("-01")) first.resize(first.ends_with("-01-01") ? 4 : 7);
    const std::string last = to_iso(from_micros((value.time.to - 1) * 1000)).substr(0, 10);
    add(found, book.born_between(first, last));
  }
  return found;
}

std::optional<std::vector<EntryPtr>> by_criterion(const ResourceBook& book, std::string_view type,
                                                  const Criterion& criterion) {
  std::vector<EntryPtr> found;
  if (names_person(criterion)) {
    if (!criterion.chain.empty()) {
      const auto by_person = std::find_if(criterion.chain.begin(), criterion.chain.end(),
                                          [](const auto& each) { return each.type == "Patient"; });
      if (by_person == criterion.chain.end() || !indexed_identifier(*by_person)) {
        return std::nullopt;
      }
      for (const EntryPtr& person : identified(book, "Patient", *by_person)) {
        add(found, book.of_patient(type, person->id));
      }
      return found;
    }
    for (const auto& value : criterion.values) {
      add(found, book.of_patient(type, value.reference.id));
    }
    return found;
  }
  if (!criterion.chain.empty() || criterion.modifier != Modifier::none) return std::nullopt;
  if (criterion.name == "target" && type == "Provenance") {
    for (const auto& value : criterion.values) {
      // The one that tells of a visit or of a person alone has its id.
      if (auto entry = book.find(type, value.reference.id)) found.push_back(std::move(entry));
      if (value.reference.type == "Patient") add(found, book.of_patient(type, value.reference.id));
    }
    return found;
  }
  if (criterion.name == "_id") {
    for (const auto& value : criterion.values) {
      if (auto entry = book.find(type, value.text)) found.push_back(std::move(entry));
    }
    return found;
  }
  if (indexed_identifier(criterion)) return identified(book, type, criterion);
  return std::nullopt;
}

Time moment(std::int64_t milliseconds) {
  constexpr std::int64_t limit = std::int64_t{1} << 52U;
  if (milliseconds >= limit) return Time::max();
  if (milliseconds <= -limit) return Time::min();
  return from_micros(milliseconds * 1000);
}

Window window_of(const fhir::search::Value& value) {
  const Time from = moment(value.time.from);
  const Time to = moment(value.time.to);
  switch (value.prefix) {
    case Prefix::eq:
      return {from, to};
    case Prefix::gt:
    case Prefix::ge:
      return {from, Time::max()};
    case Prefix::sa:
      return {to, Time::max()};
    case Prefix::lt:
    case Prefix::le:
      return {Time::min(), to};
    case Prefix::eb:
      return {Time::min(), from};
    default:
      return {};
  }
}

bool token_fits(const Query& query, std::string_view name, const std::string& code) {
  return std::all_of(query.criteria.begin(), query.criteria.end(), [&](const Criterion& each) {
    if (each.name != name || each.modifier != Modifier::none || !each.chain.empty()) return true;
    return std::any_of(each.values.begin(), each.values.end(),
                       [&](const auto& value) { return value.text.empty() || value.text == code; });
  });
}

bool is_narrow_name(const Criterion& criterion) {
  constexpr std::string_view names[] = {"family", "given", "name", "phonetic"};
  constexpr std::size_t values_max = 4;
  return says(criterion) && criterion.values.size() <= values_max &&
         std::find(std::begin(names), std::end(names), criterion.name) != std::end(names) &&
         std::all_of(criterion.values.begin(), criterion.values.end(),
                     [](const auto& value) { return value.text.size() >= 2; });
}

}  // namespace

std::variant<SearchItems, http::Response> normalised(const Services& services,
                                                     const SearchItems& items) {
  SearchItems out;
  for (const auto& [name, value] : items) {
    const std::string_view head = base_name(name);
    const std::string_view modifier = std::string_view{name}.substr(head.size());
    const bool person = head == "patient" || head == "subject";
    if (!person || (!modifier.empty() && modifier != ":identifier" && modifier != ":Patient")) {
      out.emplace_back(name, value);
      continue;
    }
    std::string references;
    for (const std::string& one : alternatives(value)) {
      const bool good = modifier == ":identifier" ? add_people(services.book, one, references)
                                                  : reference_of(services.book, one, references);
      if (!good) return invalid_number(head);
    }
    if (references.empty()) references = "Patient/" + std::string{nobody};
    out.emplace_back(std::string{head}, std::move(references));
  }
  return out;
}

std::optional<std::vector<EntryPtr>> candidates_of(const ResourceBook& book, const Query& query) {
  for (const Criterion& criterion : query.criteria) {
    auto found = by_criterion(book, query.type, criterion);
    if (!found) continue;
    std::sort(found->begin(), found->end());
    found->erase(std::unique(found->begin(), found->end()), found->end());
    return found;
  }
  return std::nullopt;
}

std::optional<std::vector<EntryPtr>> born_candidates(const ResourceBook& book, const Query& query) {
  if (query.type != "Patient") return std::nullopt;
  const auto found =
      std::find_if(query.criteria.begin(), query.criteria.end(), is_narrow_birth_date);
  return found == query.criteria.end() ? std::nullopt : std::optional{born(book, *found)};
}

std::optional<Window> window_of(const Query& query) {
  std::optional<Window> all;
  for (const Criterion& criterion : query.criteria) {
    const bool plain = criterion.name == "date" && criterion.modifier == Modifier::none;
    if (!plain || !criterion.chain.empty()) continue;
    Window any{Time::max(), Time::min()};
    for (const auto& value : criterion.values) {
      const Window one = window_of(value);
      any = {std::min(any.from, one.from), std::max(any.to, one.to)};
    }
    if (!all) all.emplace();
    all = Window{std::max(all->from, any.from), std::min(all->to, any.to)};
  }
  return all;
}

bool may_match(const Query& query, const resources::Entry& entry) {
  return token_fits(query, "status", entry.keys.status) &&
         token_fits(query, "class", entry.keys.class_code);
}

bool about_people(std::string_view type) {
  constexpr std::string_view others[] = {"Location", "Organization", "Practitioner",
                                         "PractitionerRole"};
  return std::find(std::begin(others), std::end(others), type) == std::end(others);
}

bool narrow_enough(const Query& query) {
  return query.type == "Patient" &&
         std::any_of(query.criteria.begin(), query.criteria.end(), is_narrow_birth_date) &&
         std::any_of(query.criteria.begin(), query.criteria.end(), is_narrow_name);
}

std::string_view narrow_words(std::string_view type) {
  if (type == "Patient") {
    return "identifier, _id, or a birthdate (a day or a month, no lt or ge) with family, given or "
           "name (two letters or more)";
  }
  if (type == "Encounter") return "patient, identifier, _id or date";
  return "patient or _id";
}

}  // namespace cpis::fhir_api
