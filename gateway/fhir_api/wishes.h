#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/http/query_string.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

enum class Summary : std::uint8_t { off, on, text, data, count };
enum class Return : std::uint8_t { unsaid, minimal, representation, outcome };
enum class Handling : std::uint8_t { unsaid, strict, lenient };

/// How a client wants its answer: Accept, Accept-Encoding and Prefer, and the parameters _format,
/// _pretty, _summary and _elements (FHIR R4 3.1.0.1.11, 3.1.0.1.14, 3.1.1.6).
struct Wishes {
  bool xml = false;
  bool pretty = false;
  bool gzip = false;
  Summary summary = Summary::off;
  std::vector<std::string> elements;  ///< `status` or `Flag.status`
  Return returned = Return::unsaid;
  Handling handling = Handling::unsaid;

  /// JSON as it is: nothing to do.
  bool plain() const {
    return !xml && !pretty && !gzip && summary == Summary::off && elements.empty();
  }
};

/// 406 for a format that cannot be sent, 400 for a parameter that cannot be read.
std::variant<Wishes, http::Response> read_wishes(const http::Request& request,
                                                 const http::QueryString& query);

/// The format that a media type names, with or without parameters; `neither` for another one.
enum class MediaType : std::uint8_t { neither, json, xml };
MediaType media_type_of(std::string_view text);
/// Whether a media type has a fhirVersion that is not R4's.
bool names_other_version(std::string_view media_type);

}  // namespace cpis::fhir_api
