#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cpis::fhir_api {

struct Route;

/// What an operation is called on.
enum class Level : std::uint8_t { system, type, instance };

/// Where a request below the base leads.
struct Target {
  std::string type;  ///< empty: the system
  std::string id;
  std::string version;      ///< of `_history/VERSION`
  std::string compartment;  ///< `Patient` in `Patient/1/Encounter`, whose id is then `id`
  std::string interaction;  ///< FHIR code, or `operation`
  std::string operation;    ///< name without `$`
  Level level = Level::type;
  bool search_by_post = false;
  /// Methods that the path has rows for, as `Allow` lists them; for 405 and OPTIONS.
  std::string allowed;
  const Route* route = nullptr;  ///< null: 404 when nothing is allowed there, else 405
};

/// Pure: `below` is what follows the base and its slash, still percent-encoded.
Target target_of(std::string_view method, std::string_view below);

}  // namespace cpis::fhir_api
