#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cpis::fhir_api {

/// Who may ask.
enum class Asker : std::uint8_t { anybody, client, admin, cds_client, asserted_client };

/// What is served beside the interactions of routes.h, for openapi.json and its test. Paths begin
/// at the root of the server.
struct OtherPlace {
  std::string path;         ///< `/admin/notices/{id}`
  std::string_view method;  ///< in small letters, as OpenAPI writes it
  std::string_view tag;
  std::string_view summary;
  Asker asker = Asker::anybody;
  std::string_view sends{};  ///< media type of the body; empty: none
  std::string_view answers = "application/json";
  std::string_view query{};  ///< names of query parameters, separated by blanks
};

/// All of them, CDS services by their table. `token_endpoint`: those of the embedded authorization
/// server too.
std::vector<OtherPlace> other_places(bool token_endpoint);

/// The operation object of one. `token_demanded`: that clients need a token is said.
std::string openapi_operation(const OtherPlace& place, bool token_demanded);

}  // namespace cpis::fhir_api
