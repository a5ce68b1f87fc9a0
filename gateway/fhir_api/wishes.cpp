#include "gateway/fhir_api/wishes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "gateway/fhir_api/answers.h"
#include "gateway/http/gzip.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t media_ranges_max = 32;
constexpr std::size_t elements_max = 100;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return trimmed(part);
}

struct Range {
  std::string_view type;
  int thousandths = 1000;
  bool other_version = false;  // fhirVersion that is not ours
};

Range read_range(std::string_view text) {
  Range range;
  range.type = cut(text, ';');
  while (!text.empty()) {
    std::string_view value = cut(text, ';');
    const std::string_view name = cut(value, '=');
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    if (http::same_name(name, "q")) {
      range.thousandths = 0;
      if (value.starts_with('1')) range.thousandths = 1000;
      if (value.starts_with("0.")) {
        std::string digits{value.substr(2, 3)};
        digits.resize(3, '0');
        std::from_chars(digits.data(), digits.data() + 3, range.thousandths);
      }
    }
    if (http::same_name(name, "fhirVersion")) range.other_version = !value.starts_with("4.0");
  }
  return range;
}

// The best of what we can send; nothing when the client takes neither.
std::optional<MediaType> negotiate(std::string_view accept) {
  int json = -1, xml = -1, any = -1;
  for (std::size_t i = 0; !accept.empty() && i < media_ranges_max; ++i) {
    const Range range = read_range(cut(accept, ','));
    if (range.other_version) continue;
    const MediaType type = media_type_of(range.type);
    if (type == MediaType::json) json = std::max(json, range.thousandths);
    if (type == MediaType::xml) xml = std::max(xml, range.thousandths);
    const bool wild = range.type == "*/*" || range.type == "application/*" || range.type == "*";
    if (wild) any = std::max(any, range.thousandths);
  }
  if (json < 0) json = any;
  if (xml < 0) xml = any;
  if (json <= 0 && xml <= 0) return std::nullopt;
  return xml > json ? MediaType::xml : MediaType::json;
}

http::Response not_acceptable() {
  fhir_r4::OutcomeIssue issue;
  issue.code = "not-supported";
  issue.diagnostics = "only application/fhir+json and application/fhir+xml of FHIR 4.0 can be sent";
  return outcome_answer(406, issue);
}

std::optional<http::Response> read_format(Wishes& wishes, const http::Request& request,
                                          const http::QueryString& query) {
  if (const auto format = query.first("_format")) {
    // An unencoded `+` of `application/fhir+json` arrives as a blank (3.1.0.1.11).
    std::string text{*format};
    std::replace(text.begin(), text.end(), ' ', '+');
    const MediaType type = media_type_of(text);
    if (type == MediaType::neither) return not_acceptable();
    wishes.xml = type == MediaType::xml;
    return std::nullopt;
  }
  const auto accept = request.header("Accept");
  if (!accept || accept->empty()) return std::nullopt;
  const auto type = negotiate(*accept);
  if (!type) return not_acceptable();
  wishes.xml = *type == MediaType::xml;
  return std::nullopt;
}

void read_prefer(Wishes& wishes, const http::Request& request) {
  for (std::string_view all : request.headers("Prefer")) {
    while (!all.empty()) {
      const std::size_t end = all.find_first_of(",;");
      const std::string_view one = trimmed(all.substr(0, end));
      all.remove_prefix(end == all.npos ? all.size() : end + 1);
      if (one == "return=minimal") wishes.returned = Return::minimal;
      if (one == "return=representation") wishes.returned = Return::representation;
      if (one == "return=OperationOutcome") wishes.returned = Return::outcome;
      if (one == "handling=strict") wishes.handling = Handling::strict;
      if (one == "handling=lenient") wishes.handling = Handling::lenient;
    }
  }
}

bool read_shape(Wishes& wishes, const http::QueryString& query, std::string_view& bad) {
  if (const auto pretty = query.first("_pretty")) {
    bad = "_pretty";
    if (*pretty != "true" && *pretty != "false") return false;
    wishes.pretty = *pretty == "true";
  }
  if (const auto summary = query.first("_summary")) {
    constexpr std::array<std::string_view, 5> words{"false", "true", "text", "data", "count"};
    const auto word = std::find(words.begin(), words.end(), *summary);
    bad = "_summary";
    if (word == words.end()) return false;
    wishes.summary = static_cast<Summary>(word - words.begin());
  }
  bad = "_elements";
  for (std::string_view all : query.all("_elements")) {
    while (!all.empty()) {
      const std::string_view one = cut(all, ',');
      if (one.empty() || wishes.elements.size() == elements_max) return false;
      wishes.elements.emplace_back(one);
    }
  }
  return true;
}

}  // namespace

MediaType media_type_of(std::string_view text) {
  const std::string_view type = cut(text, ';');
  for (const std::string_view name :
       {"application/fhir+json", "application/json", "text/json", "json"}) {
    if (http::same_name(type, name)) return MediaType::json;
  }
  for (const std::string_view name :
       {"application/fhir+xml", "application/xml", "text/xml", "xml"}) {
    if (http::same_name(type, name)) return MediaType::xml;
  }
  return MediaType::neither;
}

bool names_other_version(std::string_view media_type) {
  return read_range(media_type).other_version;
}

std::variant<Wishes, http::Response> read_wishes(const http::Request& request,
                                                 const http::QueryString& query) {
  Wishes wishes;
  if (auto refused = read_format(wishes, request, query)) return *std::move(refused);
  std::string_view bad;
  if (!read_shape(wishes, query, bad)) return bad_parameter(bad, "this value is not known");
  read_prefer(wishes, request);
  const auto encoding = request.header("Accept-Encoding");
  wishes.gzip = encoding && http::accepts_gzip(*encoding);
  return wishes;
}

}  // namespace cpis::fhir_api
