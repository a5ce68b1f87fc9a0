#pragma once

#include <functional>
#include <string>

#include "adapters/core/caller.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/protection.h"

namespace cpis {

/// One question about one person. It has one id, one deadline and one outcome.
struct ProtectionQuestion {
  std::string id;  ///< UUID, upper case
  NhsNumber person;
  Caller caller;
  Time asked{};
  Time deadline{};
  /// The asker's own access token, for a source that passes it on; never kept and never logged.
  std::string user_token{};
  /// Trace id or correlation id of what made somebody ask; calls to others are traced under it.
  std::string trace{};
};

/// Where child protection records come from: the embedded register, Spine or the CP-IS FHIR API.
///
/// Safe to call from many threads; `ask` does not block. `done` is called exactly once, on any
/// thread, not later than shortly after the deadline. An unscheduled question that may have been
/// received is never asked again by the source: it would notify a council twice.
class ProtectionSource {
 public:
  using Done = std::function<void(ProtectionAnswer)>;

  virtual ~ProtectionSource() = default;
  virtual void ask(ProtectionQuestion question, Done answered) = 0;
};

}  // namespace cpis
