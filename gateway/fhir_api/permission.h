#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/auth/refusal.h"
#include "gateway/http/query_string.h"

namespace cpis::fhir_api {

/// One thing that must be permitted.
struct Need {
  std::string type;  ///< resource type; `*`: all of them
  auth::Action action;
};

/// What a request needs to be permitted, from its method, its path below the base (as on the wire)
/// and its query: the interaction itself, and every type that _include or _revinclude brings
/// along. Nothing for metadata, `$validate`, `$convert`, `$expand`, `$validate-code` and for a
/// Bundle of entries: each entry of a batch or transaction must be asked about on its own.
std::vector<Need> needs_of(std::string_view method, std::string_view below,
                           const http::QueryString& query);

/// 403 with `insufficient_scope` and the scope that is missing, when the identity may not do it.
std::optional<auth::Refusal> refuse_by_scope(const auth::Identity& who, std::string_view method,
                                             std::string_view below,
                                             const http::QueryString& query);

}  // namespace cpis::fhir_api
