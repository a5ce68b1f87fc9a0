#include "gateway/fhir_api/search_request.h"

#include <algorithm>
#include <charconv>

#include "adapters/fhir_r4/systems.h"
#include "gateway/fhir_api/answers.h"

namespace cpis::fhir_api {
namespace {

// Parameters that shape the answer and are understood by every search.
constexpr std::string_view common_parameters[] = {"_format",  "_pretty",  "_count",
                                                  "_include", "_summary", "_elements"};

PatientParam from_number(const NhsNumber& number) { return {std::string{number.digits()}, number}; }

http::Response invalid_number(std::string_view parameter) {
  return bad_parameter(parameter, "Invalid NHS number", "INVALID_SEARCH_DATA");
}

std::variant<std::monostate, PatientParam, http::Response> read_reference(
    std::string_view parameter, std::string_view value) {
  const Token token = read_token(value);
  const bool of_the_nhs = token.system && (*token.system == fhir_r4::systems::nhs_number);
  if (token.system && !of_the_nhs) {
    return bad_parameter(parameter,
                         "the identifier system must be https://fhir.nhs.uk/Id/nhs-number",
                         "INVALID_SEARCH_DATA");
  }
  std::string_view text = token.code;
  if (const std::size_t slash = text.rfind('/'); !of_the_nhs && slash != text.npos) {
    const std::string_view type = text.substr(0, slash);
    if (!type.ends_with("Patient")) {
      return bad_parameter(parameter, "the reference must be to a Patient", "INVALID_SEARCH_DATA");
    }
    text.remove_prefix(slash + 1);
  }
  if (const auto number = NhsNumber::parse(text)) return from_number(*number);
  // Not a number: an opaque id of ours (32 hexadecimal digits) for people without one.
  const bool opaque = text.size() == 32 && text.find_first_not_of("0123456789abcdef") == text.npos;
  if (opaque && !of_the_nhs) return PatientParam{std::string{text}, std::nullopt};
  return invalid_number(parameter);
}

// The instants that a date value stands for, by its precision.
std::optional<DateRange> range_of(std::string_view text) {
  const auto day_start = [](Date day) { return from_london(day, Duration{0}); };
  if (text.size() == 4 || text.size() == 7) {
    const std::string first = std::string{text} + (text.size() == 4 ? "-01-01" : "-01");
    const auto day = parse_iso_date(first);
    if (!day) return std::nullopt;
    Date next = text.size() == 4
                    ? Date{day->year() + std::chrono::years{1}, day->month(), day->day()}
                    : Date{std::chrono::year_month_day{*day} + std::chrono::months{1}};
    return DateRange{day_start(*day), day_start(next)};
  }
  if (text.size() == 10) {
    const auto day = parse_iso_date(text);
    if (!day) return std::nullopt;
    return DateRange{day_start(*day), day_start(add_days(*day, 1))};
  }
  const auto instant = parse_iso_time(text);
  if (!instant) return std::nullopt;
  const bool fraction = text.find('.') != text.npos;
  return DateRange{*instant, *instant + (fraction ? Duration{1000} : Duration{1'000'000})};
}

bool narrow(DateRange& range, std::string_view value) {
  std::string_view prefix = "eq";
  if (value.size() > 2 && value[0] >= 'a' && value[0] <= 'z') {
    prefix = value.substr(0, 2);
    value.remove_prefix(2);
  }
  const auto asked = range_of(value);
  if (!asked) return false;
  if (prefix == "eq") {
    range.from = std::max(range.from, asked->from);
    range.to = std::min(range.to, asked->to);
  } else if (prefix == "ge") {
    range.from = std::max(range.from, asked->from);
  } else if (prefix == "gt" || prefix == "sa") {
    range.from = std::max(range.from, asked->to);
  } else if (prefix == "le") {
    range.to = std::min(range.to, asked->to);
  } else if (prefix == "lt" || prefix == "eb") {
    range.to = std::min(range.to, asked->from);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string_view base_name(std::string_view parameter) {
  return parameter.substr(0, parameter.find(':'));
}

std::optional<http::Response> refuse_unknown(const http::QueryString& query,
                                             std::span<const SearchParam> known) {
  for (const http::QueryParameter& parameter : query.parameters()) {
    const bool common = std::find(std::begin(common_parameters), std::end(common_parameters),
                                  parameter.name) != std::end(common_parameters);
    const bool ours = std::any_of(known.begin(), known.end(), [&](const SearchParam& param) {
      return param.name == parameter.name;
    });
    if (common || ours) continue;
    std::string names;
    for (const SearchParam& param : known) names += std::string{param.name} + ", ";
    fhir_r4::OutcomeIssue issue;
    issue.code = "not-supported";
    issue.detail_code = "INVALID_SEARCH_DATA";
    issue.diagnostics = "there is no such search parameter here; valid ones are " + names +
                        "_count, _include, _format";
    issue.expression = "http." + std::string{base_name(parameter.name)};
    return outcome_answer(400, issue);
  }
  return std::nullopt;
}

Token read_token(std::string_view text) {
  const std::size_t bar = text.find('|');
  if (bar == text.npos) return {std::nullopt, std::string{text}};
  return {std::string{text.substr(0, bar)}, std::string{text.substr(bar + 1)}};
}

bool Token::matches(std::string_view other_system, std::string_view other_code) const {
  if (system && *system != other_system) return false;
  return code.empty() || code == other_code;
}

std::vector<std::string> alternatives(std::string_view value) {
  std::vector<std::string> all(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      all.back() += value[++i];
    } else if (value[i] == ',') {
      all.emplace_back();
    } else {
      all.back() += value[i];
    }
  }
  return all;
}

std::variant<std::monostate, PatientParam, http::Response> read_patient(
    const http::QueryString& query) {
  for (const std::string_view name : {"patient", "patient:identifier", "subject",
                                      "subject:identifier", "patient:Patient", "subject:Patient"}) {
    const auto values = query.all(name);
    if (values.empty()) continue;
    if (values.size() > 1) {
      return bad_parameter(base_name(name), "one person at a time", "INVALID_SEARCH_DATA");
    }
    return read_reference(base_name(name), values.front());
  }
  return std::monostate{};
}

std::optional<DateRange> read_dates(const http::QueryString& query, std::string_view name) {
  DateRange range;
  for (const std::string_view value : query.all(name)) {
    if (!narrow(range, value)) return std::nullopt;
  }
  return range;
}

std::optional<std::size_t> read_count(const http::QueryString& query) {
  const auto text = query.first("_count");
  if (!text) return count_default;
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return std::min(count, count_max);
}

bool includes(const http::QueryString& query, std::string_view what) {
  for (const std::string_view value : query.all("_include")) {
    if (value == "*" || value == what) return true;
    const std::string_view resource = what.substr(0, what.find(':'));
    if (value == std::string{resource} + ":*") return true;
    if (value.starts_with(what) && value.size() > what.size() && value[what.size()] == ':') {
      return true;
    }
    // NHS form: AuditEvent:entity-type=SYSTEM|CODE arrives with its value after the '='.
    if (value.starts_with(what) && value.size() > what.size() && value[what.size()] == '=') {
      return true;
    }
  }
  return false;
}

}  // namespace cpis::fhir_api
