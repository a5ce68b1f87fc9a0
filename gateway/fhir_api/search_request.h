#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"
#include "gateway/http/query_string.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// One search parameter that a route understands. The CapabilityStatement is made from these rows.
struct SearchParam {
  std::string_view name;
  std::string_view type;  ///< FHIR search parameter type
  std::string_view documentation;
};

inline constexpr std::size_t count_default = 50;
inline constexpr std::size_t count_max = 500;

/// Refuses a parameter that the route does not know, with the valid names: silently ignoring one
/// would answer another question than was asked. Empty when all are known.
std::optional<http::Response> refuse_unknown(const http::QueryString& query,
                                             std::span<const SearchParam> known);

/// `base` without a `:modifier`.
std::string_view base_name(std::string_view parameter);

/// A token as `system|code`, `|code`, `code` or `system|`.
struct Token {
  std::optional<std::string> system;  ///< absent: any; empty: none
  std::string code;

  bool matches(std::string_view other_system, std::string_view other_code) const;
};
Token read_token(std::string_view text);
/// The alternatives of one parameter (comma), `\,` kept.
std::vector<std::string> alternatives(std::string_view value);

/// Whom a search is about: `patient` or `subject` as `Patient/ID`, as a URL ending in it, as a bare
/// NHS number or `system|number`, and `patient:identifier` as `system|number`. Nothing when the
/// parameter is missing; a response when it cannot be read.
struct PatientParam {
  std::string id;  ///< FHIR id of the patient
  std::optional<NhsNumber> nhs_number;
};
std::variant<std::monostate, PatientParam, http::Response> read_patient(
    const http::QueryString& query);

/// A date parameter as a half-open range of instants; England's days for dates without time.
struct DateRange {
  Time from{Time::min()};
  Time to{Time::max()};
};
/// All `name` parameters together (AND). Nothing when one of them cannot be read.
std::optional<DateRange> read_dates(const http::QueryString& query, std::string_view name);

/// `_count`, bounded; nothing when it is not a number.
std::optional<std::size_t> read_count(const http::QueryString& query);

/// Whether `_include` asks for this (`Flag:author`, with or without a target type), or for all.
bool includes(const http::QueryString& query, std::string_view what);

}  // namespace cpis::fhir_api
