#include "gateway/fhir_api/resource_api.h"

#include <algorithm>

#include "adapters/fhir_r4/systems.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"

namespace cpis::fhir_api {
namespace {

using resources::Entry;
using resources::EntryPtr;

http::Response entry_answer(const Entry& entry) {
  http::Response response{200, std::string{fhir_json}, entry.body};
  response.set("ETag", "W/\"" + std::to_string(entry.version) + "\"");
  response.set("Cache-Control", "no-store");
  return response;
}

void read(const Services& services, Exchange&& exchange, std::string_view type) {
  const EntryPtr entry = services.book.find(type, exchange.id);
  if (!entry) {
    return exchange.send(
        error_answer({ErrorKind::not_found, "there is no such " + std::string{type}}));
  }
  exchange.send(entry_answer(*entry));
}

// Bodies are ready to send, so the Bundle is put together as text around them.
http::Response searchset(const Exchange& exchange, std::string_view type,
                         const std::vector<EntryPtr>& entries, std::size_t total, Time now) {
  std::string out = R"({"resourceType":"Bundle","meta":{"lastUpdated":")" + to_iso(now) +
                    R"("},"type":"searchset","total":)" + std::to_string(total) +
                    R"(,"link":[{"relation":"self","url":)";
  const std::string query = http::write_query(exchange.query.parameters());
  fhir::json::write_string(
      out, exchange.base + '/' + std::string{type} + (query.empty() ? "" : '?' + query));
  out += "}]";
  const char* separator = R"(,"entry":[)";
  for (const EntryPtr& entry : entries) {
    out += separator;
    separator = ",";
    out += R"({"fullUrl":)";
    fhir::json::write_string(out, exchange.base + '/' + entry->type + '/' + entry->id);
    out += R"(,"resource":)" + entry->body + R"(,"search":{"mode":"match"}})";
  }
  out += entries.empty() ? "}" : "]}";
  http::Response response{200, std::string{fhir_json}, std::move(out)};
  response.set("Cache-Control", "no-store");
  return response;
}

std::vector<EntryPtr> by_tokens(const Services& services, std::string_view type,
                                std::string_view parameter, std::string_view value) {
  std::vector<EntryPtr> found;
  for (const std::string& one : alternatives(value)) {
    if (parameter == "_id") {
      if (auto entry = services.book.find(type, one)) found.push_back(std::move(entry));
      continue;
    }
    const Token token = read_token(one);
    std::string code = token.code;
    if (token.system == fhir_r4::systems::nhs_number) {
      if (const auto number = NhsNumber::parse(code)) code = number->digits();
    }
    for (const std::string& system :
         token.system ? std::vector<std::string>{*token.system}
                      : std::vector<std::string>{"", std::string{fhir_r4::systems::nhs_number}}) {
      for (EntryPtr& entry : services.book.by_identifier(type, system + '|' + code)) {
        found.push_back(std::move(entry));
      }
    }
  }
  return found;
}

void answer_page(const Services& services, Exchange& exchange, std::string_view type,
                 std::vector<EntryPtr> entries) {
  const auto count = read_count(exchange.query);
  if (!count) return exchange.send(bad_parameter("_count", "a whole number is needed"));
  const std::size_t total = entries.size();
  if (entries.size() > *count) entries.resize(*count);
  exchange.send(searchset(exchange, type, entries, total, services.clock.now()));
}

bool overlaps(const Entry& entry, const DateRange& range) {
  const bool unbounded = range.from == Time::min() && range.to == Time::max();
  if (unbounded) return true;
  if (!entry.keys.start) return false;
  return *entry.keys.start < range.to && (!entry.keys.end || *entry.keys.end >= range.from);
}

bool tokens_match(const http::QueryString& query, std::string_view name, std::string_view code) {
  const auto values = query.all(name);
  return std::all_of(values.begin(), values.end(), [&](std::string_view value) {
    const auto all = alternatives(value);
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& one) { return read_token(one).code == code; });
  });
}

constexpr std::size_t encounters_looked_at_max = 5000;

// Where to look: by the most selective parameter given. Nothing, with the exchange answered, when
// none is given or one cannot be read.
std::optional<std::vector<EntryPtr>> candidates(const Services& services, Exchange& exchange,
                                                const DateRange& dates) {
  for (const std::string_view name : {"_id", "identifier"}) {
    if (const auto value = exchange.query.first(name)) {
      return by_tokens(services, "Encounter", name, *value);
    }
  }
  auto patient = read_patient(exchange.query);
  if (auto* response = std::get_if<http::Response>(&patient)) {
    exchange.send(std::move(*response));
    return std::nullopt;
  }
  if (const auto* person = std::get_if<PatientParam>(&patient)) {
    return services.book.of_patient("Encounter", person->id);
  }
  if (exchange.query.first("date")) {
    return services.book.started_between("Encounter", dates.from, dates.to,
                                         encounters_looked_at_max);
  }
  exchange.send(bad_parameter("patient",
                              "the search is too wide: give patient, identifier, _id or date",
                              "INVALID_SEARCH_DATA"));
  return std::nullopt;
}

}  // namespace

void read_patient_resource(const Services& services, Exchange&& exchange) {
  read(services, std::move(exchange), "Patient");
}

void read_encounter(const Services& services, Exchange&& exchange) {
  read(services, std::move(exchange), "Encounter");
}

void search_patients(const Services& services, Exchange&& exchange) {
  if (auto refused = refuse_unknown(exchange.query, patient_params)) {
    return exchange.send(*std::move(refused));
  }
  for (const std::string_view name : {"_id", "identifier"}) {
    const auto value = exchange.query.first(name);
    if (!value) continue;
    return answer_page(services, exchange, "Patient", by_tokens(services, "Patient", name, *value));
  }
  exchange.send(bad_parameter("identifier", "the search is too wide: give identifier or _id",
                              "INVALID_SEARCH_DATA"));
}

void search_encounters(const Services& services, Exchange&& exchange) {
  if (auto refused = refuse_unknown(exchange.query, encounter_params)) {
    return exchange.send(*std::move(refused));
  }
  const auto dates = read_dates(exchange.query, "date");
  if (!dates) return exchange.send(bad_parameter("date", "a date like ge2026-01-31 is needed"));
  auto entries = candidates(services, exchange, *dates);
  if (!entries) return;
  std::erase_if(*entries, [&](const EntryPtr& entry) {
    return !overlaps(*entry, *dates) ||
           !tokens_match(exchange.query, "status", entry->keys.status) ||
           !tokens_match(exchange.query, "class", entry->keys.class_code);
  });
  std::stable_sort(entries->begin(), entries->end(), [](const EntryPtr& a, const EntryPtr& b) {
    return a->keys.start > b->keys.start;
  });
  answer_page(services, exchange, "Encounter", *std::move(entries));
}

}  // namespace cpis::fhir_api
