#pragma once

#include <span>
#include <string_view>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/search_request.h"
#include "gateway/fhir_api/services.h"
#include "gateway/fhir_api/target.h"

namespace cpis::fhir_api {

using Handler = void (*)(const Services&, Exchange&&);

/// One interaction the FHIR face offers. The router, the CapabilityStatement, openapi.json and the
/// README's table are made from these rows, so they cannot disagree.
struct Route {
  std::string_view type;         ///< first part of the path below the base; empty: the system
  std::string_view interaction;  ///< FHIR code: read, search-type, create; or `operation`
  Handler handle;
  std::string_view documentation;
  std::span<const SearchParam> params{};
  std::string_view includes{};   ///< _include values, separated by blanks
  std::string_view resource{};   ///< what is returned, where it is not `type`
  std::string_view operation{};  ///< name without `$`; then `level` and `methods` say where and how
  Level level = Level::type;
  std::string_view methods = "POST";  ///< of an operation, separated by blanks
  /// Asks about a person: audited first, and from unscheduled care told to a council. HEAD is
  /// refused, since it would tell a council about an answer nobody sees.
  bool look = false;
  /// What it shows is in the audit whatever `audit.interactions` says (InteractionAudit).
  bool traced = false;
};

/// All rows, by type. Each file of interactions brings its own; routes.cpp lists them.
std::span<const Route> routes();

/// The row for a type and interaction, or null.
const Route* find_route(std::string_view type, std::string_view interaction);
/// The row for an operation, or null.
const Route* find_operation(std::string_view type, Level level, std::string_view name);
/// True when any row serves the type.
bool serves(std::string_view type);

}  // namespace cpis::fhir_api
