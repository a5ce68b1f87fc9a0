#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"

namespace cpis::fhir_api {

/// Asks about a person for this exchange and renders the answer on its loop. `render` gets the
/// record, or null when none is held; when nobody could say, the exchange is answered here.
using RenderRecord = std::function<http::Response(const Exchange&, const ProtectionRecord*)>;
/// `beside` names resources of this place that are shown with it, as the audit names them.
void ask(const Services& services, Exchange&& exchange, const NhsNumber& person,
         std::string_view action, RenderRecord render, std::string beside = {});

/// `Patient/1 Flag/2`.
std::string names_of(const std::vector<resources::EntryPtr>& entries);

/// What a reader of a person's record must know beside it: it goes into the answer as a warning.
struct Remark {
  std::string_view code;  ///< of the issue
  std::string_view text;
};
/// `record` is null when none is held.
std::vector<Remark> remarks_on(const Exchange& asked, const ProtectionRecord* record);

}  // namespace cpis::fhir_api
